import type { Config, ConfigDef } from './config/keys.ts';
import type { Connector } from './connector.ts';
import type { TaskContext } from './context.ts';
import { type Definition, define } from './plugin.ts';
import type { OffsetAndMetadata, SinkRecord, TopicPartition, TopicPartitionOffset } from './record.ts';

export interface SinkContext extends TaskContext {
  /** The partitions that the task has now. */
  readonly assignment: readonly TopicPartition[];
  /**
   * What is committed for a partition of the task, from its `open` on: what the group had when it was assigned, or what this task has
   * committed since. Null: nothing. `metadata` is empty for offsets that were altered from outside.
   */
  committed(partition: TopicPartition): { readonly offset: number; readonly metadata: string } | null;
  /**
   * Goes on reading at these offsets, from the next batch on. Called in `open`, before any record of the partitions is read: a sink that
   * stores offsets with its data begins where those say.
   */
  seek(offsets: readonly TopicPartitionOffset[]): void;
  pause(partitions: readonly TopicPartition[]): void;
  resume(partitions: readonly TopicPartition[]): void;
  /** Asks for a flush and an offset commit soon instead of at the next `offset.flush.interval.ms`. */
  requestCommit(): void;
  /** How long to wait before a batch that failed with `RetriableError` comes again. Milliseconds; default: grows from 100 to 10,000. */
  retryAfter(milliseconds: number): void;
  /**
   * Reports one record of a batch that cannot be stored, so that the others can (KIP-610). It goes where `errors.tolerance`
   * and the dead letter queue say; offsets pass it only when that is done. @throws the error itself if nothing is tolerated
   */
  reportErrant(record: SinkRecord, error: unknown): void;
  /**
   * Resolves when what was reported is where it goes, whatever happens then. For a sink that stores offsets with its data, which is not given the
   * records before these again: it waits for this before it stores offsets beyond a record that it reported. Another one need not, since
   * the offsets in Kafka wait anyway. @throws RetriableError if that cannot be done now; out of `put` it has all records since the last commit come again
   */
  flushErrant(): Promise<void>;
}

/** A running sink task. Only `put` must be there. */
export interface SinkTask {
  /**
   * Whether the next batch may be read and converted while `put` is at work with one; no other method is called meanwhile. Not for a sink
   * that pauses partitions or seeks in `put`: it would get a batch that was read before. Batches have up to 10,000 records then, unless
   * `consumer.override.max.poll.records` says otherwise, and 2,000 without it. Default: false.
   */
  readonly readAhead?: boolean;
  /**
   * With `readAhead`: gets the next batch while `put` is at work with the one before, to work out what can be worked out of it. It stores and reports
   * nothing, since the batch may come to `put` in parts, with others, or never; what it throws is passed over, as `put` will find it again.
   */
  prepare?(records: readonly SinkRecord[]): void;
  /** Partitions were assigned. */
  open?(partitions: readonly TopicPartition[]): void | Promise<void>;
  /** Stores a batch, or takes it over for the next `flush`. Throw `RetriableError` to have it delivered again. */
  put(records: readonly SinkRecord[]): void | Promise<void>;
  /** Everything that was put is durable when this resolves. Offsets are committed after it. */
  flush?(): void | Promise<void>;
  /**
   * The offsets that are safe to commit, out of those given; called after `flush`. Default: all. With each may go a text, which
   * `context.committed` returns to whichever task has the partition next.
   */
  preCommit?(
    offsets: readonly TopicPartitionOffset[],
  ): readonly OffsetAndMetadata[] | Promise<readonly OffsetAndMetadata[]>;
  /** Partitions are taken away; called after a last flush and commit. */
  close?(partitions: readonly TopicPartition[]): void | Promise<void>;
  /** The task ends: let go of everything. */
  stop?(): void | Promise<void>;
}

export interface SinkConnector<D extends ConfigDef = ConfigDef> extends Connector<D> {
  /** Starts a task: connects, and returns what takes the records. */
  start(config: Config<D>, context: SinkContext): SinkTask | Promise<SinkTask>;
  /** Checks offsets that a user wants to set (null: reset). Throw what is wrong. Return true if nothing else needs to be done downstream. */
  alterOffsets?(
    config: Config<D>,
    offsets: ReadonlyArray<readonly [TopicPartition, number | null]>,
  ): boolean | Promise<boolean>;
}

export type SinkDefinition = Definition & { readonly kind: 'sink' } & SinkConnector;

/** Defines a sink connector. The types of `config` follow from the definition's keys. */
export function defineSink<const D extends ConfigDef>(
  connector: SinkConnector<D>,
): SinkConnector<D> & Definition & { readonly kind: 'sink' } {
  return define('sink', connector);
}
