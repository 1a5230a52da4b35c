import { type Int64, Schema, type SourceRecord } from '@tributary/api';
import { symbolRecord } from './symbol-record.ts';

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
  /** The currency of the prices, as the feed calls it (`USD`, `GBp`). */
  readonly currency: string | null;
  /** When the interval ends: the bar holds what happened before. */
  readonly end: Date | null;
  /** Whether the bar will not change any more; null where the feed sends no others. */
  readonly final: boolean | null;
  /** The closing price with later splits and dividends taken out. */
  readonly adjusted_close: number | null;
}

const real = Schema.float64({ optional: true });
const text = Schema.string({ optional: true });

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
    exchange: text,
    currency: text,
    end: Schema.timestamp({ optional: true }),
    final: Schema.boolean({ optional: true }),
    adjusted_close: real,
  },
  { name: 'tributary.market.Bar', version: 2 },
);

/** What a source knows of a bar: the symbol, the interval, its beginning, and whatever else the feed says. */
export type BarInput = Pick<Bar, 'symbol' | 'interval' | 'start'> & Partial<Bar>;

/** Completes a bar: what is missing is null. */
export function bar(input: BarInput): Bar {
  return {
    symbol: input.symbol,
    interval: input.interval,
    start: input.start,
    open: input.open ?? null,
    high: input.high ?? null,
    low: input.low ?? null,
    close: input.close ?? null,
    volume: input.volume ?? null,
    vwap: input.vwap ?? null,
    trades: input.trades ?? null,
    exchange: input.exchange ?? null,
    currency: input.currency ?? null,
    end: input.end ?? null,
    final: input.final ?? null,
    adjusted_close: input.adjusted_close ?? null,
  };
}

/** The record of a bar: keyed by symbol, with the beginning of the interval as its timestamp. */
export const barRecord = (topic: string, value: Bar): SourceRecord =>
  symbolRecord(topic, value, barSchema, value.start);
