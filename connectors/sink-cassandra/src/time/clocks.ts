import type { OffsetAndMetadata, SinkContext, SinkRecord, TopicPartition, TopicPartitionOffset } from '@tributary/api';
import { readClocks, writeClocks } from './clock-text.ts';
import { PartitionClock, type TimeSource } from './partition-clock.ts';
import { WriteTimes } from './write-times.ts';

type Records = readonly SinkRecord[];

/** The write clocks of a task's partitions. */
export class Clocks {
  readonly #context: SinkContext;
  readonly #sources: readonly TimeSource[];
  readonly #partitions = new Map<string, Map<number, PartitionClock>>();
  readonly #times: ReadonlyMap<string, WriteTimes>;

  constructor(context: SinkContext, sources: readonly TimeSource[]) {
    this.#context = context;
    this.#sources = sources;
    this.#times = new Map(sources.map(({ name }) => [name, new WriteTimes()]));
  }

  /** The write time that a record was given; undefined if the source has none for it. */
  timeOf(source: string, record: SinkRecord): number | undefined {
    return this.#times.get(source)?.get(record);
  }

  /** Gives a batch its write times, partition by partition. */
  assign(records: Records): void {
    for (const [topic, partition, own] of byPartition(records))
      this.#clockOf({ topic, partition }).assign(own, this.#times);
  }

  /** Adds the clocks' states to offsets that are to be committed. */
  commit(offsets: readonly TopicPartitionOffset[]): readonly OffsetAndMetadata[] {
    // Also of a partition that has had no records yet: its state would be lost otherwise.
    return offsets.map((offset) => ({
      ...offset,
      metadata: writeClocks(this.#clockOf(offset).commit(offset.offset)),
    }));
  }

  close(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) this.#partitions.get(topic)?.delete(partition);
  }

  #clockOf({ topic, partition }: TopicPartition): PartitionClock {
    const own = this.#partitions.get(topic) ?? new Map<number, PartitionClock>();
    this.#partitions.set(topic, own);
    const known = own.get(partition);
    if (known) return known;
    const committed = this.#context.committed({ topic, partition });
    const states = readClocks(committed?.metadata);
    const fresh = new PartitionClock(
      this.#sources,
      committed && states ? { offset: committed.offset, states } : undefined,
    );
    own.set(partition, fresh);
    return fresh;
  }
}

/** Runs of one partition, in their order: a batch is mostly one or a few of them. */
function* byPartition(records: Records): Generator<readonly [topic: string, partition: number, records: Records]> {
  const groups = new Map<string, SinkRecord[]>();
  let [topic, partition, group]: [string, number, SinkRecord[]] = ['', -1, []];
  for (const record of records) {
    if (record.originalPartition !== partition || record.originalTopic !== topic) {
      [topic, partition] = [record.originalTopic, record.originalPartition];
      const name = `${partition} ${topic}`;
      group = groups.get(name) ?? [];
      groups.set(name, group);
    }
    group.push(record);
  }
  for (const own of groups.values()) yield [own[0]!.originalTopic, own[0]!.originalPartition, own];
}
