/** A moment by both clocks: one that is never put right, and one that goes on while the machine sleeps. */
export interface Moment {
  readonly steady: number;
  readonly wall: number;
}

/** @returns now */
export const moment = (): Moment => ({ steady: performance.now(), wall: Date.now() });

/** Milliseconds since then, by the clock that says more: too long a wait costs a heartbeat, too short a one a doubled record. */
const since = (then: Moment, now: Moment): number => Math.max(now.steady - then.steady, now.wall - then.wall);

/**
 * For how long a member of a group may act on what it was assigned without hearing from the group. A process that was stopped and goes
 * on does not know that its partitions are another's by now: it has to ask first.
 */
export class Lease {
  readonly #silenceMs: number;
  readonly #rebalanceTimeoutMs: number;
  readonly #clock: () => Moment;
  #heardAt: Moment | undefined;
  #stableAt: Moment | undefined;

  /**
   * @param silenceMs how long the group may be silent
   * @param rebalanceTimeoutMs how long it waits for a member that it wants to rejoin
   */
  constructor(silenceMs: number, rebalanceTimeoutMs: number, clock: () => Moment = moment) {
    this.#silenceMs = silenceMs;
    this.#rebalanceTimeoutMs = rebalanceTimeoutMs;
    this.#clock = clock;
  }

  /** The group has answered a request that was sent then. @param stable false if it wants the member to rejoin */
  heard(sentAt: Moment, stable: boolean): void {
    this.#heardAt = sentAt;
    if (stable) this.#stableAt = sentAt;
  }

  end(): void {
    this.#heardAt = undefined;
    this.#stableAt = undefined;
  }

  /** Milliseconds that are left; 0 or less: nothing may be done until the group was heard again. */
  get leftMs(): number {
    if (!this.#heardAt || !this.#stableAt) return 0;
    const now = this.#clock();
    return Math.min(this.#silenceMs - since(this.#heardAt, now), this.#rebalanceTimeoutMs - since(this.#stableAt, now));
  }
}
