import { ConfigError, DataError, isDecimal } from '@tributary/api';
import { DateFormat, type TimeZone, timeZone } from '@tributary/api/text';
import { types } from 'cassandra-driver';
import type { CodecSettings } from '../settings/table-settings.ts';
import { convertUnit } from '../settings/units.ts';
import { type Encode, misfit } from './misfit.ts';
import { long } from './numbers.ts';

const DAY_MS = 86_400_000;
const DAY_NS = 86_400_000_000_000n;

/** How the texts of times are read: `topic.<topic>.codec.*`. */
export interface TemporalCodecs {
  readonly timestamp: Encode;
  readonly date: Encode;
  readonly time: Encode;
}

const ISO =
  /^([+-]?\d{4,6})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?(?:\[[\w/+-]+\])?$/;
const ISO_NAMES = new Set([
  'CQL_TIMESTAMP',
  'ISO_INSTANT',
  'ISO_ZONED_DATE_TIME',
  'ISO_OFFSET_DATE_TIME',
  'ISO_LOCAL_DATE_TIME',
  'ISO_DATE_TIME',
]);
const ISO_DATE_NAMES = new Set(['ISO_LOCAL_DATE', 'ISO_DATE', 'CQL_DATE']);
const ISO_TIME_NAMES = new Set(['ISO_LOCAL_TIME', 'ISO_TIME', 'CQL_TIME']);

/** @throws ConfigError for a pattern or a zone that does not exist */
export function temporalCodecs(settings: CodecSettings): TemporalCodecs {
  const zone = zoneOf(settings.timeZone);
  const moment = ISO_NAMES.has(settings.timestamp) ? isoMoment(zone) : patternMoment(settings.timestamp, zone);
  const date = ISO_DATE_NAMES.has(settings.date)
    ? isoMoment(zoneOf('UTC'))
    : patternMoment(settings.date, zoneOf('UTC'));
  const millis = (value: unknown): number => {
    if (value instanceof Date) return value.getTime();
    if (typeof value === 'string') return moment(value) ?? millisOf(numberOf(value), value);
    return millisOf(numberOf(value), value);
  };
  const millisOf = (amount: bigint | undefined, value: unknown): number =>
    amount === undefined
      ? misfit(
          value,
          'timestamp',
          `it takes a time such as 2024-05-31T12:00:00Z, or a number of ${settings.unit.toLowerCase()}`,
        )
      : Number(convertUnit(amount, settings.unit, 'MILLISECONDS'));
  return {
    timestamp(value) {
      const time = millis(value);
      if (!Number.isSafeInteger(time)) misfit(value, 'timestamp', 'it is no time');
      return long(time);
    },
    date: (value) => dateBytes(value, date),
    time: timeCodec(settings),
  };
}

function numberOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : undefined;
  if (isDecimal(value)) return value.scale === 0 ? value.unscaled : undefined;
  return typeof value === 'string' && /^[+-]?\d+$/.test(value) ? BigInt(value) : undefined;
}

type ReadMoment = (text: string) => number | undefined;

/** ISO 8601 and what CQL takes: `2024-05-31`, `2024-05-31 12:00`, `2024-05-31T12:00:00.123+0200`. */
function isoMoment(zone: TimeZone): ReadMoment {
  return (text) => {
    const match = ISO.exec(text.trim());
    if (!match) return undefined;
    const [year, month, day, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((part) => Number(part ?? 0));
    const fraction = match[7] ?? '';
    if (/[1-9]/.test(fraction.slice(3)))
      throw new DataError(
        'timestamp keeps milliseconds, and the text has more digits: make the column text, or send a bigint',
      );
    const date = new Date(0);
    date.setUTCFullYear(year!, month! - 1, day!);
    // 31 February is no other day.
    if (date.getUTCMonth() !== month! - 1 || date.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59)
      return undefined;
    const local =
      date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
    return match[8] === undefined ? toUtc(local, zone) : local - offsetOf(match[8]);
  };
}

function offsetOf(text: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(text);
  if (!match) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3] ?? 0)) * 60_000;
}

/** The moment at which clocks of the zone show `local`. */
function toUtc(local: number, zone: TimeZone): number {
  const guess = local - zone.offsetAt(local);
  return local - zone.offsetAt(guess);
}

