import type { SourceRecord } from '@tributary/api';
import type { Tick } from '@tributary/market';
import { MarketWalk, SymbolPrice } from '../prices.ts';
import { hash, uniform } from '../random.ts';
import { Stream } from '../stream.ts';

export interface MarketSettings {
  readonly symbols: readonly string[];
  readonly seed: number;
  /** Trades of each symbol in a second. */
  readonly rate: number;
}

const DAY_US = 86_400_000_000;
const VOLATILITY = 0.3;
const CORRELATION = 0.4;
const SPREAD = 0.0002;

/** A symbol's trades, by number. Numbers are counted from 1970, so that they do not depend on when the server was started. */
interface Line {
  readonly price: SymbolPrice;
  /** The part of a trade by which the symbol is ahead. */
  readonly phase: number;
  /** Where the trades of the present go on. */
  live: Stream;
}

/** A trade as the market knows it: the symbol's own number is its sequence. Times are in microseconds since 1970. */
export type MarketTrade = Tick & { readonly event_time_us: number; readonly sequence: number };

/**
 * The simulator's market with an exchange for each symbol, at a constant rate. Every trade follows from the seed, the symbol, the rate and
 * its number, so that any of them can be told at any time, without having been kept.
 */
export class ServedMarket {
  readonly #settings: MarketSettings;
  readonly #lines: ReadonlyMap<string, Line>;
  readonly #walk: MarketWalk;
  /** No trades happen from here on. Microseconds. */
  #end = Number.POSITIVE_INFINITY;

  constructor(settings: MarketSettings) {
    this.#settings = settings;
    this.#walk = new MarketWalk(settings.seed);
    this.#lines = new Map(
      settings.symbols.map((symbol) => {
        const line = { price: this.price(symbol), phase: uniform(hash(symbol)) };
        return [symbol, { ...line, live: this.#stream(line, 0) }];
      }),
    );
  }

  get symbols(): readonly string[] {
    return this.#settings.symbols;
  }

  /** Trades of each symbol in a second. */
  get rate(): number {
    return this.#settings.rate;
  }

  /** The symbol's price at any time, without the trades. */
  price(symbol: string): SymbolPrice {
    const model = {
      seed: this.#settings.seed,
      volatility: VOLATILITY,
      correlation: CORRELATION,
      anomalyProbability: 0,
    };
    return new SymbolPrice(symbol, model, this.#walk);
  }

  /** No trades happen after this time (microseconds). */
  close(time: number): void {
    this.#end = Math.min(this.#end, time);
  }

  /** Where the market stands at a time: now, or when it was closed. Microseconds. */
  until(now: number): number {
    return Math.min(now, this.#end);
  }

  /** How many trades of a symbol happened before a time (microseconds), which is the number of the last of them. */
  countBefore(symbol: string, time: number): number {
    const line = this.#lines.get(symbol)!;
    const second = Math.floor(time / 1_000_000);
    const before = this.#before(line.phase, second);
    const inSecond = this.#before(line.phase, second + 1) - before;
    const trades = inSecond > 0 ? this.#take(line, before + 1, inSecond, Number.POSITIVE_INFINITY) : [];
    return before + trades.filter((trade) => trade.event_time_us < time).length;
  }

  /** About how much of a symbol was traded on the day of a trade (UTC), up to it. */
  dayVolume(symbol: string, sequence: number, time: number): number {
    const line = this.#lines.get(symbol)!;
    const midnight = Math.floor(time / DAY_US) * (DAY_US / 1_000_000);
    return (sequence - this.#before(line.phase, midnight)) * Math.ceil(line.price.usualSize);
  }

  /** The trades of a symbol from a number on, that happened up to a time (microseconds); at most `count`. */
  trades(symbol: string, from: number, count: number, time: number): readonly MarketTrade[] {
    return this.#take(this.#lines.get(symbol)!, Math.max(1, from), count, this.until(time));
  }

  /** The next call of {@link advance} begins with this trade. */
  seek(symbol: string, sequence: number): void {
    const line = this.#lines.get(symbol)!;
    line.live = this.#stream(line, sequence - 1);
  }

  /** The number of the trade with which {@link advance} goes on. */
  next(symbol: string): number {
    return this.#lines.get(symbol)!.live.sequence + 1;
  }

  /** The trades of a symbol since the last call, up to a time (microseconds). */
  advance(symbol: string, time: number): readonly MarketTrade[] {
    const records: SourceRecord[] = [];
    this.#lines.get(symbol)!.live.take(this.until(time), Number.POSITIVE_INFINITY, records);
    return records.map((record) => record.value as MarketTrade);
  }

  #take(line: Pick<Line, 'price' | 'phase'>, from: number, count: number, until: number): readonly MarketTrade[] {
    const records: SourceRecord[] = [];
    this.#stream(line, from - 1).take(until, count, records);
    return records.map((record) => record.value as MarketTrade);
  }

  /** The trades before a second since 1970. It is what the load's own sum comes to. */
  #before(phase: number, second: number): number {
    return Math.floor(this.#settings.rate * second + phase);
  }

  /** The stream whose next trade has so many before it. */
  #stream({ price, phase }: Pick<Line, 'price' | 'phase'>, before: number): Stream {
    const { rate, seed } = this.#settings;
    let second = Math.floor((before - phase) / rate);
    while (this.#before(phase, second + 1) <= before) second++;
    while (this.#before(phase, second) > before) second--;
    const minute = Math.max(0, Math.floor(second / 60));
    return new Stream(
      {
        number: hash(price.symbol),
        seed,
        topic: '',
        partition: {},
        prices: [price],
        load: { rate, profile: 'constant', period: 60, phase },
        spread: SPREAD,
        limit: Number.POSITIVE_INFINITY,
      },
      { minute, tick: before - this.#before(phase, minute * 60), sequence: before },
    );
  }
}
