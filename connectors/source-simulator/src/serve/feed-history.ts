import type { Ledger } from './ledger.ts';
import type { History, Trade } from './protocol.ts';
import type { MarketTrade, ServedMarket } from './served-market.ts';
import { type FeedName, spelled } from './spelling.ts';

/** The market's trades as a feed tells them, all but those that it has lost. */
export class FeedHistory implements History {
  readonly #feed: FeedName;
  readonly #market: ServedMarket;
  readonly #ledger: Ledger;
  /** The market's symbols by the feed's. */
  readonly #own: ReadonlyMap<string, string>;

  constructor(feed: FeedName, market: ServedMarket, ledger: Ledger) {
    this.#feed = feed;
    this.#market = market;
    this.#ledger = ledger;
    this.#own = new Map(market.symbols.map((symbol) => [spelled(feed, symbol), symbol]));
  }

  /** The market's own name of a symbol; undefined if it has none such. */
  ownOf(symbol: string): string | undefined {
    return this.#own.get(symbol);
  }

  knows(symbol: string): boolean {
    return this.#own.has(symbol);
  }

  /** A trade in the words of the feed. */
  tell(trade: MarketTrade, symbol: string): Trade {
    const { event_time, event_time_us, sequence, price, size, bid, ask } = trade;
    return {
      symbol: spelled(this.#feed, symbol),
      sequence,
      price: price!.toFixed(2),
      size: String(size),
      time: event_time.getTime(),
      micros: event_time_us % 1000,
      bought: price === ask,
      bid: bid!,
      ask: ask!,
      dayVolume: this.#market.dayVolume(symbol, sequence, event_time_us),
    };
  }

  /** All trades between two numbers that have happened, both included, lost ones too. */
  all(symbol: string, from: number, to: number): readonly Trade[] {
    const own = this.#own.get(symbol);
    if (own === undefined) return [];
    return this.#market.trades(own, from, to - from + 1, this.#now()).map((trade) => this.tell(trade, own));
  }

  from(symbol: string, sequence: number, count: number): readonly Trade[] {
    const own = this.#own.get(symbol);
    return own === undefined || !Number.isSafeInteger(sequence) ? [] : this.#told(symbol, own, sequence, count);
  }

  before(symbol: string, sequence: number, count: number): readonly Trade[] {
    const own = this.#own.get(symbol);
    if (own === undefined || !(sequence > 0)) return [];
    const end = Math.min(sequence, this.#market.countBefore(own, this.#now()) + 1);
    return this.#told(symbol, own, Math.max(1, end - count), end - Math.max(1, end - count));
  }

  since(symbol: string, micros: number, count: number): readonly Trade[] {
    const own = this.#own.get(symbol);
    if (own === undefined || !Number.isFinite(micros)) return [];
    return this.#told(symbol, own, this.#market.countBefore(own, micros) + 1, count);
  }

  #told(symbol: string, own: string, from: number, count: number): readonly Trade[] {
    const lost = this.#ledger.accounts.get(symbol)?.lost;
    return this.#market
      .trades(own, from, count, this.#now())
      .filter((trade) => !lost?.has(trade.sequence))
      .map((trade) => this.tell(trade, own));
  }

  #now(): number {
    return this.#market.until(Date.now() * 1000);
  }
}
