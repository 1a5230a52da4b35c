import type { Clock, Gauge, Logger, PluginMetrics } from '@tributary/api';

/** So many requests in a row must fail before it is told. */
const OUTAGE = 3;
/** Throttling is told no more often. Milliseconds. */
const THROTTLE_EVERY = 600_000;

/** Says what goes wrong, once: symbols that bring nothing, each with its reason, and a server that does not answer. */
export class Trouble {
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #gauge: Gauge;
  /** The reason by symbol. */
  readonly #failed = new Map<string, string>();
  #failures = 0;
  #throttled = Number.NEGATIVE_INFINITY;

  constructor(log: Logger, metrics: PluginMetrics, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
    this.#gauge = metrics.gauge('symbols-failed', 'Symbols that bring nothing, for reasons that the log tells.');
  }

  /** Whether nothing is answered: then it is no symbol's fault. */
  get isOutage(): boolean {
    return this.#failures >= OUTAGE;
  }

  /** @param what is asked of the symbol, such as `1m bars` */
  symbolFailed(symbol: string, what: string, reason: string): void {
    const key = `${what} of '${symbol}'`;
    if (this.#failed.get(key) === reason) return;
    this.#failed.set(key, reason);
    this.#gauge.set(this.#failed.size);
    this.#log.warn(`The ${key} cannot be had: ${reason}. The other symbols go on`, { symbol });
  }

  symbolWell(symbol: string, what: string): void {
    const key = `${what} of '${symbol}'`;
    if (!this.#failed.delete(key)) return;
    this.#gauge.set(this.#failed.size);
    this.#log.info(`The ${key} come again`, { symbol });
  }

  /** Nobody asks for it any more. */
  forget(symbol: string): void {
    for (const key of this.#failed.keys()) if (key.endsWith(` of '${symbol}'`)) this.#failed.delete(key);
    this.#gauge.set(this.#failed.size);
  }

  requestFailed(reason: string): void {
    this.#failures++;
    if (this.#failures === OUTAGE) this.#log.warn(`${reason}; it is tried again, with pauses that grow`);
  }

  requestThrottled(): void {
    const now = this.#clock.now();
    if (now - this.#throttled < THROTTLE_EVERY) return;
    this.#throttled = now;
    this.#log.warn('Yahoo wants fewer requests (status 429): the rate is halved until it bears more');
  }

  requestPassed(): void {
    if (this.isOutage) this.#log.info('Yahoo answers again');
    this.#failures = 0;
  }
}
