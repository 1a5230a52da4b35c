/** A trade of the made-up market, as one feed tells it. */
export interface Trade {
  /** As the feed spells it. */
  readonly symbol: string;
  /** From 1 for each symbol, without gaps. */
  readonly sequence: number;
  readonly price: string;
  readonly size: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Microseconds within the millisecond. Default: 123. */
  readonly micros?: number;
  /** Whether a buyer came to a seller's offer. Default: false. */
  readonly bought?: boolean;
  readonly bid?: number;
  readonly ask?: number;
  /** What was traded on this day, this trade included. */
  readonly dayVolume?: number;
}

/** The trades of a feed that its REST API tells, by the feed's symbols. */
export interface History {
  knows(symbol: string): boolean;
  /** Those from a number on, in order. */
  from(symbol: string, sequence: number, count: number): readonly Trade[];
  /** The last ones before a number, in order. */
  before(symbol: string, sequence: number, count: number): readonly Trade[];
  /** Those from a time on, in order. Microseconds since the epoch. */
  since(symbol: string, micros: number, count: number): readonly Trade[];
}

/** One client, as a protocol sees it. */
export interface Client {
  /** The URL that it connected to, without the feed's own part. */
  readonly url: URL;
  /** What it has subscribed to. */
  readonly symbols: Set<string>;
  /** By symbol, for feeds with several channels. */
  readonly channels: Map<string, Set<string>>;
  authenticated: boolean;
  /** Sends text or bytes as they are, anything else as JSON. */
  send(message: unknown): void;
  /** Ends the connection, once what was sent is out. */
  close(code: number, reason: string): void;
  /** Whether the feed has the symbol. */
  knows(symbol: string): boolean;
  /** The last trades of a symbol, in order, for feeds that tell them to whoever subscribes. */
  recent(symbol: string, count: number): readonly Trade[];
  /** Whether the key is one of the feed's, and the secret its. */
  accepts(key: string, secret: string | null): boolean;
  /** How many other connections are authenticated. */
  others(): number;
}

export interface RestAnswer {
  /** Default: 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text as it is, anything else as JSON. */
  readonly body: unknown;
}

/** What a feed's server does by the clock. Milliseconds; what is missing does not happen. */
export interface Rules {
  /** How often it sends a ping of the WebSocket protocol. */
  readonly pingMs?: number;
  /** A connection whose pings have no answer for so long is cut. */
  readonly pongMs?: number;
  /** A connection is cut after so long. */
  readonly lifetimeMs?: number;
  /** A client that has not subscribed (or authenticated, where that is asked for) after so long is sent away. */
  readonly patienceMs?: number;
  /** How often heartbeats are sent. */
  readonly heartbeatMs?: number;
  /** Whether there is a heartbeat for each symbol. Default: one for the connection, and only where nothing else was sent. */
  readonly heartbeatPerSymbol?: boolean;
  /** A client that sends more messages and pings in a second is cut. */
  readonly messagesPerSecond?: number;
}

/** What a feed's server says. */
export interface Protocol {
  readonly rules?: Rules;
  /** The status with which a handshake is refused; null if it is not. */
  refuse?(client: Pick<Client, 'url' | 'accepts'>): number | null;
  /** What a client is told when it has connected. */
  greet?(client: Client): void;
  /** Answers a message of a client. */
  answer(client: Client, message: Record<string, unknown>): void;
  /** What a client is told that has been here too long without saying what it wants. */
  impatient?(client: Client): void;
  /** The frames of trades that happened together. */
  frames(trades: readonly Trade[], client: Client): readonly unknown[];
  /** What is sent of a symbol in regular intervals; null for nothing. */
  heartbeat(symbol: string, last: Trade | undefined, client: Client): unknown;
  /** Answers a request to the REST API; undefined if there is no such path. */
  rest?(path: string, query: URLSearchParams, history: History): RestAnswer | undefined;
}
