import { type AtOnce, type Faults, NO_FAULTS } from './faults.ts';
import { Journal } from './ledger.ts';
import { LiveFeed } from './live-feed.ts';
import type { Protocol, Rules } from './protocol.ts';
import { alpaca } from './protocols/alpaca.ts';
import { binance } from './protocols/binance.ts';
import { coinbase } from './protocols/coinbase.ts';
import { finnhub } from './protocols/finnhub.ts';
import { kraken } from './protocols/kraken.ts';
import { polygon } from './protocols/polygon.ts';
import { yahoo } from './protocols/yahoo.ts';
import { ServedMarket } from './served-market.ts';
import { FEEDS, type FeedName } from './spelling.ts';

export interface ServeOptions {
  /** As the market calls them. */
  readonly symbols: readonly string[];
  /** Trades of each symbol in a second. */
  readonly rate: number;
  readonly seed: number;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly faults: Faults;
  /** The file of the journal; null for none. */
  readonly journal: string | null;
  /** How far back Yahoo's bars are made of trades. Milliseconds. */
  readonly historyMs: number;
  /** In place of the feeds' own; null: as they have them. Milliseconds. */
  readonly lifetimeMs: number | null;
  readonly heartbeatMs: number | null;
  readonly pingMs: number | null;
  readonly pongMs: number | null;
  /** What clients must show; null: anything. */
  readonly key: string | null;
  readonly secret: string | null;
  /** The market closes after so long. Milliseconds. */
  readonly forMs: number | null;
}

/** A small market for this machine alone, at a port that is free, in which nothing goes wrong. */
export const SERVE_DEFAULTS: ServeOptions = {
  symbols: ['AAPL', 'MSFT', 'BTC-USD', 'ETH-USD'],
  rate: 10,
  seed: 1,
  host: '127.0.0.1',
  port: 0,
  faults: NO_FAULTS,
  journal: null,
  historyMs: 3_600_000,
  lifetimeMs: null,
  heartbeatMs: null,
  pingMs: null,
  pongMs: null,
  key: null,
  secret: null,
  forMs: null,
};

const PROTOCOLS: Readonly<Record<FeedName, Protocol>> = { binance, coinbase, kraken, finnhub, alpaca, polygon, yahoo };
/** Trades that happen within this are sent together. */
const ROUND_MS = 5;

/** The market and its feeds, from round to round. */
export class Simulator {
  readonly options: ServeOptions;
  readonly market: ServedMarket;
  readonly feeds: ReadonlyMap<FeedName, LiveFeed>;
  readonly #journal: Journal | null;
  /** The market's symbols that somebody listens to. */
  readonly #active = new Set<string>();
  readonly #timers: NodeJS.Timeout[] = [];
  #faults: Faults;

  constructor(options: ServeOptions) {
    this.options = options;
    this.#faults = options.faults;
    this.#journal = options.journal === null ? null : new Journal(options.journal);
    this.market = new ServedMarket(options);
    this.feeds = new Map(FEEDS.map((name) => [name, this.#feed(name)]));
  }

  /** The market opens. */
  begin(): void {
    this.#timers.push(setInterval(() => this.#round(), ROUND_MS));
    for (const feed of this.feeds.values())
      if (feed.heartbeatMs !== null) this.#timers.push(setInterval(() => feed.heartbeat(), feed.heartbeatMs));
    const { forMs } = this.options;
    if (forMs !== null) this.market.close((Date.now() + forMs) * 1000);
  }

  get faults(): Faults {
    return this.#faults;
  }

  set faults(faults: Faults) {
    this.#faults = faults;
    for (const feed of this.feeds.values()) feed.reschedule();
  }

  strike(fault: AtOnce, feed: LiveFeed | null): void {
    for (const one of feed ? [feed] : this.feeds.values()) one.strike(fault);
  }

  /** No trades happen any more; resolves when all that did were sent, or never will be. */
  async halt(): Promise<void> {
    this.#round();
    this.market.close(Date.now() * 1000);
    while ([...this.feeds.values()].some((feed) => feed.waiting))
      await new Promise((done) => setTimeout(done, ROUND_MS));
  }

  /** Cuts all connections, and ends the journal. */
  async end(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const feed of this.feeds.values()) feed.end();
    await this.#journal?.close();
  }

  #feed(name: FeedName): LiveFeed {
    const { seed, key, secret, lifetimeMs, heartbeatMs, pingMs, pongMs } = this.options;
    const protocol = PROTOCOLS[name];
    const own = protocol.rules ?? {};
    const rules: Rules = {
      ...own,
      ...(lifetimeMs !== null && { lifetimeMs }),
      ...(heartbeatMs !== null && own.heartbeatMs !== undefined && { heartbeatMs }),
      ...(pingMs !== null && { pingMs }),
      ...(pongMs !== null && { pongMs }),
    };
    return new LiveFeed({
      name,
      protocol,
      rules,
      market: this.market,
      seed,
      faults: () => this.#faults,
      journal: this.#journal,
      key,
      secret,
      begin: (symbol) => this.#activate(symbol),
      catchUp: () => this.#round(),
    });
  }

  /** @returns the number of the symbol's next trade */
  #activate(symbol: string): number {
    const next = this.market.countBefore(symbol, this.market.until(Date.now() * 1000)) + 1;
    if (this.#active.has(symbol)) return this.market.next(symbol);
    this.#active.add(symbol);
    this.market.seek(symbol, next);
    return next;
  }

  #round(): void {
    const now = Date.now();
    for (const symbol of this.#active) {
      const trades = this.market.advance(symbol, now * 1000);
      if (trades.length > 0) for (const feed of this.feeds.values()) feed.take(symbol, trades);
    }
    for (const feed of this.feeds.values()) feed.flush(now);
  }
}
