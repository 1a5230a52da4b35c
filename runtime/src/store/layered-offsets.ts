import type { Logger, SourceOffset, SourcePartition } from '@tributary/api';
import type { Broker, RecordToSend } from '../broker/port.ts';
import { ensureInternalTopic } from './internal-topic.ts';
import { OffsetStore, type SourceOffsetStore } from './offset-store.ts';
import { PartitionMap } from './partition-map.ts';

/**
 * The offsets of a connector that has a topic of its own for them (`offsets.storage.topic`, KIP-618), over those that it has in the
 * worker's: what it wrote before it got the topic counts until it writes anew.
 */
export class LayeredOffsets implements SourceOffsetStore {
  readonly #own: OffsetStore;
  readonly #worker: SourceOffsetStore;

  constructor(own: OffsetStore, worker: SourceOffsetStore) {
    this.#own = own;
    this.#worker = worker;
  }

  get topic(): string {
    return this.#own.topic;
  }

  async refresh(): Promise<void> {
    await Promise.all([this.#own.refresh(), this.#worker.refresh()]);
  }

  get(connector: string, partition: SourcePartition): SourceOffset | null {
    return this.#own.get(connector, partition) ?? this.#worker.get(connector, partition);
  }

  all(connector: string): ReadonlyArray<{ readonly partition: SourcePartition; readonly offset: SourceOffset }> {
    const merged = new PartitionMap<SourceOffset>();
    for (const { partition, offset } of [...this.#worker.all(connector), ...this.#own.all(connector)])
      merged.set(partition, offset);
    return [...merged.entries()].map(([partition, offset]) => ({ partition, offset }));
  }

  record(connector: string, partition: SourcePartition, offset: SourceOffset | null): RecordToSend {
    return this.#own.record(connector, partition, offset);
  }

  /** In both topics: what is reset must not show the older offset of the worker's topic again. */
  alteration(connector: string, partition: SourcePartition, offset: SourceOffset | null): readonly RecordToSend[] {
    return [
      ...this.#worker.alteration(connector, partition, offset),
      ...this.#own.alteration(connector, partition, offset),
    ];
  }

  /** Closes the connector's own. */
  close(): Promise<void> {
    return this.#own.close();
  }
}

export interface OwnOffsetsOptions {
  readonly topic: string;
  /** For creating it; -1: the broker's default. */
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly clientId: string;
  readonly log: Logger;
}

/** Makes sure that a connector's own offsets topic is there, and opens it over the worker's. @throws ConfigError if it is not compacted */
export async function openOwnOffsets(
  broker: Broker,
  worker: SourceOffsetStore,
  { topic, partitions, replicationFactor, clientId, log }: OwnOffsetsOptions,
): Promise<LayeredOffsets> {
  await ensureInternalTopic(
    broker,
    { name: topic, partitions, replicationFactor, configs: {} },
    'offsets.storage.topic',
    false,
  );
  return new LayeredOffsets(new OffsetStore(broker, topic, clientId, log), worker);
}
