import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Connected } from './connected.ts';
import type { History, Protocol, Trade } from './protocol.ts';
import { keepRules } from './rules.ts';

export interface EndpointOptions {
  readonly protocol: Protocol;
  readonly history: History;
  /** Whether the feed does by the clock what it should; a test may want to be alone with the client. */
  readonly rules: Protocol['rules'] | null;
  accepts(key: string, secret: string | null): boolean;
  /** The last trades of a symbol, as they are told to whoever subscribes. */
  recent(symbol: string, count: number): readonly Trade[];
  /** The status with which a handshake, or a request to the REST API, is refused; null if it is not. */
  refusal(what: 'handshake' | 'request'): number | null;
  /** A frame is about to be sent beside trades. @returns whether it may */
  maySend?(client: Connected): boolean;
  onHandshake?(request: IncomingMessage): void;
  onClient?(client: Connected): void;
  onMessage?(message: unknown, client: Connected): void;
  /** A message was answered, or the client greeted. */
  onAnswered?(client: Connected): void;
  onGone?(client: Connected): void;
}

/** One feed: its connections, and its REST API. It belongs to a server that hands requests to it. */
export class FeedEndpoint {
  readonly clients = new Set<Connected>();
  readonly #options: EndpointOptions;
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: true, autoPong: false });
  #count = 0;

  constructor(options: EndpointOptions) {
    this.#options = options;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, url: URL): void {
    const { onHandshake, refusal, protocol, accepts } = this.#options;
    onHandshake?.(request);
    const refused = refusal('handshake') ?? protocol.refuse?.({ url, accepts }) ?? null;
    if (refused !== null) {
      socket.end(`HTTP/1.1 ${refused} No\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#connected(ws, url));
  }

  rest(response: ServerResponse, url: URL): void {
    const { protocol, history, refusal } = this.#options;
    const refused = refusal('request');
    if (refused !== null) {
      response.writeHead(refused, { 'retry-after': '0' }).end();
      return;
    }
    const answer = protocol.rest?.(url.pathname, url.searchParams, history);
    const text = typeof answer?.body === 'string' ? answer.body : JSON.stringify(answer?.body ?? {});
    const type = { 'content-type': 'application/json' };
    response.writeHead(answer === undefined ? 404 : (answer.status ?? 200), { ...type, ...answer?.headers }).end(text);
  }

  /** Sends heartbeats to whoever may be sent something. */
  heartbeat(last: (symbol: string) => Trade | undefined): void {
    const { protocol, maySend } = this.#options;
    for (const client of this.clients) {
      if (client.dead || maySend?.(client) === false) continue;
      const symbols = [...client.symbols];
      const each = protocol.rules?.heartbeatPerSymbol ? symbols : client.quiet ? symbols.slice(0, 1) : [];
      for (const symbol of each) {
        const message = protocol.heartbeat(symbol, last(symbol), client);
        if (message !== null) client.send(message);
      }
      client.quiet = true;
    }
  }

  /** Cuts all connections at once. */
  terminate(): void {
    for (const client of this.clients) client.ws.terminate();
  }

  #connected(ws: WebSocket, url: URL): void {
    const { protocol, history, rules, accepts, recent, onClient, onMessage, onAnswered, onGone } = this.#options;
    const client: Connected = {
      ws,
      url,
      number: ++this.#count,
      symbols: new Set(),
      channels: new Map(),
      authenticated: false,
      dead: false,
      quiet: false,
      send(message) {
        client.quiet = false;
        if (ws.readyState === ws.OPEN)
          ws.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
      },
      close: (code, reason) => ws.close(code, reason),
      knows: (symbol) => history.knows(symbol),
      recent,
      accepts,
      others: () => [...this.clients].filter((one) => one !== client && one.authenticated && !one.dead).length,
    };
    this.clients.add(client);
    const kept = rules ? keepRules(client, protocol, rules) : null;
    ws.on('close', () => {
      this.clients.delete(client);
      kept?.end();
      onGone?.(client);
    });
    ws.on('error', () => {});
    ws.on('ping', (data) => {
      if (client.dead) return;
      kept?.heard();
      ws.pong(data);
    });
    ws.on('pong', () => kept?.answered());
    ws.on('message', (data: Buffer) => {
      if (client.dead) return;
      kept?.heard();
      this.#answer(client, data, onMessage);
      onAnswered?.(client);
    });
    onClient?.(client);
    protocol.greet?.(client);
    onAnswered?.(client);
  }

  #answer(client: Connected, data: Buffer, onMessage: EndpointOptions['onMessage']): void {
    let message: unknown;
    try {
      message = JSON.parse(data.toString());
    } catch {
      message = null;
    }
    onMessage?.(message, client);
    const object = typeof message === 'object' && message !== null ? (message as Record<string, unknown>) : {};
    this.#options.protocol.answer(client, object);
  }
}
