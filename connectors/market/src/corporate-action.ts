import { Schema, type SourceRecord } from '@tributary/api';
import { symbolRecord } from './symbol-record.ts';

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

/** The record of a dividend: keyed by symbol. */
export const dividendRecord = (topic: string, value: Dividend): SourceRecord =>
  symbolRecord(topic, value, dividendSchema, value.time);

/** The record of a split: keyed by symbol. */
export const splitRecord = (topic: string, value: Split): SourceRecord =>
  symbolRecord(topic, value, splitSchema, value.time);
