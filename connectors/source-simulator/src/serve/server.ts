import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { answerControl } from './control.ts';
import { drawOf, type Faults } from './faults.ts';
import type { FeedHistory } from './feed-history.ts';
import type { Ledger } from './ledger.ts';
import type { LiveFeed } from './live-feed.ts';
import type { ServedMarket } from './served-market.ts';
import { SERVE_DEFAULTS, type ServeOptions, Simulator } from './simulator.ts';
import { type FeedName, spelled } from './spelling.ts';
import { YahooServer } from './yahoo/server.ts';
import { simulatedListing } from './yahoo/simulated.ts';

/** How many requests to Yahoo are remembered. */
const REMEMBERED = 1000;

/** The market on one port, in the words of all feeds. */
export class SimulatorServer {
  readonly #simulator: Simulator;
  readonly #http: Server;
  readonly #open = new Set<Duplex>();
  readonly #yahoo: YahooServer;

  private constructor(options: ServeOptions) {
    this.#simulator = new Simulator(options);
    const exactFrom = Math.floor((Date.now() - options.historyMs) / 60_000) * 60_000;
    this.#yahoo = new YahooServer(
      options.symbols.map((symbol) =>
        simulatedListing(this.#simulator.market, symbol, spelled('yahoo', symbol), exactFrom),
      ),
      Date.now,
      REMEMBERED,
    );
    const draw = drawOf(options.seed, 'yahoo over HTTP');
    let requests = 0;
    this.#yahoo.fault = () => (draw('http429', ++requests) < this.#simulator.faults.http429 ? 'throttle' : null);
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
      server.#http.listen(server.#simulator.options.port, server.#simulator.options.host, resolve);
    });
    server.#simulator.begin();
    return server;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  /** Where clients reach it, without the scheme. */
  get authority(): string {
    const { host } = this.#simulator.options;
    const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
    return `${shown}:${this.port}`;
  }

  get faults(): Faults {
    return this.#simulator.faults;
  }

  set faults(faults: Faults) {
    this.#simulator.faults = faults;
  }

  /** What became of a feed's trades. */
  ledger(feed: FeedName): Ledger {
    return this.#simulator.feeds.get(feed)!.ledger;
  }

  /** The trades as a feed tells them. */
  history(feed: FeedName): FeedHistory {
    return this.#simulator.feeds.get(feed)!.history;
  }

  get market(): ServedMarket {
    return this.#simulator.market;
  }

  /** No trades happen any more; resolves when all that did were sent, or never will be. */
  halt(): Promise<void> {
    return this.#simulator.halt();
  }

  async close(): Promise<void> {
    await this.#simulator.end();
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  /** The feed that a path is about, and the rest of the URL. */
  #target(request: IncomingMessage): { readonly feed: LiveFeed | undefined; readonly url: URL; readonly whole: URL } {
    const whole = new URL(request.url ?? '/', 'http://localhost');
    const [, name = '', rest = ''] = /^\/([^/]*)(.*)$/.exec(whole.pathname) ?? [];
    const url = new URL(whole);
    url.pathname = rest === '' ? '/' : rest;
    return { feed: this.#simulator.feeds.get(name as FeedName), url, whole };
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
    else await answerControl(this.#simulator, this.authority, request, response, whole);
  }
}
