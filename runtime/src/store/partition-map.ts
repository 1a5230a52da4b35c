import { isPlainObject, type SourcePartition } from '@tributary/api';

/** A partition as text that does not depend on the order of its keys. */
export function canonical(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isPlainObject(value)) return JSON.stringify(value) ?? 'null';
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

/** So many partitions are known by their objects. */
const MAX_KNOWN = 10_000;

/** Sources yield the same few objects again and again, for which making the text each time would be the dearest part of their way. */
const known = new Map<SourcePartition, string>();

/** The same, made once for each object; who has many objects of one use takes {@link canonical}. */
export function partitionId(partition: SourcePartition): string {
  let id = known.get(partition);
  if (id === undefined) {
    id = canonical(partition);
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(partition, id);
  }
  return id;
}

/** Compares partitions by content. */
export class PartitionMap<V> {
  readonly #entries = new Map<string, readonly [SourcePartition, V]>();

  get(partition: SourcePartition): V | undefined {
    return this.#entries.get(partitionId(partition))?.[1];
  }

  set(partition: SourcePartition, value: V): void {
    this.#entries.set(partitionId(partition), [partition, value]);
  }

  get size(): number {
    return this.#entries.size;
  }

  entries(): Iterable<readonly [SourcePartition, V]> {
    return this.#entries.values();
  }

  clear(): void {
    this.#entries.clear();
  }
}
