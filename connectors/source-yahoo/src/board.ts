import type { SourceOffset } from '@tributary/api';
import { BarJob } from './bar-job.ts';
import type { Feed } from './feed.ts';
import { Hours } from './hours.ts';
import { intervalOf } from './interval.ts';
import { barPartition, eventPartition, quotePartition, storedTime } from './offsets.ts';
import { QuoteJob } from './quote-job.ts';
import type { Scheduler } from './scheduler.ts';
import type { Part } from './symbols.ts';

const minus = (a: ReadonlySet<string>, b: ReadonlySet<string>): readonly string[] =>
  [...a].filter((symbol) => !b.has(symbol));

/** The symbols of a task, wherever they come from, and their jobs. */
export class Board {
  readonly #feed: Feed;
  readonly #scheduler: Scheduler;
  readonly #part: Part;
  readonly #hours: Hours;
  /** The task's symbols by where they come from. */
  readonly #origins = new Map<string, ReadonlySet<string>>();
  readonly #bars = new Map<string, readonly BarJob[]>();
  readonly #quotes = new Set<QuoteJob>();

  constructor(feed: Feed, scheduler: Scheduler, part: Part) {
    this.#feed = feed;
    this.#scheduler = scheduler;
    this.#part = part;
    this.#hours = new Hours(feed);
  }

  /** The symbols of an origin are these from now on; a symbol that several name is read once. */
  async set(origin: string, symbols: readonly string[]): Promise<void> {
    const before = this.#all();
    this.#origins.set(origin, new Set(symbols.filter((symbol) => this.#part.owns(symbol))));
    const after = this.#all();
    const [gone, come] = [minus(before, after), minus(after, before)];
    for (const symbol of gone) this.#remove(symbol);
    await this.#addBars(come);
    await this.#addQuotes(come);
    this.#feed.metrics.gauge('symbols', 'Symbols of the task.').set(after.size);
    if (before.size > 0 && come.length + gone.length > 0)
      this.#feed.log.info(`${come.length} symbols have come, ${gone.length} have gone; there are ${after.size}`);
  }

  #all(): Set<string> {
    return new Set([...this.#origins.values()].flatMap((symbols) => [...symbols]));
  }

  #remove(symbol: string): void {
    for (const job of this.#bars.get(symbol) ?? []) this.#scheduler.remove(job);
    this.#bars.delete(symbol);
    for (const job of this.#quotes) {
      job.delete(symbol);
      if (job.size > 0) continue;
      this.#scheduler.remove(job);
      this.#quotes.delete(job);
    }
    this.#feed.trouble.forget(symbol);
  }

  async #addBars(symbols: readonly string[]): Promise<void> {
    const { config, offsets } = this.#feed;
    if (config.mode === 'quotes') return;
    const intervals = config['bars.interval'];
    const partitions = symbols.flatMap((symbol) => [
      eventPartition(symbol, 'dividend'),
      eventPartition(symbol, 'split'),
      ...intervals.map((interval) => barPartition(symbol, interval)),
    ]);
    const stored = await offsets.getAll(partitions);
    for (const [i, symbol] of symbols.entries()) {
      const own = stored.slice(i * (intervals.length + 2), (i + 1) * (intervals.length + 2));
      const [dividend, split] = [storedTime(own[0]!, 'time'), storedTime(own[1]!, 'time')];
      const jobs = intervals.map((name, n) => {
        const position = { end: storedTime(own[n + 2]!, 'end'), dividend, split };
        return new BarJob(this.#feed, symbol, intervalOf(name), n === 0, position);
      });
      this.#bars.set(symbol, jobs);
      for (const job of jobs) this.#scheduler.add(job);
    }
  }

  async #addQuotes(symbols: readonly string[]): Promise<void> {
    const { config, offsets } = this.#feed;
    if (config.mode === 'bars') return;
    const stored = await offsets.getAll(symbols.map(quotePartition));
    const last = new Map<string, SourceOffset | null>(symbols.map((symbol, i) => [symbol, stored[i]!]));
    for (const offset of stored) storedTime(offset, 'time');
    const size = config['quotes.batch.size'];
    for (let from = 0; from < symbols.length; from += size) {
      const batch = symbols.slice(from, from + size);
      const job = new QuoteJob(this.#feed, this.#hours, new Map(batch.map((symbol) => [symbol, last.get(symbol)!])));
      this.#quotes.add(job);
      this.#scheduler.add(job);
    }
  }
}
