import type { SinkRecord, TopicPartition, TopicPartitionOffset } from '@tributary/api';
import { PositionMap } from './positions.ts';

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 10_000;
/** How soon to look whether the group has been heard again, if the polls meanwhile do not show it. */
const UNHEARD_MS = 100;

/** Records that were converted and are to be put, with the positions that they reach. */
export interface Batch {
  readonly records: readonly SinkRecord[];
  readonly reaches: readonly TopicPartitionOffset[];
}

/** The batch that a sink could not take and gets again after a pause, each time a longer one; or that it may not have now. */
export class HeldBatch {
  #batch: Batch | undefined;
  #attempts = 0;
  #nextPauseMs: number | undefined;
  #dueAt = Number.POSITIVE_INFINITY;

  get empty(): boolean {
    return this.#batch === undefined;
  }

  /** When it is to be tried again, by the clock of `performance.now()`; infinity if there is none. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** The sink says itself how long the next pause is. */
  pauseFor(milliseconds: number): void {
    this.#nextPauseMs = milliseconds;
  }

  /** @returns the pause in milliseconds */
  hold(batch: Batch): number {
    const pause = this.#nextPauseMs ?? Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#attempts++);
    this.#nextPauseMs = undefined;
    this.#batch = batch;
    this.#dueAt = performance.now() + pause;
    return pause;
  }

  /** Keeps a batch that may not be put before the group was heard again. */
  holdUnheard(batch: Batch): void {
    this.#batch = batch;
    this.#dueAt = performance.now() + UNHEARD_MS;
  }

  /** What was read behind the batch comes with it. */
  append({ records, reaches }: Batch): void {
    const places = new PositionMap();
    for (const place of [...(this.#batch?.reaches ?? []), ...reaches]) places.set(place, place.offset);
    this.#batch = { records: [...(this.#batch?.records ?? []), ...records], reaches: places.entries() };
  }

  /** Hands the batch out if its time has come. */
  take(): Batch | undefined {
    if (performance.now() < this.#dueAt) return undefined;
    const batch = this.#batch;
    this.drop();
    return batch;
  }

  drop(): void {
    this.#batch = undefined;
    this.#dueAt = Number.POSITIVE_INFINITY;
  }

  /** The sink took a batch: the next pause is a short one again. */
  taken(): void {
    this.#attempts = 0;
  }

  /** These partitions are not the task's any more. */
  forget(partitions: readonly TopicPartition[]): void {
    if (!this.#batch) return;
    const gone = new PositionMap();
    for (const place of partitions) gone.set(place, 0);
    const records = this.#batch.records.filter(
      ({ originalTopic: topic, originalPartition: partition }) => !gone.has({ topic, partition }),
    );
    const reaches = this.#batch.reaches.filter((place) => !gone.has(place));
    if (reaches.length === 0) this.drop();
    else this.#batch = { records, reaches };
  }
}
