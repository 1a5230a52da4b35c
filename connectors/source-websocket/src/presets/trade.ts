import { Schema } from '@tributary/api';
import { Fraction } from '@tributary/api/json';
import { type Side, tick, tickSchema } from '@tributary/market';
import type { Item } from '../feed.ts';

/** The schemas of the presets' records: keyed by symbol, with the common tick as value. */
export const TICK_SCHEMAS = { keySchema: Schema.string(), valueSchema: tickSchema } as const;

/** A trade or a quote as a feed told it. Decimals are text as the feed wrote it, or numbers. */
export interface Told {
  readonly symbol: string;
  readonly price?: unknown;
  readonly size?: unknown;
  readonly bid?: number | null;
  readonly ask?: number | null;
  readonly exchange: string | null;
  /** Microseconds since the epoch. */
  readonly time: number;
  /** Goes into the tick; within a symbol of a contiguous feed it tells gaps and repetitions. */
  readonly sequence?: number | null;
  /** Of the one who took what was offered. */
  readonly side?: Side | null;
  readonly tradeId?: string | null;
  readonly currency?: string | null;
  /** For feeds that do not count; see {@link Item}. */
  readonly id?: string | null;
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** A decimal as a number, NaN for what is none; null where there is nothing. */
export function decimal(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') return Number.isFinite(value) ? value : Number.NaN;
  return typeof value === 'string' && DECIMAL.test(value) ? Number(value) : Number.NaN;
}

/** A whole number, also if it is written as text. NaN for what is none. */
export function whole(value: unknown): number {
  if (typeof value === 'number') return value;
  return (typeof value === 'string' && /^-?\d+$/.test(value)) || typeof value === 'bigint' ? Number(value) : Number.NaN;
}

/** A feed's word for the side that took what was offered; null for what is none. */
export function sideOf(value: unknown): Side | null {
  switch (typeof value === 'string' ? value.toLowerCase() : '') {
    case 'buy':
    case 'b':
      return 'buy';
    case 'sell':
    case 's':
      return 'sell';
    default:
      return null;
  }
}

/** The taker's side, where a feed tells the maker's. */
export function oppositeOf(side: Side | null): Side | null {
  return side === null ? null : side === 'buy' ? 'sell' : 'buy';
}

/**
 * Reads all of a list, also what stands behind something that cannot be read.
 * @throws the error of the first that could not
 */
export function readAll<T>(list: readonly T[] | undefined, read: (one: T) => void): void {
  let first: unknown = null;
  for (const one of list ?? []) {
    try {
      read(one);
    } catch (error) {
      first ??= error;
    }
  }
  if (first !== null) throw first;
}

/** @throws Error as {@link tickItem}, and without a price or a size */
export function tradeItem(told: Told): Item {
  if ((told.price ?? null) === null || (told.size ?? null) === null)
    throw new Error(`a trade of ${told.symbol} without price or size`);
  return tickItem(told);
}

/** @throws Error if there is no symbol, no time, or a number that is none */
export function tickItem(told: Told): Item {
  const { symbol, time, sequence = null, id = null } = told;
  const price = decimal(told.price);
  const size = decimal(told.size);
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
      side: told.side ?? null,
      trade_id: told.tradeId ?? null,
      currency: told.currency ?? null,
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
