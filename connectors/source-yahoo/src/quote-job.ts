import type { SourceOffset, SourceRecord } from '@tributary/api';
import { HttpFault, isPassing } from '@tributary/http-kit';
import { tickRecord } from '@tributary/market';
import { Failures } from './failure.ts';
import type { Feed } from './feed.ts';
import type { Hours } from './hours.ts';
import { quoteOffset, quotePartition } from './offsets.ts';
import { isOpen, type Quote, tickOf } from './quote.ts';
import type { Job } from './scheduler.ts';

const WHAT = 'quotes';

/** The quotes of some symbols, as many of them in a request as are due. */
export class QuoteJob implements Job {
  due: number;
  readonly done = false;
  readonly #feed: Feed;
  readonly #hours: Hours;
  readonly #failures: Failures;
  /** When each symbol is due. */
  readonly #dues: Map<string, number>;
  /** The last quote of each symbol that was sent. */
  readonly #last: Map<string, SourceOffset>;

  /** @param last the stored offsets of the symbols */
  constructor(feed: Feed, hours: Hours, last: ReadonlyMap<string, SourceOffset | null>) {
    this.#feed = feed;
    this.#hours = hours;
    this.#failures = new Failures(feed);
    this.due = feed.clock.now();
    this.#dues = new Map([...last.keys()].map((symbol) => [symbol, this.due]));
    this.#last = new Map([...last].flatMap(([symbol, offset]) => (offset ? [[symbol, offset]] : [])));
  }

  get size(): number {
    return this.#dues.size;
  }

  has(symbol: string): boolean {
    return this.#dues.has(symbol);
  }

  add(symbol: string, last: SourceOffset | null): void {
    this.#dues.set(symbol, this.#feed.clock.now());
    if (last) this.#last.set(symbol, last);
  }

  delete(symbol: string): void {
    this.#dues.delete(symbol);
    this.#last.delete(symbol);
  }

  async run(signal: AbortSignal): Promise<readonly SourceRecord[]> {
    const { clock, config } = this.#feed;
    const every = config['quotes.interval.ms'];
    const now = clock.now();
    const asked = [...this.#dues].flatMap(([symbol, due]) => (due <= now + every / 2 ? symbol : []));
    let records: readonly SourceRecord[] = [];
    try {
      const quotes = await this.#quotes(asked, signal);
      this.#failures.passed();
      records = quotes.flatMap((quote) => this.#record(quote));
      await this.#plan(asked, quotes, now, signal);
      this.due = Math.min(...this.#dues.values(), now + 10 * 86_400_000);
    } catch (error) {
      signal.throwIfAborted();
      const failure = this.#failures.classify(error);
      this.due = failure.kind === 'passing' ? failure.due : clock.now() + every;
    }
    return records;
  }

  /** A request that one symbol spoils is divided until it is found. */
  async #quotes(symbols: readonly string[], signal: AbortSignal): Promise<readonly Quote[]> {
    if (symbols.length === 0) return [];
    try {
      return await this.#feed.client.quotes(symbols, signal);
    } catch (error) {
      const spoiled =
        error instanceof HttpFault &&
        error.reason === 'status' &&
        !isPassing(error) &&
        ![401, 403].includes(error.status!);
      if (!spoiled) throw error;
      const failure = this.#failures.classify(error);
      if (symbols.length === 1) {
        this.#bad(symbols[0]!, 'reason' in failure ? failure.reason : error.message);
        return [];
      }
      const half = Math.ceil(symbols.length / 2);
      return [
        ...(await this.#quotes(symbols.slice(0, half), signal)),
        ...(await this.#quotes(symbols.slice(half), signal)),
      ];
    }
  }

  #bad(symbol: string, reason: string): void {
    const { clock, config, trouble } = this.#feed;
    trouble.symbolFailed(symbol, WHAT, reason);
    this.#dues.set(symbol, clock.now() + config['symbols.retry.ms']);
  }

  /** Decides when each symbol is due again. */
  async #plan(asked: readonly string[], quotes: readonly Quote[], now: number, signal: AbortSignal): Promise<void> {
    const { config, trouble } = this.#feed;
    const bySymbol = new Map(quotes.map((quote) => [quote.symbol, quote]));
    for (const symbol of asked) {
      const quote = bySymbol.get(symbol);
      if (!this.#dues.has(symbol)) continue; // removed meanwhile
      if (!quote) {
        if (this.#dues.get(symbol)! <= now + config['quotes.interval.ms'] / 2)
          this.#bad(symbol, "it is not in Yahoo's answer, as symbols are that Yahoo does not know");
        continue;
      }
      trouble.symbolWell(symbol, WHAT);
      const open = config['poll.closed.markets'] || isOpen(quote, config['pre.post.market']);
      const due = open
        ? now + config['quotes.interval.ms']
        : await this.#hours.nextOpening(symbol, quote.exchange ?? symbol, signal);
      if (this.#dues.has(symbol)) this.#dues.set(symbol, due);
    }
  }

  /** None if the quote has been sent, or is older than that: Yahoo's servers do not all know the same. */
  #record(quote: Quote): readonly SourceRecord[] {
    if (!this.#dues.has(quote.symbol)) return [];
    const offset = quoteOffset(quote);
    const last = this.#last.get(quote.symbol);
    if (last && ((last.time as number) > quote.time || sameQuote(last, offset))) return [];
    this.#last.set(quote.symbol, offset);
    return [
      {
        ...tickRecord(this.#feed.topics.quotes, tickOf(quote)),
        sourcePartition: quotePartition(quote.symbol),
        sourceOffset: offset,
      },
    ];
  }
}

const sameQuote = (a: SourceOffset, b: SourceOffset): boolean =>
  a.time === b.time && a.price === b.price && a.bid === b.bid && a.ask === b.ask;