function patternMoment(pattern: string, zone: TimeZone): ReadMoment {
  const format = new DateFormat(javaPattern(pattern));
  const zoned = /[zZX]/.test(pattern.replaceAll(/'[^']*'/g, ''));
  return (text) => {
    const date = format.parse(text);
    if (date === undefined) return undefined;
    return zoned ? date.getTime() : toUtc(date.getTime(), zone);
  };
}

/** Patterns of java.time write years as `u`, which means another thing in the older patterns. */
const javaPattern = (pattern: string): string =>
  pattern.replaceAll(/'[^']*'|u+/g, (part) => (part.startsWith("'") ? part : 'y'.repeat(part.length)));

function zoneOf(name: string): TimeZone {
  try {
    return timeZone(name);
  } catch (error) {
    throw new ConfigError((error as Error).message, { cause: error });
  }
}

const DATE_OFFSET = 2 ** 31;

function dateBytes(value: unknown, read: ReadMoment): Buffer {
  const days = daysOf(value, read);
  if (days === undefined || days < -DATE_OFFSET || days >= DATE_OFFSET)
    return misfit(value, 'date', 'it takes a date such as 2024-05-31, or a number of days since 1970');
  const buffer = Buffer.allocUnsafe(4);
  buffer.writeUInt32BE(days + DATE_OFFSET);
  return buffer;
}

function daysOf(value: unknown, read: ReadMoment): number | undefined {
  if (typeof value === 'string' || value instanceof Date) {
    const millis = typeof value === 'string' ? read(value) : value.getTime();
    if (millis === undefined || Number.isNaN(millis)) return undefined;
    if (millis % DAY_MS !== 0)
      misfit(value, 'date', 'it has a time of day; map day(field), or make the column a timestamp');
    return millis / DAY_MS;
  }
  const amount = numberOf(value);
  return amount === undefined ? undefined : Number(amount);
}

const ISO_TIME = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?$/;

function timeCodec(settings: CodecSettings): Encode {
  const pattern = ISO_TIME_NAMES.has(settings.time) ? undefined : new DateFormat(javaPattern(settings.time));
  return (value) => {
    const nanos = nanosOf(value, settings, pattern);
    if (nanos === undefined || nanos < 0n || nanos >= DAY_NS)
      return misfit(
        value,
        'time',
        `it takes a time of day such as 12:34:56.789, or a number of ${settings.unit.toLowerCase()} since midnight`,
      );
    const buffer = Buffer.allocUnsafe(8);
    buffer.writeBigInt64BE(nanos);
    return buffer;
  };
}

function nanosOf(value: unknown, { unit }: CodecSettings, pattern: DateFormat | undefined): bigint | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : BigInt(value.getTime()) * 1_000_000n;
  if (typeof value === 'string') {
    const parsed = pattern?.parse(value);
    if (parsed) return BigInt(parsed.getTime()) * 1_000_000n;
    const match = pattern ? null : ISO_TIME.exec(value.trim());
    if (match) {
      const [hour, minute, second] = [match[1], match[2], match[3] ?? 0].map(Number);
      if (hour! > 23 || minute! > 59 || second! > 59) return undefined;
      return BigInt((hour! * 60 + minute!) * 60 + second!) * 1_000_000_000n + BigInt((match[4] ?? '').padEnd(9, '0'));
    }
  }
  const amount = numberOf(value);
  return amount === undefined ? undefined : convertUnit(amount, unit, 'NANOSECONDS');
}

/** Months, days and nanoseconds: text as CQL (`1mo2d3h`) or ISO 8601 (`P1M2DT3H`) writes it. */
export const duration: Encode = (value) => {
  const text = typeof value === 'string' ? value.trim() : '';
  if (!/^-?(?:P[\dT:.,YMDHSW-]+|(?:\d+[a-zµ]+)+)$/i.test(text))
    misfit(value, 'duration', 'it takes text such as 1mo2d3h or P1M2DT3H');
  try {
    return types.Duration.fromString(text).toBuffer();
  } catch {
    return misfit(value, 'duration', 'it takes text such as 1mo2d3h or P1M2DT3H');
  }
};
