import {
  ConfigError,
  DataError,
  describeValue,
  type Int64,
  int64,
  isInt64,
  LogicalName,
  messageOf,
  Schema,
} from '@tributary/api';
import { DateFormat } from '@tributary/api/text';

/** The forms a timestamp takes, as `target.type` names them. */
export const TYPES = ['string', 'unix', 'Date', 'Time', 'Timestamp'] as const;
export type TimestampType = (typeof TYPES)[number];

export const PRECISIONS = ['nanoseconds', 'microseconds', 'milliseconds', 'seconds'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** One form of a timestamp: how to read it into a Date and to write it. */
export interface TimestampFormat {
  readonly schema: (options: { optional: boolean }) => Schema;
  /** @throws DataError for a value that is not of this form */
  read(value: unknown): Date;
  write(date: Date): unknown;
}

const MILLIS_PER_DAY = 86_400_000;
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
/** What each unit is of a millisecond: `[units, milliseconds]` that are equal. */
const UNITS: Readonly<Record<Precision, readonly [number, number]>> = {
  nanoseconds: [1_000_000, 1],
  microseconds: [1000, 1],
  milliseconds: [1, 1],
  seconds: [1, 1000],
};

const saturated = (value: bigint): Int64 =>
  int64(value < MIN_INT64 ? MIN_INT64 : value > MAX_INT64 ? MAX_INT64 : value);

/** Multiplies and divides without loss; digits behind the unit are cut off, as java.util.concurrent.TimeUnit does. */
function scale(value: Int64, times: number, by: number): Int64 {
  if (typeof value === 'bigint') return saturated((value * BigInt(times)) / BigInt(by));
  const product = value * times;
  if (!Number.isSafeInteger(product)) return saturated((BigInt(value) * BigInt(times)) / BigInt(by));
  // A plain division of a large number could round up to the next unit.
  return by === 1 ? product : (product - (product % by)) / by + 0;
}

function unix(precision: Precision): TimestampFormat {
  const [units, millis] = UNITS[precision];
  return {
    schema: Schema.int64,
    read(value) {
      if (!isInt64(value))
        throw new DataError(`Expected Unix timestamp to be a Long, but found ${describeValue(value)}`);
      return dateOf(Number(scale(value, millis, units)), value);
    },
    write: (date) => scale(date.getTime(), units, millis),
  };
}

function dateOf(millis: number, value: unknown): Date {
  const date = new Date(millis);
  if (Number.isNaN(date.getTime()))
    throw new DataError(`${describeValue(value)} is beyond the years that a Date can hold`);
  return date;
}

function logical(name: string, schema: TimestampFormat['schema'], write: (date: Date) => Date): TimestampFormat {
  return {
    schema,
    read(value) {
      if (!(value instanceof Date) || Number.isNaN(value.getTime()))
        throw new DataError(`Expected ${name} to be a java.util.Date, but found ${describeValue(value)}`);
      return value;
    },
    write,
  };
}

const NO_FORMAT = 'TimestampConverter requires format option to be specified when using string timestamps';

function text(pattern: string): TimestampFormat {
  let format: DateFormat | null = null;
  try {
    format = pattern.trim() === '' ? null : new DateFormat(pattern);
  } catch (error) {
    throw new ConfigError(
      `TimestampConverter requires a SimpleDateFormat-compatible pattern for string timestamps: ${pattern}: ${messageOf(error)}`,
      { cause: error },
    );
  }
  return {
    schema: Schema.string,
    read(value) {
      if (format === null) throw new DataError(NO_FORMAT);
      if (typeof value !== 'string')
        throw new DataError(`Expected string timestamp to be a String, but found ${describeValue(value)}`);
      const date = format.parse(value);
      if (!date) throw new DataError(`Could not parse timestamp: value (${value}) does not match pattern (${pattern})`);
      return dateOf(date.getTime(), value);
    },
    write: (date) => format!.format(date),
  };
}

/** @throws ConfigError for a pattern that is none, or a missing one where text is to be written */
export function timestampFormats(
  target: TimestampType,
  pattern: string,
  precision: Precision,
): Readonly<Record<TimestampType, TimestampFormat>> {
  if (target === 'string' && pattern.trim() === '') throw new ConfigError(NO_FORMAT);
  const floorMod = (value: number): number => ((value % MILLIS_PER_DAY) + MILLIS_PER_DAY) % MILLIS_PER_DAY;
  return {
    string: text(pattern),
    unix: unix(precision),
    Date: logical('Date', Schema.date, (date) => new Date(date.getTime() - floorMod(date.getTime()))),
    Time: logical('Time', Schema.time, (date) => new Date(floorMod(date.getTime()))),
    Timestamp: logical('Timestamp', Schema.timestamp, (date) => date),
  };
}

/** @throws DataError for a schema that no timestamp has */
export function typeOfSchema({ name, type }: Schema): TimestampType {
  if (name === LogicalName.timestamp) return 'Timestamp';
  if (name === LogicalName.date) return 'Date';
  if (name === LogicalName.time) return 'Time';
  if (type === 'string') return 'string';
  if (type === 'int64') return 'unix';
  const shown = name === null ? type.toUpperCase() : `${name}:${type.toUpperCase()}`;
  throw new DataError(`Schema Schema{${shown}} does not correspond to a known timestamp type format`);
}

/** @throws DataError for a value that is no timestamp */
export function typeOfValue(value: unknown): TimestampType {
  if (value instanceof Date) return 'Timestamp';
  if (typeof value === 'string') return 'string';
  // Minus nought has no integer.
  if (isInt64(value) && !Object.is(value, -0)) return 'unix';
  throw new DataError(`TimestampConverter does not support ${describeValue(value)} as timestamps`);
}
