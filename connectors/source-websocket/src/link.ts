import { ConnectError } from '@tributary/api';
import type { Feed, FeedOutput, Item } from './feed.ts';
import { type LinkAction, type LinkEvent, type LinkSettings, nextLinkTick, stepLink, unlinked } from './link-state.ts';
import { Socket, type SocketTarget } from './socket.ts';
import type { SocketSettings } from './socket-state.ts';

/** What a link tells the task. */
export interface LinkEvents {
  /** One of the records of a frame; `bytes` is the frame's size for the first of them, 0 for the others. */
  item(item: Item, bytes: number): void;
  exists(symbol: string, sequence: number): void;
  malformed(data: Buffer, error: unknown): void;
  message(bytes: number): void;
  /** There is a connection again. */
  up(symbols: readonly string[], downSince: number | null): void;
  down(reason: string, wasLive: boolean): void;
  rejected(message: string): void;
  failed(error: ConnectError): void;
}

export interface LinkOptions {
  readonly feed: Feed;
  readonly symbols: readonly string[];
  readonly url: string;
  /** The URL without what may be secret, for messages. */
  readonly shownUrl: string;
  readonly target: Omit<SocketTarget, 'url'>;
  readonly settings: LinkSettings;
  readonly socket: Omit<SocketSettings, 'stages'>;
  readonly events: LinkEvents;
}

/** After a connection that was silent for too long the next may be silent for longer, up to so many times. */
const MAX_PATIENCE = 16;

/** Keeps one connection to the feed up; carries out what `link-state` decides. */
export class Link {
  readonly #options: LinkOptions;
  readonly #sockets = new Map<number, Socket>();
  #state = unlinked(Date.now());
  #timer: NodeJS.Timeout | null = null;
  #blocked = false;
  #closed = false;
  /** By how much longer a silence is borne: in a closed market every connection is silent. */
  #patience = 1;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  start(): void {
    this.#step({ type: 'tick' });
  }

  block(blocked: boolean): void {
    this.#blocked = blocked;
    for (const socket of this.#sockets.values()) socket.block(blocked);
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    for (const socket of this.#sockets.values()) socket.close(this.#goodbye());
    this.#sockets.clear();
  }

  #goodbye(): readonly string[] {
    return this.#options.feed.goodbye(this.#options.symbols);
  }

  #step(event: LinkEvent): void {
    if (this.#closed) return;
    const { state, actions } = stepLink(this.#state, event, Date.now(), this.#options.settings, Math.random());
    this.#state = state;
    for (const action of actions) this.#act(action);
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const at = nextLinkTick(this.#state);
    // Timers hold no more than 31 bits of milliseconds.
    if (at !== Number.POSITIVE_INFINITY && !this.#closed)
      this.#timer = setTimeout(() => this.#step({ type: 'tick' }), Math.min(Math.max(at - Date.now(), 1), 2 ** 31 - 1));
  }

  #act(action: LinkAction): void {
    const { symbols, events, shownUrl } = this.#options;
    switch (action.type) {
      case 'connect':
        this.#connect(action.socket);
        return;
      case 'close':
        this.#sockets.get(action.socket)?.close(this.#goodbye());
        this.#sockets.delete(action.socket);
        return;
      case 'up':
        events.up(symbols, action.downSince);
        return;
      case 'give-up':
        this.close();
        events.failed(new ConnectError(`The connection to ${shownUrl} was given up: ${action.reason}`));
        return;
    }
  }

  #connect(number: number): void {
    const { feed, symbols, url, target, socket: settings, events } = this.#options;
    const silenceMs = settings.silenceMs * this.#patience;
    let heard = false;
    /** The frame that is being read; one object for all, since there are many. */
    const frame = { bytes: 0, counts: true };
    const output: FeedOutput = {
      item: (item) => {
        if (!frame.counts) return;
        heard = true;
        this.#patience = 1;
        events.item(item, frame.bytes);
        frame.bytes = 0;
      },
      exists: (symbol, sequence) => events.exists(symbol, sequence),
      acknowledged: (stage, count) => socket.acknowledged(stage, count),
      rejected: (message) => {
        events.rejected(message);
        socket.rejected();
      },
      refused: (message, permanent) => socket.fail(`the server said: ${message}`, permanent),
      leaving: () => this.#step({ type: 'leaving', socket: number }),
    };
    const socket: Socket = new Socket({
      target: { ...target, url },
      settings: { ...settings, silenceMs, stages: feed.stages(symbols) },
      heartbeat: () => feed.heartbeat(symbols),
      events: {
        message: (data, binary) => {
          events.message(data.length);
          frame.bytes = data.length;
          frame.counts = this.#reads(number);
          try {
            feed.read(data, binary, output);
          } catch (error) {
            if (frame.counts) events.malformed(data, error);
          }
        },
        live: () => this.#step({ type: 'live', socket: number }),
        lost: (reason, refused, waitMs, aliveUntil) => {
          this.#sockets.delete(number);
          const counts = number === this.#state.current;
          if (counts && this.#state.currentLive && !heard) this.#patience = Math.min(this.#patience * 2, MAX_PATIENCE);
          if (number !== this.#state.old) events.down(reason, counts && this.#state.currentLive);
          this.#step({ type: 'lost', socket: number, reason, refused, waitMs, aliveUntil });
        },
      },
    });
    this.#sockets.set(number, socket);
    if (this.#blocked) socket.block(true);
  }

  /** Whether a connection's records count: without an overlap only those of the current one do. */
  #reads(number: number): boolean {
    return this.#options.settings.overlapMs > 0 || number === this.#state.current;
  }
}
