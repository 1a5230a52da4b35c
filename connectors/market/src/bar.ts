import { type Int64, NO_HEADERS, Schema, type SourceRecord } from '@tributary/api';

/** What happened to one instrument during one interval (a candle). */
export interface Bar {
  readonly symbol: string;
  /** The length of the interval as feeds write it: `1m`, `1h`, `1d`. */
  readonly interval: string;
  /** When the interval began. */
  readonly start: Date;
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly close: number | null;
  readonly volume: number | null;
  /** The average price, weighted by volume. */
  readonly vwap: number | null;
  /** The number of trades. */
  readonly trades: Int64 | null;
  readonly exchange: string | null;
}

const real = Schema.float64({ optional: true });

/** The schema of a {@link Bar}. */
export const barSchema: Schema = Schema.struct(
  {
    symbol: Schema.string(),
    interval: Schema.string(),
    start: Schema.timestamp(),
    open: real,
    high: real,
    low: real,
    close: real,
    volume: real,
    vwap: real,
    trades: Schema.int64({ optional: true }),
    exchange: Schema.string({ optional: true }),
  },
  { name: 'tributary.market.Bar', version: 1 },
);

const keySchema = Schema.string();

/** The record of a bar: keyed by symbol, with the beginning of the interval as its timestamp. */
export function barRecord(topic: string, value: Bar): SourceRecord {
  return {
    topic,
    partition: null,
    key: value.symbol,
    keySchema,
    value,
    valueSchema: barSchema,
    timestamp: value.start.getTime(),
    headers: NO_HEADERS,
    sourcePartition: null,
    sourceOffset: null,
  };
}
