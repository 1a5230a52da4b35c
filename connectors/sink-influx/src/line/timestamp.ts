import { DataError, describeValue, isDecimal, parseDecimal } from '@tributary/api';

export const TIME_UNITS = ['ns', 'us', 'ms', 's'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

/** Digits of a second's fraction. */
export const DIGITS: Readonly<Record<TimeUnit, number>> = { s: 0, ms: 3, us: 6, ns: 9 };

/** The range of InfluxDB's times in nanoseconds, either way. */
const LIMIT = 9_223_372_036_854_775_806n;

export interface TimestampOptions {
  /** What numbers count. */
  readonly unit: TimeUnit;
  /** Digits below are cut. */
  readonly precision: TimeUnit;
  /** What the text counts, if not `precision`: something finer. */
  readonly written?: TimeUnit;
  /** Where the value comes from, for messages: `timestamp.field=value.at`. */
  readonly source: string;
}

/** Makes the text of a point's time. `extra` is put into the digits below `unit`, to tell equal times apart. */
export type TimestampText = (value: unknown, extra?: number) => string;

/** A time as an exact number of seconds: `unscaled * 10^-scale`. */
interface Seconds {
  readonly unscaled: bigint;
  readonly scale: number;
}

/**
 * Dates, numbers of `unit`, decimals, and text: a number or ISO 8601, in UTC unless it names an offset. Digits below `precision` are cut.
 * @throws DataError (the function that is returned) for what is no time, or lies outside InfluxDB's range
 */
export function timestampText({ written, ...options }: TimestampOptions): TimestampText {
  const text = preciseText(options);
  if (written === undefined || written === options.precision) return text;
  const zeros = '0'.repeat(DIGITS[written] - DIGITS[options.precision]);
  return (value, extra) => text(value, extra) + zeros;
}

function preciseText({ unit, precision, source }: TimestampOptions): TimestampText {
  const exact = (seconds: Seconds, extra: number | undefined): string => {
    if (extra === undefined) return inRange(cut(seconds, precision), precision, source);
    const coarse = cut(seconds, unit);
    if (seconds.scale > DIGITS[unit] && cut(seconds, 'ns') !== coarse * step(unit, 'ns'))
      throw new DataError(
        `${source} has digits below ${unit}, where points.unique=time puts its own: set timestamp.unit to the finest unit that occurs`,
      );
    const free = step(unit, precision);
    return inRange(coarse * free + (BigInt(extra) % free), precision, source);
  };
  const number = integerText(unit, precision, exact);
  const milliseconds = unit === 'ms' ? number : integerText('ms', precision, exact);
  return (value, extra) => {
    if (typeof value === 'number' && Number.isSafeInteger(value)) return number(value, extra);
    if (value instanceof Date && !Number.isNaN(value.getTime())) return milliseconds(value.getTime(), extra);
    return exact(secondsOf(value, unit, source), extra);
  };
}

/** Appends zeros or the extra digits to integers as text; whatever needs calculation goes through bigints. */
function integerText(
  unit: TimeUnit,
  precision: TimeUnit,
  exact: (seconds: Seconds, extra: number | undefined) => string,
): (value: number, extra: number | undefined) => string {
  const shift = DIGITS[precision] - DIGITS[unit];
  const zeros = '0'.repeat(Math.max(shift, 0));
  const free = 10 ** shift;
  const limit = Number(LIMIT / 10n ** BigInt(9 - DIGITS[unit]));
  return (value, extra) => {
    if (shift < 0 || value <= 0 || value >= limit)
      return exact({ unscaled: BigInt(value), scale: DIGITS[unit] }, extra);
    return extra === undefined ? value + zeros : value + String(extra % free).padStart(shift, '0');
  };
}

const step = (coarse: TimeUnit, fine: TimeUnit): bigint => 10n ** BigInt(DIGITS[fine] - DIGITS[coarse]);

/** In the unit, rounded down. */
function cut({ unscaled, scale }: Seconds, unit: TimeUnit): bigint {
  const shift = DIGITS[unit] - scale;
  if (shift >= 0) return unscaled * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  const rest = ((unscaled % divisor) + divisor) % divisor;
  return (unscaled - rest) / divisor;
}

function inRange(value: bigint, unit: TimeUnit, source: string): string {
  const nanoseconds = value * step(unit, 'ns');
  if (nanoseconds > LIMIT || nanoseconds < -LIMIT)
    throw new DataError(
      `${source} is outside the times that InfluxDB knows, 1677-09-21 to 2262-04-11: is timestamp.unit right?`,
    );
  return String(value);
}

function secondsOf(value: unknown, unit: TimeUnit, source: string): Seconds {
  const digits = DIGITS[unit];
  if (typeof value === 'bigint') return { unscaled: value, scale: digits };
  if (isDecimal(value)) return { unscaled: value.unscaled, scale: value.scale + digits };
  if (typeof value === 'string') {
    const text = value.trim();
    const seconds = NUMBER.test(text) ? counted(text, digits) : isoSeconds(text);
    if (seconds) return seconds;
  }
  if (typeof value === 'number' && Number.isFinite(value)) return counted(String(value), digits);
  if (value === null || value === undefined)
    throw new DataError(`${source} is missing: a point needs a time, or a replay would store it anew`);
  throw new DataError(`${source} is no time: it is ${describeValue(value)}`);
}

const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

function counted(text: string, digits: number): Seconds {
  const { unscaled, scale } = parseDecimal(text);
  return { unscaled, scale: scale + digits };
}

const ISO = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,18}))?)?)? ?(Z|[+-]\d\d(?::?\d\d)?)?$/i;

function isoSeconds(text: string): Seconds | null {
  const match = ISO.exec(text);
  if (!match) return null;
  const [, date, minutes = '00:00', seconds = '00', fraction = '', zone = 'Z'] = match;
  const offset = /^[+-]\d\d$/.test(zone) ? `${zone}:00` : zone.toUpperCase();
  const milliseconds = Date.parse(`${date}T${minutes}:${seconds}${offset}`);
  if (Number.isNaN(milliseconds)) return null;
  const scale = fraction.length;
  return { unscaled: BigInt(milliseconds / 1000) * 10n ** BigInt(scale) + BigInt(fraction || 0), scale };
}
