import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Connected } from './connected.ts';
import { FeedEndpoint } from './endpoint.ts';
import type { Protocol, Trade } from './protocol.ts';
import { microsOf } from './protocols/text.ts';

const START = Date.parse('2026-03-02T14:30:00Z');

/**
 * One feed's server over real sockets, whose trades and faults a test makes by hand: nothing happens by the clock. It remembers which
 * trades it sent, and which it kept to itself. The key is `the-key`, the secret `the-secret`.
 */
export class FeedServer {
  /** All trades that happened, by symbol. */
  readonly trades = new Map<string, Trade[]>();
  /** Messages of clients, in order. */
  readonly received: unknown[] = [];
  /** Headers of the handshakes. */
  readonly handshakes: IncomingMessage[] = [];
  /** Status codes for the next handshakes. */
  readonly refusals: number[] = [];
  /** Trades that no client was sent, as `symbol:sequence`. */
  readonly withheld = new Set<string>();
  /** Trades that REST does not tell either. */
  readonly unknownToRest = new Set<string>();
  readonly #protocol: Protocol;
  readonly #endpoint: FeedEndpoint;
  /** What makes URLs of those of TLS. */
  readonly #s: string;
  readonly #http: Server;
  readonly #open = new Set<Duplex>();

  /** @param tls what a server with TLS shows; null for one without */
  constructor(protocol: Protocol, tls: { readonly key: string; readonly cert: string } | null = null) {
    this.#protocol = protocol;
    this.#s = tls ? 's' : '';
    const told = (symbol: string): readonly Trade[] =>
      (this.trades.get(symbol) ?? []).filter((trade) => !this.unknownToRest.has(nameOf(trade)));
    this.#endpoint = new FeedEndpoint({
      protocol,
      rules: null,
      history: {
        knows: () => true,
        from: (symbol, from, count) =>
          told(symbol)
            .filter(({ sequence }) => sequence >= from)
            .slice(0, count),
        before: (symbol, end, count) =>
          told(symbol)
            .filter(({ sequence }) => sequence < end)
            .slice(-count),
        since: (symbol, micros, count) =>
          told(symbol)
            .filter((trade) => microsOf(trade) >= micros)
            .slice(0, count),
      },
      accepts: (key, secret) => (key === 'the-key' && (secret ?? 'the-secret') === 'the-secret') || key === '',
      recent: () => [],
      refusal: (what) => (what === 'handshake' ? (this.refusals.shift() ?? null) : null),
      onHandshake: (request) => this.handshakes.push(request),
      onMessage: (message) => this.received.push(message),
    });
    this.#http = tls ? createSecureServer(tls) : createServer();
    this.#http.on('request', (request, response) => this.#endpoint.rest(response, this.#urlOf(request)));
    this.#http.on('connection', (socket) => {
      this.#open.add(socket);
      socket.on('close', () => this.#open.delete(socket));
    });
    this.#http.on('upgrade', (request, socket, head) =>
      this.#endpoint.upgrade(request, socket, head, this.#urlOf(request)),
    );
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get clients(): ReadonlySet<Connected> {
    return this.#endpoint.clients;
  }

  get port(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws${this.#s}://127.0.0.1:${this.port}/ws`;
  }

  get restUrl(): string {
    return `http${this.#s}://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    this.#endpoint.terminate();
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#http.close(resolve));
  }

  /** Makes trades happen, and sends them to whoever has subscribed. @returns them */
  trade(symbol: string, count = 1): readonly Trade[] {
    const made = this.make(symbol, count);
    this.send(made);
    return made;
  }

  /** Makes trades happen that nobody is sent yet. */
  make(symbol: string, count = 1): readonly Trade[] {
    const own = this.trades.get(symbol) ?? [];
    this.trades.set(symbol, own);
    return Array.from({ length: count }, () => {
      const sequence = own.length + 1;
      const made: Trade = {
        symbol,
        sequence,
        price: `${100 + (sequence % 50)}.${String(sequence % 100).padStart(2, '0')}0`,
        size: `0.${String((sequence % 9) + 1)}0`,
        time: START + sequence * 10,
      };
      own.push(made);
      this.withheld.add(nameOf(made));
      return made;
    });
  }

  /** Sends trades, together if the protocol can, to whoever has subscribed; those that nobody is sent count as withheld. */
  send(trades: readonly Trade[]): void {
    for (const client of this.clients) {
      if (client.dead || client.ws.readyState !== client.ws.OPEN) continue;
      const wanted = trades.filter(({ symbol }) => client.symbols.has(symbol));
      if (wanted.length === 0) continue;
      for (const trade of wanted) this.withheld.delete(nameOf(trade));
      for (const frame of this.#protocol.frames(wanted, client)) client.send(frame);
    }
  }

  heartbeat(): void {
    this.#endpoint.heartbeat((symbol) => this.trades.get(symbol)?.at(-1));
  }

  /** Sends the same to all clients. */
  broadcast(frame: unknown): void {
    for (const client of this.clients) if (!client.dead) client.send(frame);
  }

  /** Ends all connections; what was sent before arrives. */
  disconnect(code = 1001): void {
    for (const client of this.clients) client.ws.close(code);
  }

  /** All connections of now stay, but nothing comes over them any more, pongs included. */
  kill(): void {
    for (const client of this.clients) client.dead = true;
  }

  #urlOf(request: IncomingMessage): URL {
    return new URL(request.url ?? '/', 'http://localhost');
  }
}

/** The name of a trade: its symbol and number. */
export const nameOf = ({ symbol, sequence }: Pick<Trade, 'symbol' | 'sequence'>): string => `${symbol}:${sequence}`;
