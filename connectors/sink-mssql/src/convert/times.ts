import { dateTypeOf, type Schema } from '@tributary/api';
import type { TimeZone } from '@tributary/api/text';
import type { Column } from '../table/info.ts';
import { misfit } from './misfit.ts';

/** In which zones times become text. */
export interface Zones {
  /** Of columns without a zone. */
  readonly database: TimeZone;
  /** Of a Date of Connect, which is at midnight UTC. */
  readonly date: TimeZone;
}

type Convert = (value: unknown, schema: Schema | null) => string;

const DAY_MS = 86_400_000;
const FIRST = -62_135_596_800_000;
const LAST = 253_402_300_799_999;

const two = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** `+02:00`; SQL Server takes minutes only, and no zone has had seconds since 1972. */
function offsetText(millis: number): string {
  const minutes = Math.trunc(Math.abs(millis) / 60_000);
  return `${millis < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** A moment with up to seven digits of a second; SQL Server keeps no more. */
interface Moment {
  /** Milliseconds since the epoch, whole. */
  readonly millis: number;
  /** Tenths of a microsecond within the millisecond. */
  readonly ticks: number;
  /** Milliseconds east of Greenwich, as the text said; null: it was no text, or it did not say. */
  readonly offset: number | null;
  /** Whether the text had no offset, so that it is a time of the clock on the wall. */
  readonly local: boolean;
}

const TEXT =
  /^\s*([+-]?\d{4,6})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?(?:\[[^\]]*\])?\s*$/i;
const TIME = /^\s*(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,12}))?)?\s*$/;

/** Digits of a second to milliseconds and ticks, rounded. */
function fractionOf(digits: string | undefined): readonly [millis: number, ticks: number] {
  if (digits === undefined) return [0, 0];
  const all = Math.round(Number(`0.${digits}`) * 1e7);
  return [Math.floor(all / 10_000), all % 10_000];
}

function parseMoment(text: string): Moment | undefined {
  const match = TEXT.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction, zone] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || Number(day) === 0) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const [millis, ticks] = fractionOf(fraction);
  const clock = date.getTime() + ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 + millis;
  const offset = zone === undefined ? null : offsetOf(zone);
  return { millis: clock - (offset ?? 0), ticks, offset, local: offset === null };
}

function offsetOf(zone: string): number {
  if (zone.toUpperCase() === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2)) * (zone.length > 3 ? 1 : 0);
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** `2024-05-01T12:30:45.1234567` of milliseconds that count as if the clock stood in Greenwich. */
function clockText(millis: number, ticks: number): string {
  const iso = new Date(millis).toISOString();
  // Years have four digits between the bounds that were checked.
  return ticks === 0 ? iso.slice(0, 23) : `${iso.slice(0, 23)}${String(ticks).padStart(4, '0')}`;
}

/** A number is what Connect's JSON makes of the logical types: milliseconds since the epoch, of the day, or days. */
function momentOf(value: unknown): Moment | undefined {
  if (value instanceof Date)
    return Number.isNaN(value.getTime())
      ? undefined
      : { millis: value.getTime(), ticks: 0, offset: null, local: false };
  if (typeof value === 'string') return parseMoment(value);
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) return undefined;
  return { millis: number, ticks: 0, offset: null, local: false };
}

const REMEDY =
  'is not a time: a Timestamp of Connect, text such as 2024-05-01T12:30:45.123Z, or milliseconds since the epoch';

/** For `datetime2`, `datetime` and `smalldatetime`: the time that a clock in the database's zone shows. */
export function dateTime(column: Column, { database }: Zones): Convert {
  // smalldatetime and datetime begin later, and smalldatetime ends earlier; the server says so, and so do we.
  const [first, last] = BOUNDS[column.type] ?? [FIRST, LAST];
  return (value) => {
    const moment = momentOf(value);
    if (moment === undefined) throw misfit(column, value, REMEDY);
    const millis = moment.local ? moment.millis : moment.millis + database.offsetAt(moment.millis);
    if (!(millis >= first && millis <= last)) throw misfit(column, value, 'is out of range');
    return clockText(millis, moment.ticks);
  };
}

const BOUNDS: Readonly<Record<string, readonly [number, number]>> = {
  datetime: [Date.UTC(1753, 0, 1), LAST - 2],
  smalldatetime: [Date.UTC(1900, 0, 1), Date.UTC(2079, 5, 6, 23, 59, 29, 998)],
};

/** The moment, with the offset that the text had, or that of the database's zone. */
export function dateTimeOffset(column: Column, { database }: Zones): Convert {
  return (value) => {
    const moment = momentOf(value);
    if (moment === undefined) throw misfit(column, value, REMEDY);
    const offset = moment.offset ?? offsetIn(database, moment);
    const millis = moment.local ? moment.millis : moment.millis + offset;
    if (!(millis >= FIRST && millis <= LAST) || Math.abs(offset) > 14 * 3_600_000)
      throw misfit(column, value, 'is out of range');
    return clockText(millis, moment.ticks) + offsetText(offset);
  };
}

/** Of a time without an offset what is looked up is the offset at about that time: twice, as the first look is off by the offset itself. */
function offsetIn(zone: TimeZone, { millis, local }: Moment): number {
  const offset = zone.offsetAt(millis);
  return local ? zone.offsetAt(millis - offset) : offset;
}

/** For `date`: the day. Numbers are days since the epoch, as Connect's JSON writes a Date. */
export function date(column: Column, { database, date }: Zones): Convert {
  return (value, schema) => {
    const days = typeof value === 'number' || typeof value === 'bigint';
    const moment = days ? momentOf(Number(value) * DAY_MS) : momentOf(value);
    if (moment === undefined)
      throw misfit(column, value, 'is not a date: a Date of Connect, text such as 2024-05-01, or days since the epoch');
    const zone = schema !== null && dateTypeOf(schema) === 'Timestamp' ? database : date;
    const shifted = days || moment.local ? moment.millis : moment.millis + zone.offsetAt(moment.millis);
    if (!(shifted >= FIRST && shifted <= LAST)) throw misfit(column, value, 'is out of range');
    return clockText(shifted, 0).slice(0, 10);
  };
}

/** For `time`: the time of the day in the database's zone. Numbers are milliseconds of the day, as Connect's JSON writes a Time. */
export function time(column: Column, { database }: Zones): Convert {
  return (value) => {
    if (typeof value === 'string') {
      const match = TIME.exec(value);
      if (match) {
        const [, hour, minute, second = '0', fraction] = match;
        const [millis, ticks] = fractionOf(fraction);
        const clock = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 + millis;
        if (Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60 && clock < DAY_MS)
          return clockText(clock, ticks).slice(11);
      }
    }
    const moment = momentOf(value);
    if (moment === undefined || (typeof value === 'number' && (value < 0 || value >= DAY_MS)))
      throw misfit(
        column,
        value,
        'is not a time of day: a Time of Connect, text such as 12:30:45.123, or milliseconds of the day',
      );
    const plain = moment.local || typeof value === 'number';
    const millis = plain ? moment.millis : moment.millis + database.offsetAt(moment.millis);
    return clockText(millis, moment.ticks).slice(11);
  };
}

/** A time that is a number in a unit of its own (`timestamp.fields.list`), as text; undefined if it is none. */
export function epochTime(value: unknown, unit: 'microseconds' | 'nanoseconds'): string | undefined {
  const text = typeof value === 'string' ? value.trim() : value;
  if (typeof text === 'string' ? !/^-?\d+$/.test(text) : typeof text !== 'bigint' && !Number.isSafeInteger(text))
    return undefined;
  const perTick = unit === 'microseconds' ? 1n : 100n;
  const count = BigInt(text as string | number | bigint);
  const ticks = unit === 'microseconds' ? count * 10n : floorDiv(count, perTick);
  const millis = floorDiv(ticks, 10_000n);
  if (millis < BigInt(FIRST) || millis > BigInt(LAST)) return undefined;
  return `${clockText(Number(millis), Number(ticks - millis * 10_000n))}Z`;
}

function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}
