import { Schema } from '@tributary/api';
import { Fraction } from '@tributary/api/json';
import { tick, tickSchema } from '@tributary/market';
import type { Item } from '../feed.ts';

/** The schemas of the presets' records: keyed by symbol, with the common tick as value. */
export const TICK_SCHEMAS = { keySchema: Schema.string(), valueSchema: tickSchema } as const;

/** A trade or a quote as a feed told it. Decimals are text as the feed wrote it, or numbers. */
export interface Told {
  readonly symbol: string;
  readonly price?: string | number | null;
  readonly size?: string | number | null;
  readonly bid?: number | null;
  readonly ask?: number | null;
  readonly exchange: string | null;
  /** Microseconds since the epoch. */
  readonly time: number;
  /** Goes into the tick; within a symbol of a contiguous feed it tells gaps and repetitions. */
  readonly sequence?: number | null;
  /** For feeds that do not count; see {@link Item}. */
  readonly id?: string | null;
}

const text = (value: string | number | null | undefined): string | null => (typeof value === 'string' ? value : null);
const number = (value: string | number | null | undefined): number | null =>
  value === undefined || value === null ? null : Number(value);

/** @throws Error if there is no symbol, no time, or a number that is none */
export function tickItem(told: Told): Item {
  const { symbol, time, sequence = null, id = null } = told;
  const price = number(told.price);
  const size = number(told.size);
  if (typeof symbol !== 'string' || symbol === '') throw new Error('a trade without a symbol');
  if (!Number.isSafeInteger(time)) throw new Error(`a trade of ${symbol} without a time`);
  if (Number.isNaN(price) || Number.isNaN(size))
    throw new Error(`a trade of ${symbol} whose price or size is no number`);
  if (sequence !== null && !Number.isSafeInteger(sequence))
    throw new Error(`a trade of ${symbol} whose number is not whole: ${String(sequence)}`);
  const event_time = new Date(Math.floor(time / 1000));
  return {
    symbol,
    key: symbol,
    value: tick({
      symbol,
      price,
      size,
      price_text: text(told.price),
      size_text: text(told.size),
      bid: told.bid ?? null,
      ask: told.ask ?? null,
      exchange: told.exchange,
      event_time,
      event_time_us: time,
      sequence,
    }),
    time: event_time.getTime(),
    sequence: id === null ? sequence : null,
    id,
  };
}

/** A JSON number as it was written; of what JSON.parse read, as JavaScript writes it. Text stays. Null for anything else. */
export function digits(value: unknown): string | null {
  if (value instanceof Fraction) return value.text;
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string' ? String(value) : null;
}

/** Divides a list into parts of at most so many. */
export function chunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** A check of symbols by pattern. */
export const symbolsLike =
  (pattern: RegExp, example: string) =>
  (symbol: string): string | undefined =>
    pattern.test(symbol) ? undefined : `the feed's symbols look like ${example}`;
