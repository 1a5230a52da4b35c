import type { TopicPartition, TopicPartitionOffset } from '@tributary/api';

export const samePlace = (a: TopicPartition, b: TopicPartition): boolean =>
  a.topic === b.topic && a.partition === b.partition;

/** Something for each partition. */
export class PlaceMap<T> {
  readonly #topics = new Map<string, Map<number, T>>();

  get({ topic, partition }: TopicPartition): T | undefined {
    return this.#topics.get(topic)?.get(partition);
  }

  has(place: TopicPartition): boolean {
    return this.get(place) !== undefined;
  }

  set({ topic, partition }: TopicPartition, value: T): void {
    const partitions = this.#topics.get(topic);
    if (partitions) partitions.set(partition, value);
    else this.#topics.set(topic, new Map([[partition, value]]));
  }

  delete({ topic, partition }: TopicPartition): void {
    this.#topics.get(topic)?.delete(partition);
  }

  protected places(): Array<readonly [TopicPartition, T]> {
    return [...this.#topics].flatMap(([topic, partitions]) =>
      [...partitions].map(([partition, value]) => [{ topic, partition }, value] as const),
    );
  }
}

/** An offset for each partition. */
export class PositionMap extends PlaceMap<number> {
  entries(): TopicPartitionOffset[] {
    return this.places().map(([place, offset]) => ({ ...place, offset }));
  }
}
