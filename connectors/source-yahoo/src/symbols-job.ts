import { stat } from 'node:fs/promises';
import { messageOf, type SourceRecord } from '@tributary/api';
import { Failures } from './failure.ts';
import type { Feed } from './feed.ts';
import type { Job } from './scheduler.ts';
import { readSymbols } from './symbols.ts';

/** How often it is looked whether the file has changed. Milliseconds. */
const FILE_EVERY = 2000;
/** How often the screener is asked. Milliseconds. */
const SCREENER_EVERY = 3_600_000;
/** As many as Yahoo gives at once. */
const PAGE = 250;

/** Tells of symbols whenever there are others. What it told last stays when the file or the screener cannot be read. */
abstract class SymbolsJob implements Job {
  due: number;
  readonly done = false;
  protected readonly feed: Feed;
  readonly #changed: (symbols: readonly string[]) => Promise<void>;
  readonly #every: number;
  #last: readonly string[] | null = null;

  constructor(feed: Feed, every: number, changed: (symbols: readonly string[]) => Promise<void>) {
    this.feed = feed;
    this.due = feed.clock.now();
    this.#every = every;
    this.#changed = changed;
  }

  /** @returns null if there is nothing new */
  protected abstract read(signal: AbortSignal): Promise<readonly string[] | null>;
  /** @returns when to try again */
  protected abstract failed(error: unknown): number;

  async run(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    try {
      const symbols = await this.read(signal);
      if (symbols && symbols.join() !== this.#last?.join()) {
        this.#last = symbols;
        await this.#changed(symbols);
      }
      this.due = this.feed.clock.now() + this.#every;
    } catch (error) {
      signal.throwIfAborted();
      this.due = this.failed(error);
    }
    return [];
  }
}

export class FileSymbolsJob extends SymbolsJob {
  readonly #file: string;
  #seen = '';
  #trouble = '';

  constructor(feed: Feed, file: string, changed: (symbols: readonly string[]) => Promise<void>) {
    super(feed, FILE_EVERY, changed);
    this.#file = file;
  }

  protected async read(): Promise<readonly string[] | null> {
    const { mtimeMs, size, ino } = await stat(this.#file);
    const seen = `${mtimeMs} ${size} ${ino}`;
    if (seen === this.#seen) return null;
    const symbols = await readSymbols(this.#file);
    this.#seen = seen;
    this.#trouble = '';
    return symbols;
  }

  protected failed(error: unknown): number {
    const { log, clock } = this.feed;
    const trouble = messageOf(error);
    if (trouble !== this.#trouble)
      log.warn(`The file '${this.#file}' of 'symbols.file' cannot be read: ${trouble}. It is tried again`);
    this.#trouble = trouble;
    return clock.now() + FILE_EVERY;
  }
}

export class ScreenerSymbolsJob extends SymbolsJob {
  readonly #name: string;
  readonly #failures: Failures;

  constructor(feed: Feed, name: string, changed: (symbols: readonly string[]) => Promise<void>) {
    super(feed, SCREENER_EVERY, changed);
    this.#name = name;
    this.#failures = new Failures(feed);
  }

  protected async read(signal: AbortSignal): Promise<readonly string[]> {
    const { client, config, trouble } = this.feed;
    const count = config['symbols.screener.count'];
    const symbols = new Set<string>();
    for (let start = 0; start < count; ) {
      const page = await client.screener(this.#name, start, Math.min(PAGE, count - start), signal);
      for (const symbol of page.symbols.slice(0, count - start)) symbols.add(symbol);
      start += page.symbols.length;
      if (page.symbols.length === 0 || start >= page.total) break;
    }
    this.#failures.passed();
    trouble.symbolWell(this.#name, 'screener');
    return [...symbols];
  }

  protected failed(error: unknown): number {
    const { clock, config, trouble } = this.feed;
    const failure = this.#failures.classify(error);
    if (failure.kind === 'passing') return failure.due;
    trouble.symbolFailed(this.#name, 'screener', 'reason' in failure ? failure.reason : messageOf(error));
    return clock.now() + config['symbols.retry.ms'];
  }
}
