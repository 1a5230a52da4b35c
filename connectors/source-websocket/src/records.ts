import { Schema } from '@tributary/api';
import { Fraction, parseExactJson, parseJson } from '@tributary/api/json';
import { type Tick, tick, tickSchema } from '@tributary/market';
import { compileRecordCondition } from './condition.ts';
import type { Item } from './feed.ts';
import { compileManyPath, compileScoped, type Scope } from './json-path.ts';
import { decimal, digits, readAll, sideOf } from './presets/trade.ts';
import { microseconds, type TimeUnit } from './times.ts';

/** How the records of a feed are found in its frames, where no program says so. Paths are relative to a record, or with `$` to the message. */
export interface RecordsDefinition {
  /** Where the records are in a message; empty: the message is one, or an array of them. */
  readonly path: string;
  readonly format: 'json' | 'text' | 'bytes';
  readonly key: string | null;
  readonly timestamp: string | null;
  readonly timestampUnit: TimeUnit;
  readonly id: string | null;
  readonly sequence: string | null;
  /** Conditions, of which all must hold. */
  readonly filter: readonly string[];
  /** Whether decimals are text, so that no digit is lost. */
  readonly decimalsAsText: boolean;
  /** Makes the common tick of each record: from field names to paths. Null: the record stays as it is. */
  readonly tick: Readonly<Partial<Record<TickField, string>>> | null;
}

/** Fields of a tick, named as there. The side is the taker's: buy, sell, b or s, in capitals or not. */
export const TICK_FIELDS = [
  'symbol',
  'price',
  'size',
  'bid',
  'ask',
  'exchange',
  'side',
  'trade_id',
  'currency',
] as const;
export type TickField = (typeof TICK_FIELDS)[number];

export interface RecordReader {
  readonly keySchema: Schema | null;
  readonly valueSchema: Schema | null;
  /**
   * The message as JSON; undefined where nobody looks into it.
   * @param watched whether somebody looks into messages that are not taken for JSON: what is none is then undefined
   * @throws Error if it is none
   */
  parse(data: Buffer, watched: boolean): unknown;
  /** Hands over the records of a message. @throws Error if one of them lacks what it must have; the others are handed over */
  each(message: unknown, data: Buffer, take: (item: Item) => void): void;
}

/** @throws ConfigError for paths and conditions that make no sense */
export function compileRecords(definition: RecordsDefinition): RecordReader {
  const { format, path, decimalsAsText, filter, tick: tickFields } = definition;
  const fields = {
    key: optional(definition.key),
    timestamp: optional(definition.timestamp),
    id: optional(definition.id),
    sequence: optional(definition.sequence),
  };
  const conditions = filter.map(compileRecordCondition);
  const many = compileManyPath(path);
  const ticks = tickFields && compileTick(tickFields);
  const exact = decimalsAsText || ticks !== null;
  const looks = format === 'json' || conditions.length > 0 || Object.values(fields).some((get) => get !== null);
  const valueFrom = (record: unknown, data: Buffer): unknown => {
    if (format === 'bytes') return data;
    if (format === 'text') return data.toString();
    return exact ? plain(record) : record;
  };
  const item = (scope: Scope, data: Buffer): Item => {
    const told = ticks?.(scope);
    const key = told?.symbol ?? textOf(fields.key?.(scope));
    const time = fields.timestamp ? timeOf(fields.timestamp(scope), definition) : null;
    const sequence = fields.sequence ? sequenceOf(fields.sequence(scope), definition) : null;
    if (ticks && time === null) throw new Error('a tick needs records.timestamp');
    return {
      symbol: key ?? '',
      key,
      value: told ? tick({ ...told, event_time_us: time!, sequence }) : valueFrom(scope.record, data),
      time: time === null ? null : Math.floor(time / 1000),
      sequence,
      id: fields.id ? textOf(fields.id(scope)) : null,
    };
  };
  return {
    keySchema: fields.key || ticks ? Schema.string({ optional: !ticks }) : null,
    valueSchema: ticks ? tickSchema : format === 'text' ? Schema.string() : format === 'bytes' ? Schema.bytes() : null,
    parse(data, watched) {
      if (!looks && !watched) return undefined;
      try {
        const text = data.toString();
        return exact ? parseExactJson(text, true) : parseJson(text);
      } catch (error) {
        if (looks) throw error;
        return undefined;
      }
    },
    each(message, data, take) {
      const records = format === 'json' ? many(message) : [message];
      const scope: Scope = { message, record: null };
      readAll(records, (record) => {
        scope.record = record;
        if (conditions.every((holds) => holds(scope))) take(item(scope, data));
      });
    },
  };
}

type Get = (scope: Scope) => unknown;

const optional = (path: string | null): Get | null => (path === null ? null : compileScoped(path));

/** What serves as a key or an id. @throws Error for objects and arrays */
function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const text = digits(value) ?? (typeof value === 'boolean' ? String(value) : null);
  if (text === null) throw new Error('a record whose key or id is no plain value');
  return text;
}

function timeOf(value: unknown, { timestamp, timestampUnit }: RecordsDefinition): number | null {
  if (value === undefined || value === null) return null;
  const time = microseconds(value, timestampUnit);
  if (!Number.isSafeInteger(time)) throw new Error(`a record whose ${timestamp} is no time`);
  return time;
}

function sequenceOf(value: unknown, { sequence }: RecordsDefinition): number {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (!Number.isSafeInteger(number)) throw new Error(`a record whose ${sequence} is no whole number`);
  return number as number;
}

type TickParts = Pick<Tick, TickField | 'price_text' | 'size_text'>;

function compileTick(fields: NonNullable<RecordsDefinition['tick']>): (scope: Scope) => TickParts {
  const get = (field: TickField): Get => {
    const path = fields[field];
    if (path === undefined) return () => undefined;
    // What stands in quotes is meant as it is.
    const literal = /^'(.*)'$/.exec(path)?.[1];
    return literal === undefined ? compileScoped(path) : () => literal;
  };
  const { symbol, price, size, bid, ask, exchange, side, trade_id, currency } = Object.fromEntries(
    TICK_FIELDS.map((field) => [field, get(field)]),
  ) as Record<TickField, Get>;
  return (scope) => {
    const price_text = digits(price(scope));
    const size_text = digits(size(scope));
    return {
      symbol: needed(textOf(symbol(scope))),
      price: numberOf(price_text),
      size: numberOf(size_text),
      price_text,
      size_text,
      bid: numberOf(digits(bid(scope))),
      ask: numberOf(digits(ask(scope))),
      exchange: textOf(exchange(scope)),
      side: sideOf(side(scope)),
      trade_id: textOf(trade_id(scope)),
      currency: textOf(currency(scope)),
    };
  };
}

function needed(symbol: string | null): string {
  if (!symbol) throw new Error('a tick without a symbol');
  return symbol;
}

function numberOf(text: string | null): number | null {
  if (text === null) return null;
  const number = decimal(text);
  if (Number.isNaN(number)) throw new Error(`a tick with '${text}' where a number should be`);
  return number;
}

/** Decimals that were kept as they were written become text. */
function plain(value: unknown): unknown {
  if (value instanceof Fraction) return value.text;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return new Map([...value].map(([key, one]) => [key, plain(one)]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}
