import type { RecordRead } from '../broker/port.ts';
import type { ByteBudget } from './budget.ts';

const FIRST_GUESS = 4 * 1024 * 1024;
const LEAST = 64 * 1024;
/** How much of an old, larger size is still expected after a smaller batch. */
const MEMORY = 0.75;

/** Bytes of the keys and values. */
export function sizeOf(records: readonly RecordRead[]): number {
  let bytes = 0;
  for (const { key, value } of records) bytes += (key?.length ?? 0) + (value?.length ?? 0);
  return bytes;
}

/** How many bytes the next batch is likely to have, from those before it. */
export class BatchEstimate {
  #bytes = FIRST_GUESS;

  get bytes(): number {
    return this.#bytes;
  }

  learn(bytes: number): void {
    this.#bytes = Math.max(bytes, this.#bytes * MEMORY, LEAST);
  }
}

/** The bytes of the budget for the batch that a sink task has in hand. */
export class BatchRoom {
  readonly #budget: ByteBudget;
  readonly #estimate = new BatchEstimate();
  #bytes = 0;

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  get empty(): boolean {
    return this.#bytes === 0;
  }

  /** Waits for room for what is likely to come. @throws the signal's reason if it aborts first */
  async take(signal: AbortSignal): Promise<void> {
    const { bytes } = this.#estimate;
    await this.#budget.acquire(bytes, signal);
    this.#bytes = bytes;
  }

  /** The batch is there, and its size known. */
  fill(bytes: number): void {
    this.#estimate.learn(bytes);
    this.#budget.add(bytes - this.#bytes);
    this.#bytes = bytes;
  }

  /** Also for a batch that never gets out of a plugin's hands. */
  giveBack(): void {
    const bytes = this.#bytes;
    this.#bytes = 0;
    this.#budget.release(bytes);
  }
}

/** How long a reservation is kept for a source that gives nothing, in milliseconds. */
const IDLE_MS = 50;

/**
 * Bytes of the budget that are set aside before a batch is asked for, so that a hundred tasks do not each hold one at the same time.
 * A source that has nothing to give does not keep them from the others.
 */
export class Reservation {
  readonly #budget: ByteBudget;
  readonly #timer: NodeJS.Timeout;
  #left: number;

  private constructor(budget: ByteBudget, bytes: number) {
    this.#budget = budget;
    this.#left = bytes;
    this.#timer = setTimeout(() => this.#giveBack(), IDLE_MS);
  }

  static async take(budget: ByteBudget, bytes: number, signal: AbortSignal): Promise<Reservation> {
    await budget.acquire(bytes, signal);
    return new Reservation(budget, bytes);
  }

  /** Turns reserved bytes into bytes in use, which whoever uses them releases. What was not reserved is taken without waiting. */
  spend(bytes: number): void {
    const reserved = Math.min(this.#left, bytes);
    this.#left -= reserved;
    this.#budget.add(bytes - reserved);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#giveBack();
  }

  #giveBack(): void {
    const left = this.#left;
    this.#left = 0;
    if (left > 0) this.#budget.release(left);
  }
}
