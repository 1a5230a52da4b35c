import type { Gauge, Logger, PluginMetrics } from '@tributary/api';

/** Says what goes wrong, once: symbols that bring nothing, each with its reason, and a server that does not answer. */
export class Trouble {
  readonly #log: Logger;
  readonly #gauge: Gauge;
  /** The reason by symbol. */
  readonly #failed = new Map<string, string>();
  #outage: string | null = null;

  constructor(log: Logger, metrics: PluginMetrics) {
    this.#log = log;
    this.#gauge = metrics.gauge('symbols-failed', 'Symbols that bring nothing, for reasons that the log tells.');
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
    if (this.#outage === reason) return;
    this.#outage = reason;
    this.#log.warn(`${reason}; it is tried again, with pauses that grow`);
  }

  requestPassed(): void {
    if (this.#outage === null) return;
    this.#outage = null;
    this.#log.info('Yahoo answers again');
  }
}
