import type { SchemaAndValue } from '../converter.ts';
import { type Decimal, parseDecimal } from '../decimal.ts';
import { DataError } from '../errors.ts';
import { int64, isInt64 } from '../int64.ts';
import { Schema, valueEquals } from '../schema.ts';
import { isReorderedKey } from '../struct.ts';
import { DateFormat } from './date-format.ts';
import { asciiDigits } from './java-numbers.ts';
import { align, CommonSchema } from './literal-schema.ts';
import { javaTrim, LiteralTokens } from './literal-tokens.ts';

const NULL: SchemaAndValue = Object.freeze({ schema: null, value: null });

/** By the length that the text must have. */
const TEMPORAL = new Map([
  [10, { schema: Schema.date(), format: new DateFormat('yyyy-MM-dd') }],
  [13, { schema: Schema.time(), format: new DateFormat("HH:mm:ss.SSS'Z'") }],
  [24, { schema: Schema.timestamp(), format: new DateFormat("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'") }],
]);

/**
 * Reads a literal and infers its schema: `null`, `true`, the smallest integer type, float32, decimals, ISO dates and times in UTC,
 * `[...]`, `{...}`; everything else is text. Source: org.apache.kafka.connect.data.Values.parseString.
 */
export function parseLiteral(text: string): SchemaAndValue {
  return text === '' ? { schema: Schema.string(), value: '' } : parse(new LiteralTokens(text), false);
}

function single(tokens: LiteralTokens, embedded: boolean, literal: string): boolean {
  const start = tokens.mark();
  if (tokens.consume(literal) && (embedded || !tokens.hasNext)) return true;
  tokens.rewindTo(start);
  return false;
}

function parse(tokens: LiteralTokens, embedded: boolean): SchemaAndValue {
  if (!tokens.hasNext) return NULL;
  if (embedded && tokens.consume('"')) return parseQuoted(tokens);
  if (single(tokens, embedded, 'null')) return NULL;
  if (single(tokens, embedded, 'true')) return { schema: Schema.boolean(), value: true };
  if (single(tokens, embedded, 'false')) return { schema: Schema.boolean(), value: false };
  const start = tokens.mark();
  try {
    if (tokens.consume('[')) return parseArray(tokens);
    if (tokens.consume('{')) return parseMap(tokens);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    // What begins like a list but is none is text.
    tokens.rewindTo(start);
  }
  const token = tokens.next();
  const trimmed = javaTrim(token);
  return trimmed === '' ? { schema: Schema.string(), value: token } : parseToken(tokens, embedded, trimmed);
}

function parseToken(tokens: LiteralTokens, embedded: boolean, token: string): SchemaAndValue {
  const parsed =
    (/^(?![\u{10000}-\u{10ffff}])\p{Nd}/u.test(token) ? parseTemporalTokens(tokens, token) : undefined) ??
    (/^(?![\u{10000}-\u{10ffff}])[\p{Nd}+-]/u.test(token) ? parseNumber(asciiDigits(token)) : undefined);
  if (parsed) return parsed;
  if (embedded) throw new DataError('Failed to parse embedded value');
  return { schema: Schema.string(), value: tokens.original };
}

/** The colons of a time cut it into tokens: five make a time or a timestamp. */
function parseTemporalTokens(tokens: LiteralTokens, token: string): SchemaAndValue | undefined {
  const position = tokens.mark();
  const rest = tokens.take(4);
  const temporal = rest === undefined ? undefined : parseTemporal(token + rest);
  if (temporal) return temporal;
  tokens.rewindTo(position);
  return parseTemporal(token);
}

function parseTemporal(text: string): SchemaAndValue | undefined {
  const unescaped = text.replaceAll('\\:', ':');
  const kind = TEMPORAL.get(unescaped.length);
  const value = kind?.format.parse(unescaped);
  return value && { schema: kind!.schema, value };
}

