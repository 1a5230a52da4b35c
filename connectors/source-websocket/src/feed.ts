import type { Schema } from '@tributary/api';

/** One record of a feed. */
export interface Item {
  /** What the record is of; the feed's records of one symbol are kept in order. Empty where the feed has no symbols. */
  readonly symbol: string;
  readonly key: unknown;
  readonly value: unknown;
  /** When it happened, in milliseconds since the epoch; null if the feed does not say. */
  readonly time: number | null;
  /** The number of the record within its symbol; null if the feed does not count. */
  readonly sequence: number | null;
  /** What tells the record from all others of its symbol, for feeds that do not count; null if nothing does. */
  readonly id: string | null;
}

/** Takes what a frame says. */
export interface FeedOutput {
  item(item: Item): void;
  /** The server agreed to so many of the messages of a stage. */
  acknowledged(stage: string, count: number): void;
  /** The server refused one subscription; the others go on. */
  rejected(message: string): void;
  /** The server refused the connection; `permanent` if another attempt would fail as well, as with a wrong key. */
  refused(message: string, permanent: boolean): void;
  /** The server says that the symbol's records up to this number are there. */
  exists(symbol: string, sequence: number): void;
  /** The server says that it will cut the connection soon. */
  leaving(reason: string): void;
}

/** A step of the talk after a connection is open. The next begins when the server has acknowledged this one. */
export interface Stage {
  readonly name: string;
  readonly send: readonly string[];
  /** How many acknowledgements are waited for. 0: none. */
  readonly expects: number;
  /** The time between two messages in milliseconds, for servers that limit their number. Default: 0. */
  readonly paceMs?: number;
  /**
   * What is sent when the server refuses one of the messages: one for each symbol, so that those that are right go on. As many
   * acknowledgements are waited for.
   */
  readonly apart?: readonly string[];
  /** So many refusals end the connection if nothing was granted. Default: `expects`. */
  readonly refusals?: number;
}

/** Records of a symbol that did not come: both ends are missing too. */
export interface Hole {
  readonly symbol: string;
  readonly from: number;
  readonly to: number;
  /** The time of the last record before, in milliseconds since the epoch; null if it is not known. */
  readonly after: number | null;
}

/** Where a feed's records can be had when they did not come by themselves. */
export interface Recovery {
  /** The beginning of the URLs, without a slash at the end. */
  readonly url: string;
  /** The rest of the URL of the first page of what is missing. */
  path(hole: Hole): string;
  /** The records of an answer. Those that were not asked for are dropped. @throws Error if it cannot be read */
  read(text: string, hole: Hole): readonly Item[];
  /**
   * The rest of the URL of the page behind an answer that had nothing of the hole, for servers that are asked by time and not by number.
   * Null or the same again: there is none.
   */
  next?(text: string, hole: Hole): string | null;
}

export interface Timing {
  /** A connection without a message for so long is given up. 0: never. Milliseconds. */
  readonly silenceMs: number;
  /** How often the server is sent a ping of the protocol. 0: never. Milliseconds. */
  readonly pingMs: number;
  /** After so long a connection is replaced, before the server cuts it. 0: never. Milliseconds. */
  readonly plannedMs: number;
  /** How often `heartbeat` is sent. 0: never. Milliseconds. */
  readonly heartbeatMs: number;
}

/** A feed, ready to be connected to. */
export interface Feed {
  readonly name: string;
  readonly keySchema: Schema | null;
  /** Null: the values carry no schema. */
  readonly valueSchema: Schema | null;
  /** The server allows no more subscriptions on one connection than this. */
  readonly symbolsPerConnection: number;
  /** Whether the server allows a user one connection at a time. */
  readonly oneConnection: boolean;
  /** Whether the numbers of a symbol's records increase by one, so that missing ones can be told. */
  readonly contiguous: boolean;
  /** Whether each record has a number or an id, so that two connections may be read at once. */
  readonly identified: boolean;
  readonly timing: Timing;
  readonly recovery: Recovery | null;
  urls(symbols: readonly string[]): readonly string[];
  headers(): Readonly<Record<string, string>>;
  subprotocols(): readonly string[];
  stages(symbols: readonly string[]): readonly Stage[];
  /** Sent in regular intervals, beside the pings of the protocol. */
  heartbeat(symbols: readonly string[]): readonly string[];
  /** Sent before a connection is closed on purpose. */
  goodbye(symbols: readonly string[]): readonly string[];
  /** Reads a frame. @throws Error if it is not what the feed sends */
  read(data: Buffer, binary: boolean, output: FeedOutput): void;
}

/** What a preset is told by the config. */
export interface PresetOptions {
  /** One of the preset's channels. */
  readonly channel: string;
  /** `api.key` and `api.secret`; empty if they are not set. */
  readonly key: string;
  readonly secret: string;
}

/** A feed that is known by name. A module of a user's own exports one as default. */
export interface Preset {
  readonly name: string;
  /** One sentence for the documentation. */
  readonly doc: string;
  /** What can be subscribed to; the first is the default. */
  readonly channels: readonly string[];
  /** The keys that the server asks for. */
  readonly needs: ReadonlyArray<'api.key' | 'api.secret'>;
  /** Says what is wrong with a symbol, if anything. */
  checkSymbol(symbol: string): string | undefined;
  open(options: PresetOptions): PresetFeed;
}

/** What a preset must say of its feed; the rest has defaults. */
export type PresetFeed = Pick<Feed, 'name' | 'urls' | 'stages' | 'read' | 'symbolsPerConnection' | 'contiguous'> &
  Partial<Omit<Feed, 'timing'>> & { readonly timing?: Partial<Timing> };

export const DEFAULT_TIMING: Timing = { silenceMs: 60_000, pingMs: 15_000, plannedMs: 0, heartbeatMs: 0 };

const nothing = (): readonly string[] => [];

/** Fills in what a preset left out. */
export function completeFeed(feed: PresetFeed): Feed {
  return {
    keySchema: null,
    valueSchema: null,
    oneConnection: false,
    identified: true,
    recovery: null,
    headers: () => ({}),
    subprotocols: nothing,
    heartbeat: nothing,
    goodbye: nothing,
    ...feed,
    timing: { ...DEFAULT_TIMING, ...feed.timing },
  };
}
