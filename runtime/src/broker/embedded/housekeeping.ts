import type { Breather } from './breather.ts';
import { compact } from './compaction.ts';
import type { Log } from './log.ts';
import { purgeDeleted } from './purge.ts';
import { retain } from './retention.ts';

/** What is done in the background: removing deleted topics, retention, compaction. */
export class Housekeeping {
  readonly #log: Log;
  readonly #breather: Breather;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | null = null;
  #closed = false;

  constructor(log: Log, breather: Breather) {
    this.#log = log;
    this.#breather = breather;
    this.#schedule();
  }

  /** One round; joins the one under way. */
  run(): Promise<void> {
    this.#running ??= this.#round().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running?.catch(() => {});
  }

  async #round(): Promise<void> {
    const stopped = (): boolean => this.#closed;
    await purgeDeleted(this.#log, stopped);
    for (const topic of [...this.#log.topics.values()]) {
      for (const partition of topic.partitions) {
        if (stopped()) return;
        if (this.#breather.due) await this.#breather.rest();
        await retain(this.#log, partition, this.#breather, stopped);
        await compact(this.#log, partition, this.#breather, stopped);
      }
    }
  }

  #schedule(): void {
    this.#timer = setTimeout(() => {
      this.run()
        // A disk that is full now may have room at the next round; writers tell of it.
        .catch(() => {})
        .finally(() => {
          if (!this.#closed) this.#schedule();
        });
    }, this.#log.config['embedded.housekeeping.interval.ms']);
    this.#timer.unref();
  }
}
