import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { answerControl } from './control.ts';
import { type AtOnce, drawOf, type Faults, NO_FAULTS } from './faults.ts';
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
import { FEEDS, type FeedName, spelled } from './spelling.ts';
import { YahooServer } from './yahoo/server.ts';
import { simulatedListing } from './yahoo/simulated.ts';

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
/** How many requests to Yahoo are remembered. */
const REMEMBERED = 1000;

/** The market on one port, in the words of all feeds. */
export class SimulatorServer {
  readonly market: ServedMarket;
  readonly feeds: ReadonlyMap<FeedName, LiveFeed>;
  readonly options: ServeOptions;
  readonly #http: Server;
  readonly #open = new Set<Duplex>();
  readonly #yahoo: YahooServer;
  readonly #journal: Journal | null;
  /** The market's symbols that somebody listens to. */
  readonly #active = new Set<string>();
  readonly #timers: NodeJS.Timeout[] = [];
  #faults: Faults;

  private constructor(options: ServeOptions) {
    this.options = options;
    this.#faults = options.faults;
    this.#journal = options.journal === null ? null : new Journal(options.journal);
    this.market = new ServedMarket(options);
    this.feeds = new Map(FEEDS.map((name) => [name, this.#feed(name)]));
    const exactFrom = Math.floor((Date.now() - options.historyMs) / 60_000) * 60_000;
    this.#yahoo = new YahooServer(
      options.symbols.map((symbol) => simulatedListing(this.market, symbol, spelled('yahoo', symbol), exactFrom)),
      Date.now,
      REMEMBERED,
    );
    const draw = drawOf(options.seed, 'yahoo over HTTP');
    let requests = 0;
    this.#yahoo.fault = () => (draw('http429', ++requests) < this.#faults.http429 ? 'throttle' : null);
    this.#yahoo.screens = { most_actives: options.symbols.map((symbol) => spelled('yahoo', symbol)) };
    this.#http = createServer((request, response) => void this.#answer(request, response));
    this.#http.on('connection', (socket) => {
      this.#open.add(socket);
      socket.on('close', () => this.#open.delete(socket));
    });
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** What is missing is as {@link SERVE_DEFAULTS} say. @throws Error if the port is taken */
  static async start(options: Partial<ServeOptions>): Promise<SimulatorServer> {
    const server = new SimulatorServer({ ...SERVE_DEFAULTS, ...options });
    await new Promise<void>((resolve, reject) => {
      server.#http.once('error', reject);
      server.#http.listen(server.options.port, server.options.host, resolve);
    });
    server.#begin();
    return server;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  /** Where clients reach it, without the scheme. */
  get authority(): string {
    const { host } = this.options;
    const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
    return `${shown}:${this.port}`;
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

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    for (const feed of this.feeds.values()) feed.end();
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#http.close(resolve));
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
    });
  }

  #begin(): void {
    this.#timers.push(setInterval(() => this.#round(), ROUND_MS));
    for (const feed of this.feeds.values())
      if (feed.heartbeatMs !== null) this.#timers.push(setInterval(() => feed.heartbeat(), feed.heartbeatMs));
    const { forMs } = this.options;
    if (forMs !== null) this.market.close((Date.now() + forMs) * 1000);
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

  /** The feed that a path is about, and the rest of the URL. */
  #target(request: IncomingMessage): { readonly feed: LiveFeed | undefined; readonly url: URL; readonly whole: URL } {
    const whole = new URL(request.url ?? '/', 'http://localhost');
    const [, name = '', rest = ''] = /^\/([^/]*)(.*)$/.exec(whole.pathname) ?? [];
    const url = new URL(whole);
    url.pathname = rest === '' ? '/' : rest;
    return { feed: this.feeds.get(name as FeedName), url, whole };
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { feed, url } = this.#target(request);
    if (feed) feed.endpoint.upgrade(request, socket, head, url);
    else socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { feed, url, whole } = this.#target(request);
    if (feed?.name === 'yahoo') this.#yahoo.answer(request, response, url);
    else if (feed) feed.endpoint.rest(response, url);
    else await answerControl(this, request, response, whole);
  }
}
