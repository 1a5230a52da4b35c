import type { Clock } from '@tributary/api';

export interface RateLimitOptions {
  /** Requests a second, while nobody complains. */
  readonly perSecond: number;
  /** So many may go at once after a time without any. */
  readonly burst: number;
  readonly clock: Clock;
}

/** No slower than this part of the whole rate. */
const SLOWEST = 1 / 64;
/** Each success wins back this part of the whole rate. */
const STEP = 1 / 50;

/** Lets requests pass at a rate that halves when the server throttles, and recovers step by step while it does not. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  /** The part of the rate that this process has. */
  #share = 1;
  /** The part of the rate that the server bears, by what it said. */
  #factor = 1;
  /** When the next request may go, were there no bursts. */
  #next = Number.NEGATIVE_INFINITY;
  #closedUntil = Number.NEGATIVE_INFINITY;
  /** Counts the times that the rate was halved: requests sent before do not halve it again. */
  #epoch = 0;

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /** Requests a second, as of now. */
  get perSecond(): number {
    return this.#options.perSecond * this.#share * this.#factor;
  }

  /** @param part of the rate, above 0 and at most 1 */
  setShare(part: number): void {
    this.#share = part;
  }

  /**
   * Waits until a request may go.
   * @returns a ticket, for `throttled`
   * @throws the signal's reason once it aborts
   */
  async take(signal: AbortSignal): Promise<number> {
    const { clock, burst } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      const now = clock.now();
      const at = Math.max(this.#next, this.#closedUntil);
      const interval = 1000 / this.perSecond;
      if (at <= now) {
        this.#next = Math.max(this.#next, now - (burst - 1) * interval) + interval;
        return this.#epoch;
      }
      await clock.sleep(at - now, signal);
    }
  }

  /** The server wants less. Nothing goes for `pauseMs`. */
  throttled(ticket: number, pauseMs: number): void {
    const { clock } = this.#options;
    this.#closedUntil = Math.max(this.#closedUntil, clock.now() + pauseMs);
    if (ticket !== this.#epoch) return;
    this.#epoch++;
    this.#factor = Math.max(SLOWEST, this.#factor / 2);
  }

  /** The server answered. */
  passed(): void {
    this.#factor = Math.min(1, this.#factor + STEP);
  }
}
