import type { WebSocket } from 'ws';
import type { Client } from './protocol.ts';

/** A connection. */
export interface Connected extends Client {
  readonly ws: WebSocket;
  /** From 1, over all connections of the feed. */
  readonly number: number;
  /** Nothing is sent any more, and nothing answered, but the connection stays. */
  dead: boolean;
  /** Nothing was sent since the last heartbeat. */
  quiet: boolean;
}
