/** A trade of the made-up market. */
export interface Trade {
  readonly symbol: string;
  /** From 1 for each symbol. */
  readonly sequence: number;
  readonly price: string;
  readonly size: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** One client, as a protocol sees it. */
export interface Client {
  readonly symbols: Set<string>;
  authenticated: boolean;
  send(message: unknown): void;
}

export interface Protocol {
  /** What a client is told when it has connected. */
  greet?(client: Client): void;
  /** Answers a message of a client. */
  answer(client: Client, message: Record<string, unknown>): void;
  /** The frames of trades that happened together. */
  frames(trades: readonly Trade[]): readonly unknown[];
  /** What is sent of a symbol when nothing happens. */
  heartbeat(symbol: string, last: Trade | undefined): unknown;
  /** Answers a request to the REST API. */
  rest?(path: string, query: URLSearchParams, trades: (symbol: string) => readonly Trade[]): unknown;
}
