/** The requests that may be under way to each broker, and how long each of them may wait there. */
import type { PartitionFetch } from './partition-fetch.ts';

/** A partition as a request asks for it. */
export interface Asked {
  readonly state: PartitionFetch;
  readonly version: number;
  readonly offset: number;
}

export interface FetchWaits {
  /** How long a broker may wait for something new, milliseconds. */
  readonly maxWaitMs: number;
  /** To how much that grows, doubling, while nothing comes. */
  readonly idleWaitMs: number;
}

export const REQUESTS_PER_NODE = 2;
/** How long the second request waits at first: soon both can be one again. */
const SHORT_WAIT_MS = 10;

export class FetchSlot {
  readonly number: number;
  readonly #waits: FetchWaits;
  readonly #others: () => readonly FetchSlot[];
  #asked: readonly Asked[] | undefined;
  #waitMs = 0;

  constructor(number: number, waits: FetchWaits, others: () => readonly FetchSlot[]) {
    this.number = number;
    this.#waits = waits;
    this.#others = others;
  }

  get free(): boolean {
    return this.#asked === undefined;
  }

  /** Whether a request is under way for something that is still read: not so if it is from before a rebalance. */
  get wanted(): boolean {
    return this.#asked?.some(({ state, version }) => state.version === version) ?? false;
  }

  /** A request begins. @returns how long it may wait, milliseconds */
  begin(asked: readonly Asked[]): number {
    const { maxWaitMs, idleWaitMs } = this.#waits;
    const second = this.#others().some((other) => other !== this && other.wanted);
    const [least, most] = second ? [Math.min(maxWaitMs, SHORT_WAIT_MS), maxWaitMs] : [maxWaitMs, idleWaitMs];
    this.#waitMs = Math.max(least, Math.min(this.#waitMs, most));
    this.#asked = asked;
    return this.#waitMs;
  }

  answered(records: boolean): void {
    this.#waitMs = records ? 0 : this.#waitMs * 2;
  }

  end(): void {
    this.#asked = undefined;
  }
}

export class FetchSlots {
  readonly #waits: FetchWaits;
  readonly #byNode = new Map<number, readonly FetchSlot[]>();

  constructor(waits: FetchWaits) {
    this.#waits = waits;
  }

  /** A request that is not under way to the broker. */
  free(node: number): FetchSlot | undefined {
    let slots = this.#byNode.get(node);
    if (!slots) {
      const all: FetchSlot[] = Array.from(
        { length: REQUESTS_PER_NODE },
        (_, number) => new FetchSlot(number, this.#waits, () => all),
      );
      this.#byNode.set(node, all);
      slots = all;
    }
    return slots.find(({ free }) => free);
  }
}
