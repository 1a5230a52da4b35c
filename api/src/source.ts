import type { Config, ConfigDef } from './config/keys.ts';
import type { Connector } from './connector.ts';
import type { TaskContext } from './context.ts';
import { type Definition, define } from './plugin.ts';
import type { SourceOffset, SourcePartition, SourceRecord, SourceRecordInput } from './record.ts';

/** The offsets that the connector's accepted records carried, read from the offset store when the task starts. */
export interface SourceOffsets {
  /** The stored offset of a partition, or null. Partitions are compared by content, not by the order of their keys. */
  get(partition: SourcePartition): Promise<SourceOffset | null>;
  /** The same for many; element i belongs to partition i. */
  getAll(partitions: readonly SourcePartition[]): Promise<readonly (SourceOffset | null)[]>;
}

/** The boundaries of a source's transactions, where `transaction.boundary=connector` gives them into its hands (KIP-618). */
export interface SourceTransactions {
  /** Ends the transaction behind the batches that were yielded so far. */
  commit(): void;
  /** Takes back the batches that were yielded since the last end. Their offsets count all the same: they do not come again. */
  abort(): void;
}

export interface SourceContext extends TaskContext {
  /** Null unless the source sets the boundaries of its transactions. */
  readonly transactions: SourceTransactions | null;
  readonly offsets: SourceOffsets;
  /** True between pause and resume. Nobody pulls meanwhile; a source that holds a connection may want to know. */
  readonly paused: boolean;
}

export interface SourceConnector<D extends ConfigDef = ConfigDef> extends Connector<D> {
  /**
   * Yields batches of records for as long as there are any; returns when there will be no more. Backpressure is that nobody
   * pulls. To be resumed means that the batch was accepted, not that it is durable. Throw `RetriableError` to be called
   * again after a pause, with the offsets of the last accepted batch; any other error fails the task.
   */
  run(config: Config<D>, context: SourceContext): AsyncIterable<readonly SourceRecordInput[]>;
  /** Called with records that are durably in Kafka (or were dropped by a transform), in order: for sources that acknowledge upstream. */
  committed?(records: readonly SourceRecord[], context: SourceContext): void | Promise<void>;
  /** Checks offsets that a user wants to set (null: reset). Throw what is wrong. Return true if nothing else needs to be done upstream. */
  alterOffsets?(
    config: Config<D>,
    offsets: ReadonlyArray<readonly [SourcePartition, SourceOffset | null]>,
  ): boolean | Promise<boolean>;
  /** Whether the source, with this config, gives each record exactly one offset (KIP-618). Default: unknown, which counts as no. */
  exactlyOnceSupport?(config: Config<D>): 'supported' | 'unsupported';
  /** Whether the source, with this config, can set the boundaries of its transactions. Default: no. */
  canDefineTransactionBoundaries?(config: Config<D>): 'supported' | 'unsupported';
}

export type SourceDefinition = Definition & { readonly kind: 'source' } & SourceConnector;

/** Defines a source connector. The types of `config` follow from the definition's keys. */
export function defineSource<const D extends ConfigDef>(
  connector: SourceConnector<D>,
): SourceConnector<D> & Definition & { readonly kind: 'source' } {
  return define('source', connector);
}
