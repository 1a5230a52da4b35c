import type { SourceOffset, SourcePartition } from '../record.ts';
import type { SourceOffsets } from '../source.ts';

export type OffsetEntry = readonly [SourcePartition, SourceOffset];

/** An offset store in memory. Hand it from one run to the next to test how a source resumes. */
export class MemoryOffsets implements SourceOffsets {
  readonly #byKey = new Map<string, OffsetEntry>();

  constructor(entries: Iterable<OffsetEntry> = []) {
    for (const [partition, offset] of entries) this.set(partition, offset);
  }

  async get(partition: SourcePartition): Promise<SourceOffset | null> {
    return this.#byKey.get(keyOf(partition))?.[1] ?? null;
  }

  getAll(partitions: readonly SourcePartition[]): Promise<readonly (SourceOffset | null)[]> {
    return Promise.all(partitions.map((partition) => this.get(partition)));
  }

  set(partition: SourcePartition, offset: SourceOffset): void {
    this.#byKey.set(keyOf(partition), [partition, offset]);
  }

  /** Partitions with their offsets, in the order in which they first came. */
  entries(): readonly OffsetEntry[] {
    return [...this.#byKey.values()];
  }

  /** A copy that later records do not change. */
  copy(): MemoryOffsets {
    return new MemoryOffsets(this.entries());
  }
}

/** Partitions are equal by content, whatever the order of their keys. */
function keyOf(partition: SourcePartition): string {
  return JSON.stringify(Object.entries(partition).sort(([a], [b]) => (a < b ? -1 : 1)));
}
