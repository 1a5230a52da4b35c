import { setTimeout as sleep } from 'node:timers/promises';
import { nowMicros } from '../side-by-side/clock.ts';
import type { Program } from '../side-by-side/program.ts';
import type { SinkJob } from './contestant.ts';
import type { TickSource } from './tick-source.ts';

const LATE_MS = 60_000;

/** Asks the store again and again which probes can be read. */
export class Prober {
  readonly found: { readonly event: number; readonly seen: number }[] = [];
  gaveUp = false;
  readonly #job: SinkJob;
  readonly #process: Program;
  readonly #source: TickSource;

  constructor(job: SinkJob, process: Program, source: TickSource) {
    this.#job = job;
    this.#process = process;
    this.#source = source;
  }

  /** Until the source has stopped and all its probes were seen, or one has not been for a minute: then its contestant cannot keep up. */
  async watch(): Promise<void> {
    const { store, table } = this.#job;
    const { outstanding } = this.#source;
    const open = (): boolean => [...outstanding.values()].some(({ size }) => size > 0);
    while (this.#source.running || open()) {
      await sleep(store.pollMs);
      for (const [symbol, waiting] of outstanding) {
        const [oldest] = waiting;
        if (oldest === undefined) continue;
        const events = await Promise.race([store.readable(table, symbol, oldest), this.#process.failure]);
        const seen = nowMicros();
        for (const event of events) if (waiting.delete(event)) this.found.push({ event, seen });
        if (seen - oldest > LATE_MS * 1_000 && waiting.has(oldest)) {
          this.gaveUp = true;
          return;
        }
      }
    }
  }
}
