import type { TopicPartition, TopicPartitionOffset } from '@tributary/api';

export const samePlace = (a: TopicPartition, b: TopicPartition): boolean =>
  a.topic === b.topic && a.partition === b.partition;

/** A number for each partition. */
export class PositionMap {
  readonly #topics = new Map<string, Map<number, number>>();

  get({ topic, partition }: TopicPartition): number | undefined {
    return this.#topics.get(topic)?.get(partition);
  }

  has(place: TopicPartition): boolean {
    return this.get(place) !== undefined;
  }

  set({ topic, partition }: TopicPartition, offset: number): void {
    const partitions = this.#topics.get(topic);
    if (partitions) partitions.set(partition, offset);
    else this.#topics.set(topic, new Map([[partition, offset]]));
  }

  delete({ topic, partition }: TopicPartition): void {
    this.#topics.get(topic)?.delete(partition);
  }

  entries(): TopicPartitionOffset[] {
    return [...this.#topics].flatMap(([topic, partitions]) =>
      [...partitions].map(([partition, offset]) => ({ topic, partition, offset })),
    );
  }
}
