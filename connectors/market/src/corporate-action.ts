import { NO_HEADERS, Schema, type SourceRecord } from '@tributary/api';

/** What a company pays for each share. */
export interface Dividend {
  readonly symbol: string;
  /** When it shows in the price: the beginning of trading on the ex-date, or that day. */
  readonly time: Date;
  /** For one share. */
  readonly amount: number;
  readonly currency: string | null;
  readonly exchange: string | null;
}

/** So many shares (`numerator`) become of so many (`denominator`). */
export interface Split {
  readonly symbol: string;
  /** When it shows in the price. */
  readonly time: Date;
  readonly numerator: number;
  readonly denominator: number;
  readonly exchange: string | null;
}

const text = Schema.string({ optional: true });

/** The schema of a {@link Dividend}. */
export const dividendSchema: Schema = Schema.struct(
  {
    symbol: Schema.string(),
    time: Schema.timestamp(),
    amount: Schema.float64(),
    currency: text,
    exchange: text,
  },
  { name: 'tributary.market.Dividend', version: 1 },
);

/** The schema of a {@link Split}. */
export const splitSchema: Schema = Schema.struct(
  {
    symbol: Schema.string(),
    time: Schema.timestamp(),
    numerator: Schema.float64(),
    denominator: Schema.float64(),
    exchange: text,
  },
  { name: 'tributary.market.Split', version: 1 },
);

const keySchema = Schema.string();

const record = (topic: string, value: Dividend | Split, valueSchema: Schema): SourceRecord => ({
  topic,
  partition: null,
  key: value.symbol,
  keySchema,
  value,
  valueSchema,
  timestamp: value.time.getTime(),
  headers: NO_HEADERS,
  sourcePartition: null,
  sourceOffset: null,
});

/** The record of a dividend: keyed by symbol. */
export const dividendRecord = (topic: string, value: Dividend): SourceRecord => record(topic, value, dividendSchema);

/** The record of a split: keyed by symbol. */
export const splitRecord = (topic: string, value: Split): SourceRecord => record(topic, value, splitSchema);
