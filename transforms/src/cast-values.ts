import {
  DataError,
  type Decimal,
  decimalToString,
  describeValue,
  int64,
  isDecimal,
  LogicalName,
  type Schema,
} from '@tributary/api';
import {
  decimalToFloat32,
  formatLiteral,
  integerToFloat32,
  parseFloat32,
  parseFloat64,
  parseInteger,
  toInt32,
  toInt64,
} from '@tributary/api/text';
import { integerOf } from './decimals.ts';

/** What values can be cast to, in the order in which messages list them. */
export const TARGETS = ['int8', 'int16', 'int32', 'int64', 'float32', 'float64', 'boolean', 'string'] as const;
export type Target = (typeof TARGETS)[number];

const MILLIS_PER_DAY = 86_400_000;
const SOURCES: readonly string[] = [...TARGETS, 'bytes'];

/** The type that Java gives a value without a schema; undefined where Connect has none for it. */
function inferredType(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'int64' : 'float64';
    case 'bigint':
      return 'int64';
    default:
      if (value instanceof Uint8Array) return 'bytes';
      if (Array.isArray(value)) return 'array';
      return value instanceof Date || isDecimal(value) ? undefined : 'map';
  }
}

/** The number behind a Date, Time or Timestamp. @throws DataError for a date with a time or a time with a date */
function encodeLogical(schema: Schema, value: unknown): unknown {
  if (!(value instanceof Date)) return value;
  const millis = value.getTime();
  switch (schema.name) {
    case LogicalName.date:
      if (millis % MILLIS_PER_DAY !== 0)
        throw new DataError('Kafka Connect Date type should not have any time fields set to non-zero values.');
      return millis / MILLIS_PER_DAY;
    case LogicalName.time:
      if (millis < 0 || millis > MILLIS_PER_DAY)
        throw new DataError('Kafka Connect Time type should not have any date fields set to non-zero values.');
      return millis;
    case LogicalName.timestamp:
      return millis;
    default:
      return value;
  }
}

interface Casts<T> {
  integer(value: number | bigint): T;
  fraction(value: number): T;
  decimal(value: Decimal): T;
  text(value: string): T;
}

function narrow(bits: 8 | 16 | 32): Casts<number> {
  const wrap = (value: number): number => (value << (32 - bits)) >> (32 - bits);
  const low = (value: bigint): number => Number(BigInt.asIntN(bits, value));
  return {
    integer: (value) => (typeof value === 'number' && (value | 0) === value ? wrap(value) : low(BigInt(value))),
    fraction: (value) => wrap(toInt32(value)),
    decimal: (value) => low(integerOf(value)),
    text: (value) => Number(parseInteger(value, bits)),
  };
}

const wide = (value: bigint): number | bigint => int64(BigInt.asIntN(64, value));

const CASTS: Readonly<Record<Exclude<Target, 'string'>, Casts<unknown>>> = {
  int8: narrow(8),
  int16: narrow(16),
  int32: narrow(32),
  int64: {
    integer: int64,
    fraction: (value) => int64(toInt64(value)),
    decimal: (value) => wide(integerOf(value)),
    text: (value) => int64(parseInteger(value, 64)),
  },
  float32: {
    integer: integerToFloat32,
    fraction: Math.fround,
    decimal: decimalToFloat32,
    text: parseFloat32,
  },
  float64: {
    integer: Number,
    fraction: (value) => value,
    decimal: (value) => Number(decimalToString(value)),
    text: parseFloat64,
  },
  boolean: {
    integer: (value) => BigInt(value) !== 0n,
    fraction: (value) => toInt64(value) !== 0n,
    decimal: (value) => BigInt.asIntN(64, integerOf(value)) !== 0n,
    text: (value) => /^true$/i.test(value),
  },
};

function parsed(casts: Casts<unknown>, text: string, target: Target): unknown {
  try {
    return casts.text(text);
  } catch (error) {
    throw new DataError(`Value (${describeValue(text)}) was out of range for requested data type ${target}`, {
      cause: error,
    });
  }
}

/**
 * Casts a value as Java does: numbers wrap or are cut off, text must be a number of the type, only `true` is true.
 * @param schema of the value; null for schemaless data
 * @throws DataError for a value that cannot be cast
 */
export function castTo(schema: Schema | null, value: unknown, target: Target): unknown {
  if (value === null || value === undefined) return null;
  const type = schema === null ? inferredType(value) : schema.type;
  if (type === undefined)
    throw new DataError(
      `Cast transformation was passed ${describeValue(value)}, which is not supported by Connect's data API`,
    );
  if (!SOURCES.includes(type)) {
    throw new DataError(
      `Cast transformation does not support casting from ${type.toUpperCase()}; supported types are ${SOURCES.join(', ')}`,
    );
  }
  if (target === 'string') return typeof value === 'string' ? value : formatLiteral(schema, value);
  const casts = CASTS[target];
  const plain = schema !== null && schema.name !== null ? encodeLogical(schema, value) : value;
  switch (typeof plain) {
    case 'boolean':
      return target === 'boolean' ? plain : Number(plain);
    case 'bigint':
      return casts.integer(plain);
    case 'number':
      return type === 'float32' || type === 'float64' ? casts.fraction(plain) : casts.integer(plain);
    case 'string':
      return parsed(casts, plain, target);
    default:
      if (isDecimal(plain)) return casts.decimal(plain);
      throw new DataError(`Unexpected type in Cast transformation: ${describeValue(plain)} cannot become ${target}`);
  }
}
