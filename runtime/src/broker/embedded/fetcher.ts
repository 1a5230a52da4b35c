import type { RecordRead } from '../port.ts';
import { decode } from './batch.ts';
import type { PartitionLog } from './partition-log.ts';
import type { Storage } from './storage.ts';

/** Reads one partition on from a position, a batch at a time. */
export class Fetcher {
  readonly log: PartitionLog;
  readonly #storage: Storage;
  #position: number;
  #records: readonly RecordRead[] = [];
  #taken = 0;

  constructor(storage: Storage, log: PartitionLog, position: number) {
    this.#storage = storage;
    this.log = log;
    this.#position = position;
  }

  /** The offset of the next record to be returned, as far as is known. */
  get position(): number {
    return this.#position;
  }

  /** Whether the position is neither in the log nor at its end. */
  get outOfRange(): boolean {
    return this.#position < this.log.begin || this.#position > this.log.next;
  }

  /** Records between the position and the last stable offset. */
  get lag(): number {
    return Math.max(0, this.log.stable - this.#position);
  }

  seek(offset: number): void {
    this.#position = offset;
    this.#records = [];
    this.#taken = 0;
  }

  /** Adds the next records, at most `limit`, and of one batch only. @returns how many; 0 at the end */
  take(into: RecordRead[], limit: number): number {
    if (this.#taken === this.#records.length && !this.#load()) return 0;
    const count = Math.min(limit, this.#records.length - this.#taken);
    if (into.length === 0 && count === this.#records.length) {
      for (const record of this.#records) into.push(record);
    } else {
      for (let index = 0; index < count; index++) into.push(this.#records[this.#taken + index]!);
    }
    this.#taken += count;
    this.#position = into.at(-1)!.offset + 1;
    return count;
  }

  #load(): boolean {
    const { topicId, partition, stable, deleted } = this.log;
    this.#records = [];
    this.#taken = 0;
    while (!deleted && this.#position < stable) {
      const found = this.#storage.batchFrom(topicId, partition, this.#position, stable);
      if (!found) {
        // Aborted, or taken out by compaction.
        this.#position = stable;
        break;
      }
      this.#records = decode(found.batch, this.log, found.base, this.#position);
      if (this.#records.length > 0) return true;
      this.#position = found.last + 1;
    }
    return false;
  }
}
