import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Client, Protocol, Trade } from './protocol.ts';

interface Connected extends Client {
  readonly ws: WebSocket;
  /** Nothing is sent any more, and nothing answered, but the connection stays. */
  dead: boolean;
}

const START = Date.parse('2026-03-02T14:30:00Z');

/** A feed's server over real sockets, with faults on demand. It remembers which trades it sent, and which it kept to itself. */
export class FeedServer {
  readonly clients = new Set<Connected>();
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
  /** What makes URLs of those of TLS. */
  readonly #s: string;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #open = new Set<Duplex>();

  /** @param tls what a server with TLS shows; null for one without */
  constructor(protocol: Protocol, tls: { readonly key: string; readonly cert: string } | null = null) {
    this.#protocol = protocol;
    this.#s = tls ? 's' : '';
    const rest = (request: IncomingMessage, response: ServerResponse): void => this.#rest(request, response);
    this.#http = tls ? createSecureServer(tls, rest) : createServer(rest);
    this.#http.on('connection', (socket) => {
      this.#open.add(socket);
      socket.on('close', () => this.#open.delete(socket));
    });
    this.#sockets = new WebSocketServer({ noServer: true, perMessageDeflate: true, autoPong: false });
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    return this;
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
    for (const client of this.clients) client.ws.terminate();
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
      for (const frame of this.#protocol.frames(wanted)) client.send(frame);
    }
  }

  heartbeat(): void {
    for (const client of this.clients)
      for (const symbol of client.symbols)
        if (!client.dead) client.send(this.#protocol.heartbeat(symbol, this.trades.get(symbol)?.at(-1)));
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

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.handshakes.push(request);
    const refusal = this.refusals.shift();
    if (refusal !== undefined) {
      socket.end(`HTTP/1.1 ${refusal} No\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#connected(ws));
  }

  #connected(ws: WebSocket): void {
    const client: Connected = {
      ws,
      symbols: new Set(),
      authenticated: false,
      dead: false,
      send: (message) =>
        ws.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message)),
    };
    this.clients.add(client);
    ws.on('close', () => this.clients.delete(client));
    ws.on('error', () => {});
    ws.on('ping', (data) => {
      if (!client.dead) ws.pong(data);
    });
    ws.on('message', (data: Buffer) => {
      const message: unknown = JSON.parse(data.toString());
      this.received.push(message);
      if (!client.dead) this.#protocol.answer(client, message as Record<string, unknown>);
    });
    this.#protocol.greet?.(client);
  }

  #rest(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url!, this.restUrl);
    const trades = (symbol: string): readonly Trade[] =>
      (this.trades.get(symbol) ?? []).filter((trade) => !this.unknownToRest.has(nameOf(trade)));
    const answer = this.#protocol.rest?.(pathname, searchParams, trades);
    response.statusCode = answer === undefined ? 404 : 200;
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer ?? {}));
  }
}

/** The name of a trade: its symbol and number. */
export const nameOf = ({ symbol, sequence }: Pick<Trade, 'symbol' | 'sequence'>): string => `${symbol}:${sequence}`;
