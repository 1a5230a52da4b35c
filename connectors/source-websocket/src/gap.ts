import { Schema } from '@tributary/api';

/**
 * - `missing`: the feed left numbers out.
 * - `late`: records of a gap that was told before came after all.
 * - `dropped`: the buffer was full, and its policy is to drop the oldest.
 * - `reset`: the feed began to count anew.
 * - `disconnect`: there was no connection, and the feed does not count: what was missed cannot be told.
 */
export type GapReason = 'missing' | 'late' | 'dropped' | 'reset' | 'disconnect';

/** Records of a symbol that did not come when they should have. */
export interface Gap {
  readonly symbol: string;
  /** The first number that was missing; null where the feed does not count. */
  readonly from: number | null;
  /** The last one. */
  readonly to: number | null;
  /** How many records that is, if it is known. */
  readonly count: number | null;
  /** When it was noticed, or when the connection was lost. Milliseconds since the epoch. */
  readonly since: number;
  /** Whether these records have been delivered all the same. */
  readonly recovered: boolean;
  readonly reason: GapReason;
}

/** The schema of the records in `gaps.topic`. */
export const gapSchema: Schema = Schema.struct(
  {
    feed: Schema.string(),
    symbol: Schema.string(),
    from: Schema.int64({ optional: true }),
    to: Schema.int64({ optional: true }),
    count: Schema.int64({ optional: true }),
    since: Schema.timestamp(),
    until: Schema.timestamp(),
    recovered: Schema.boolean(),
    reason: Schema.string(),
  },
  { name: 'tributary.websocket.Gap', version: 1 },
);

/** The value of a gap's record. @param until when the gap was found to be closed or lost, in milliseconds since the epoch */
export function gapValue(
  feed: string,
  { symbol, from, to, count, since, recovered, reason }: Gap,
  until: number,
): unknown {
  return { feed, symbol, from, to, count, since: new Date(since), until: new Date(until), recovered, reason };
}