function parseNumber(token: string): SchemaAndValue | undefined {
  let decimal: Decimal;
  try {
    decimal = parseDecimal(token);
  } catch {
    return undefined;
  }
  const whole = wholeNumber(decimal);
  if (whole !== undefined && isInt64(whole)) return { schema: smallest(whole), value: int64(whole) };
  const value = Number(token);
  if (decimal.scale !== 0 && Number.isFinite(Math.fround(value)))
    return { schema: Schema.float32(), value: Math.fround(value) };
  if (decimal.scale !== 0 && Number.isFinite(value)) return { schema: Schema.float64(), value };
  return { schema: Schema.decimal(decimal.scale), value: decimal };
}

function wholeNumber({ unscaled, scale }: Decimal): bigint | undefined {
  if (scale <= 0) return unscaled * 10n ** BigInt(-scale);
  const factor = 10n ** BigInt(scale);
  return unscaled % factor === 0n ? unscaled / factor : undefined;
}

function smallest(value: bigint): Schema {
  if (BigInt.asIntN(8, value) === value) return Schema.int8();
  if (BigInt.asIntN(16, value) === value) return Schema.int16();
  return BigInt.asIntN(32, value) === value ? Schema.int32() : Schema.int64();
}

function parseQuoted(tokens: LiteralTokens): SchemaAndValue {
  let content = '';
  while (tokens.hasNext && !tokens.consume('"')) content += tokens.next();
  return parseTemporal(content) ?? { schema: Schema.string(), value: content };
}

function parseArray(tokens: LiteralTokens): SchemaAndValue {
  const items: unknown[] = [];
  const common = new CommonSchema();
  while (tokens.hasNext) {
    if (tokens.consume(']')) {
      const { schema } = common;
      return {
        schema: Schema.array(schema as Schema),
        value: schema ? items.map((item) => align(schema, item)) : items,
      };
    }
    if (tokens.consume(',')) throw new DataError(`Unable to parse an empty array element: ${tokens.original}`);
    const element = parse(tokens, true);
    common.add(element);
    items.push(element.value);
    const position = tokens.mark();
    if (tokens.consume(']')) tokens.rewindTo(position);
    else if (!tokens.consume(',')) throw new DataError("Array elements missing ',' delimiter");
  }
  throw new DataError(`Array is missing terminating ']': ${tokens.original}`);
}

function parseMap(tokens: LiteralTokens): SchemaAndValue {
  const entries = new Map<unknown, unknown>();
  const keys = new CommonSchema();
  const values = new CommonSchema();
  while (tokens.hasNext) {
    if (tokens.consume('}')) return mapOf(entries, keys.schema, values.schema);
    if (tokens.consume(','))
      throw new DataError(`Unable to parse a map entry with no key or value: ${tokens.original}`);
    const key = parse(tokens, true);
    if (key.value === null) throw new DataError(`Map entry may not have a null key: ${tokens.original}`);
    if (!tokens.consume(':')) throw new DataError(`Map entry is missing ':' in ${tokens.original}`);
    const value = parse(tokens, true);
    entries.set(sameKey(entries, key.value), value.value);
    tokens.consume(',');
    keys.add(key);
    values.add(value);
  }
  throw new DataError(`Map is missing terminating '}': ${tokens.original}`);
}

/** The key that is there already, if one is equal: dates and decimals are objects, which a Map tells apart. */
function sameKey(entries: ReadonlyMap<unknown, unknown>, key: unknown): unknown {
  if (typeof key !== 'object') return key;
  return [...entries.keys()].find((other) => valueEquals(other, key)) ?? key;
}

function mapOf(entries: Map<unknown, unknown>, keys: Schema | null, values: Schema | null): SchemaAndValue {
  const aligned = [...entries].map(([key, value]): [unknown, unknown] => [
    keys ? align(keys, key) : key,
    keys && values ? align(values, value) : value,
  ]);
  const plain = aligned.every(([key]) => typeof key === 'string' && key !== '__proto__' && !isReorderedKey(key));
  return {
    schema: Schema.map(keys as Schema, (keys ? values : null) as Schema),
    value: plain ? Object.fromEntries(aligned as [string, unknown][]) : new Map(aligned),
  };
}
