import type { Agent, IncomingMessage } from 'node:http';
import type { ConnectionOptions, SecureContextOptions } from 'node:tls';
import { retryAfterMs } from '@tributary/api';
import WebSocket from 'ws';
import type { Stage } from './feed.ts';
import {
  connecting,
  nextTick,
  type SocketAction,
  type SocketEvent,
  type SocketSettings,
  type SocketState,
  step,
} from './socket-state.ts';

export interface SocketTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly subprotocols: readonly string[];
  readonly compression: boolean;
  readonly maxFrameBytes: number;
  readonly tls: SecureContextOptions & Pick<ConnectionOptions, 'checkServerIdentity'>;
  readonly agent: Agent | null;
}

export interface SocketEvents {
  message(data: Buffer, binary: boolean): void;
  live(): void;
  /**
   * The connection is gone, or never came; called once. `waitMs` is what the server asks to wait; until `aliveUntil` everything that it
   * had to say has come: that was its last message, since one that answers pings may have stopped to say anything.
   */
  lost(reason: string, refused: boolean, waitMs: number, aliveUntil: number): void;
}

export interface SocketOptions {
  readonly target: SocketTarget;
  readonly settings: SocketSettings;
  readonly heartbeat: () => readonly string[];
  readonly events: SocketEvents;
}

/** How long the server may take to answer the end of a connection, in milliseconds. */
const CLOSE_MS = 1_000;
/** Answers to the handshake that mean that something is wrong on our side. */
const REFUSALS = new Set([400, 401, 403, 404, 407]);
/** Why a certificate is not believed, if nobody was told whom to believe. */
const UNKNOWN_CA = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

function connectReason({ message, code = '' }: NodeJS.ErrnoException): string {
  const reason = message || code;
  return UNKNOWN_CA.has(code) ? `${reason}: set ssl.truststore.location to who signed it` : reason;
}

/** One connection: carries out what `socket-state` decides. */
export class Socket {
  /** When the last message came. Set for each, so that nothing else has to be done for it. */
  #heard = Date.now();
  #state: SocketState;
  #blocked = false;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  readonly #paced = new Set<NodeJS.Timeout>();
  readonly #options: SocketOptions;
  readonly #ws: WebSocket;

  constructor(options: SocketOptions) {
    this.#options = options;
    this.#state = connecting(Date.now());
    const { url, headers, subprotocols, compression, maxFrameBytes, tls, agent } = options.target;
    this.#ws = new WebSocket(url, [...subprotocols], {
      ...tls,
      headers,
      perMessageDeflate: compression,
      maxPayload: maxFrameBytes,
      ...(agent && { agent }),
      // The state has its own limit, which also covers what comes before the handshake.
      handshakeTimeout: options.settings.connectMs,
      followRedirects: true,
    });
    this.#listen();
    this.#schedule();
  }

  /** Stops or resumes reading, so that the server is held up. */
  block(blocked: boolean): void {
    if (this.#blocked === blocked) return;
    this.#tick(); // with what was true so far
    this.#blocked = blocked;
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    if (blocked) this.#ws.pause();
    else {
      this.#heard = Date.now();
      this.#step({ type: 'tick', heard: this.#heard, blocked: true });
      this.#ws.resume();
    }
  }

  acknowledged(stage: string, count: number): void {
    if (this.#state.phase === 'talking') this.#step({ type: 'acknowledged', stage, count });
  }

  rejected(): void {
    this.#step({ type: 'rejected' });
  }

  /** Gives the connection up. */
  fail(reason: string, refused = false, waitMs = 0): void {
    if (this.#closed) return;
    this.#end();
    this.#options.events.lost(reason, refused, waitMs, this.#heard);
  }

  /** Ends the connection on purpose: nothing more is told of it. */
  close(goodbye: readonly string[]): void {
    if (this.#closed) return;
    const open = this.#ws.readyState === WebSocket.OPEN;
    if (!open) {
      this.#end();
      return;
    }
    this.#closed = true;
    this.#stopTimers();
    if (this.#blocked) this.#ws.resume();
    for (const text of goodbye) this.#ws.send(text, () => {});
    this.#ws.close(1000);
    setTimeout(() => this.#ws.terminate(), CLOSE_MS).unref();
  }

  #listen(): void {
    const ws = this.#ws;
    ws.on('open', () => {
      if (this.#blocked) ws.pause();
      this.#step({ type: 'opened' });
    });
    ws.on('message', (data, binary) => {
      if (this.#closed) return;
      this.#heard = Date.now();
      this.#options.events.message(data as Buffer, binary);
    });
    ws.on('pong', () => this.#step({ type: 'pong' }));
    ws.on('unexpected-response', (_request, response: IncomingMessage) => {
      response.resume();
      const status = response.statusCode ?? 0;
      const wait = retryAfterMs(response.headers['retry-after'], Date.now()) ?? 0;
      const who = status === 407 ? 'the proxy (proxy.user, proxy.password)' : 'the server';
      this.fail(`${who} answered the handshake with ${status}`, REFUSALS.has(status), wait);
    });
    ws.on('error', (error) => this.fail(connectReason(error)));
    ws.on('close', (code, reason) =>
      this.fail(`the connection was closed with ${code}${reason.length > 0 ? ` ${reason.toString()}` : ''}`),
    );
  }

  #step(event: SocketEvent): void {
    if (this.#closed) return;
    const { state, actions } = step(this.#state, event, Date.now(), this.#options.settings);
    this.#state = state;
    for (const action of actions) this.#act(action);
    this.#schedule();
  }

  #tick(): void {
    this.#step({ type: 'tick', heard: this.#heard, blocked: this.#blocked });
  }

  #act(action: SocketAction): void {
    if (this.#closed) return;
    switch (action.type) {
      case 'send':
        this.#sendStage(action.stage);
        return;
      case 'ping':
        this.#ws.ping();
        return;
      case 'heartbeat':
        for (const text of this.#options.heartbeat()) this.#ws.send(text);
        return;
      case 'live':
        this.#options.events.live();
        return;
      case 'fail':
        this.fail(action.reason, action.refused);
        return;
    }
  }

  #sendStage({ send, paceMs = 0 }: Stage): void {
    for (const timer of this.#paced) clearTimeout(timer);
    this.#paced.clear();
    send.forEach((text, i) => {
      if (i * paceMs === 0) {
        this.#ws.send(text);
        return;
      }
      const timer = setTimeout(() => {
        this.#paced.delete(timer);
        this.#ws.send(text);
      }, i * paceMs);
      this.#paced.add(timer);
    });
  }

  #schedule(): void {
    if (this.#closed) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const at = nextTick(this.#state, this.#options.settings);
    if (at === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#tick(), Math.max(at - Date.now(), 1));
  }

  #end(): void {
    this.#closed = true;
    this.#stopTimers();
    this.#ws.removeAllListeners('message');
    this.#ws.terminate();
  }

  #stopTimers(): void {
    if (this.#timer) clearTimeout(this.#timer);
    for (const timer of this.#paced) clearTimeout(timer);
  }
}
