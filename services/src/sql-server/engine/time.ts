import type { OffsetTime } from './types.ts';

/** Units of 100 ns. */
export const TICKS_PER_DAY = 864_000_000_000;
const DAY = BigInt(TICKS_PER_DAY);
const TICKS_PER_MINUTE = 600_000_000n;
const MS_PER_DAY = 86_400_000;
/** Days from 0001-01-01 to 1970-01-01, and to 1900-01-01. */
const EPOCH_DAYS = 719_162;
export const DAYS_TO_1900 = 693_595;
const LAST_DAY = 3_652_058;

export const ticksOf = (days: number, ticks: number): bigint => BigInt(days) * DAY + BigInt(ticks);
export const daysOf = (ticks: bigint): number => Number((ticks - floorMod(ticks)) / DAY);
export const timeOf = (ticks: bigint): number => Number(floorMod(ticks));
const floorMod = (ticks: bigint): bigint => ((ticks % DAY) + DAY) % DAY;

/** Of a moment, in units of 100 ns since 0001-01-01 UTC. */
export const ticksOfMs = (ms: number): bigint => BigInt(EPOCH_DAYS) * DAY + BigInt(Math.round(ms * 10_000));

export const inRange = (days: number): boolean => days >= 0 && days <= LAST_DAY;
export const local = ({ ticks, offset }: OffsetTime): bigint => ticks + BigInt(offset) * TICKS_PER_MINUTE;
export const utcOf = (ticks: bigint, offset: number): OffsetTime => ({
  ticks: ticks - BigInt(offset) * TICKS_PER_MINUTE,
  offset,
});

/** Rounded to so many digits of a second. */
export function roundTicks(ticks: bigint, scale: number): bigint {
  const unit = 10n ** BigInt(7 - scale);
  return ((ticks + unit / 2n) / unit) * unit;
}

/** The units of 100 ns of a datetime, which counts in 1/300 s. */
export const ticksOfThreeHundredths = (count: bigint): bigint => (count * 100_000n + 1n) / 3n;
export const threeHundredthsOf = (ticks: bigint): bigint => (ticks * 3n + 50_000n) / 100_000n;

/** Rounded to what a datetime can hold. */
export function roundToDatetime(ticks: bigint): bigint {
  const days = daysOf(ticks);
  return ticksOf(days, 0) + ticksOfThreeHundredths(threeHundredthsOf(BigInt(timeOf(ticks))));
}

/** Rounded to minutes, of which 29.998 s are the last that go down. */
export function roundToMinute(ticks: bigint): bigint {
  const day = ticksOf(daysOf(ticks), 0);
  const inDay = ticksOfThreeHundredths(threeHundredthsOf(ticks - day));
  return day + ((inDay + TICKS_PER_MINUTE / 2n) / TICKS_PER_MINUTE) * TICKS_PER_MINUTE;
}

/** What a text says of date, time and offset. */
export interface ParsedTime {
  readonly days: number | null;
  readonly ticks: number;
  /** Digits of the fraction of the second as written. */
  readonly digits: number;
  readonly offset: number | null;
}

const DATE = /^(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{4})(\d{2})(\d{2})|(\d{4})\/(\d{1,2})\/(\d{1,2}))/;
const TIME = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.](\d{1,9}))?)?\s*(AM|PM)?/i;
const OFFSET = /^\s*(?:(Z)|([+-])(\d{2}):(\d{2}))$/i;

/**
 * Reads date and time as SQL Server does for its newer types, in the orders year-month-day.
 *
 * @returns null if it is neither; 'range' if a part is out of range
 */
export function parseTime(written: string): ParsedTime | 'range' | null {
  let text = written.trim();
  if (text === '') return { days: DAYS_TO_1900, ticks: 0, digits: 0, offset: null };
  let days: number | null = null;
  const date = DATE.exec(text);
  if (date) {
    const [year, month, day] = date
      .slice(1)
      .filter((part) => part !== undefined)
      .map(Number) as [number, number, number];
    const found = dayNumber(year, month, day);
    if (found === null) return 'range';
    days = found;
    text = text.slice(date[0].length);
    if (text === '') return { days, ticks: 0, digits: 0, offset: null };
    if (!/^(T|\s+)/i.test(text)) return null;
    text = text.replace(/^(T|\s+)/i, '');
  }
  const time = TIME.exec(text);
  if (!time) return null;
  let hour = Number(time[1]);
  const [minute, second] = [Number(time[2]), Number(time[3] ?? 0)];
  const half = time[5]?.toUpperCase();
  if (half !== undefined) {
    if (hour < 1 || hour > 12) return 'range';
    hour = (hour % 12) + (half === 'PM' ? 12 : 0);
  }
  if (hour > 23 || minute > 59 || second > 59) return 'range';
  const fraction = time[4] ?? '';
  const rounded = Math.round(Number(fraction.padEnd(9, '0')) / 100);
  const ticks = ((hour * 60 + minute) * 60 + second) * 10_000_000 + rounded;
  const rest = text.slice(time[0].length);
  if (rest.trim() === '') return { days, ticks, digits: fraction.length, offset: null };
  const zone = OFFSET.exec(rest);
  if (!zone) return null;
  const minutes = zone[1] ? 0 : Number(zone[3]) * 60 + Number(zone[4]);
  if (minutes > 14 * 60) return 'range';
  return { days, ticks, digits: fraction.length, offset: zone[2] === '-' ? -minutes : minutes };
}

function dayNumber(year: number, month: number, day: number): number | null {
  if (year < 1 || month < 1 || month > 12 || day < 1) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  return Math.round(date.getTime() / MS_PER_DAY) + EPOCH_DAYS;
}

export const dateText = (days: number): string => {
  const iso = new Date((days - EPOCH_DAYS) * MS_PER_DAY).toISOString();
  return iso.slice(0, 10);
};

export function timeText(ticks: number, scale: number): string {
  const seconds = Math.floor(ticks / 10_000_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const text = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  if (scale === 0) return text;
  return `${text}.${String(ticks % 10_000_000)
    .padStart(7, '0')
    .slice(0, scale)}`;
}

export const offsetText = (offset: number): string => {
  const minutes = Math.abs(offset);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A datetime in style 0: `Jan  2 2024 12:05AM`. */
export function shortText(ticks: bigint): string {
  const [year, month, day] = dateText(daysOf(ticks)).split('-').map(Number) as [number, number, number];
  const minutes = Math.floor(timeOf(ticks) / Number(TICKS_PER_MINUTE));
  const hour = Math.floor(minutes / 60);
  const clock = `${String(hour % 12 || 12).padStart(2)}:${String(minutes % 60).padStart(2, '0')}${hour < 12 ? 'AM' : 'PM'}`;
  return `${MONTHS[month - 1]} ${String(day).padStart(2)} ${year} ${clock}`;
}
