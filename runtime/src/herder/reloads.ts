/** The longest and the shortest pause before a restart, in milliseconds: what a timer can, and what a worker can stand. */
const [LONGEST_MS, SHORTEST_MS] = [2 ** 31 - 1, 1_000];

/** Tells when the values of config providers that a connector uses expire. */
export class Reloads {
  readonly #onExpired: (connector: string) => void;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(onExpired: (connector: string) => void) {
    this.#onExpired = onExpired;
  }

  /** @param afterMs null: the values hold for good */
  schedule(connector: string, afterMs: number | null): void {
    this.cancel(connector);
    if (afterMs === null) return;
    const pause = Math.min(Math.max(afterMs, SHORTEST_MS), LONGEST_MS);
    const timer = setTimeout(() => {
      this.#timers.delete(connector);
      this.#onExpired(connector);
    }, pause);
    this.#timers.set(connector, timer.unref());
  }

  cancel(connector: string): void {
    clearTimeout(this.#timers.get(connector));
    this.#timers.delete(connector);
  }
}
