import { civilDate, dayOf, dayOfWeek, MILLIS_PER_DAY, startOfWeek, weekOf } from './calendar.ts';
import { DateFields } from './date-fields.ts';
import { DAYS, ERAS, HALVES, MONTHS, type Names, parseName } from './date-names.ts';
import { type PatternItem, parsePattern } from './date-pattern.ts';
import { parseZone } from './date-zone.ts';
import { asciiDigits } from './java-numbers.ts';
import { type TimeZone, UTC } from './time-zone.ts';

/** A moment, broken down as far as formatting needs. */
interface Moment {
  readonly day: number;
  readonly year: number;
  readonly month: number;
  readonly dayOfMonth: number;
  /** Milliseconds of the day. */
  readonly time: number;
  readonly zone: TimeZone;
  /** Milliseconds since the epoch. */
  readonly instant: number;
}

const TWO_DIGITS = Array.from({ length: 100 }, (_, i) => String(i).padStart(2, '0'));

const pad = (value: number, width: number): string =>
  width === 2 && value >= 0 && value < 100
    ? TWO_DIGITS[value]!
    : value < 0
      ? `-${String(-value).padStart(width, '0')}`
      : String(value).padStart(width, '0');

const hourOf = ({ time }: Moment): number => Math.floor(time / 3_600_000);
const yearOfEra = (year: number): number => (year > 0 ? year : 1 - year);
const yearText = (year: number, count: number): string =>
  count === 2 ? `${year < 0 ? '-' : ''}${pad(Math.abs(year) % 100, 2)}` : pad(year, count);
const nameOf = (names: Names, index: number, count: number): string => (count >= 4 ? names.long : names.short)[index]!;

function offsetText(offset: number, separator: string): string {
  const minutes = Math.trunc(Math.abs(offset) / 60_000);
  return `${offset < 0 ? '-' : '+'}${pad(Math.trunc(minutes / 60), 2)}${separator}${pad(minutes % 60, 2)}`;
}

const WRITERS: Readonly<Record<string, (moment: Moment, count: number) => string>> = {
  G: ({ year }) => ERAS.short[year > 0 ? 1 : 0]!,
  y: ({ year }, count) => yearText(yearOfEra(year), count),
  Y: ({ day }, count) => yearText(weekOf(day).year, count),
  M: ({ month }, count) => (count >= 3 ? nameOf(MONTHS, month, count) : pad(month + 1, count)),
  L: ({ month }, count) => (count >= 3 ? nameOf(MONTHS, month, count) : pad(month + 1, count)),
  w: ({ day }, count) => pad(weekOf(day).week, count),
  W: ({ day, dayOfMonth }, count) => pad(Math.floor((day - startOfWeek(day - dayOfMonth + 1)) / 7) + 1, count),
  D: ({ day, year }, count) => pad(day - dayOf(year, 0, 1) + 1, count),
  d: ({ dayOfMonth }, count) => pad(dayOfMonth, count),
  F: ({ dayOfMonth }, count) => pad(Math.floor((dayOfMonth - 1) / 7) + 1, count),
  E: ({ day }, count) => nameOf(DAYS, dayOfWeek(day), count),
  u: ({ day }, count) => pad(dayOfWeek(day) || 7, count),
  a: (moment) => HALVES.short[hourOf(moment) < 12 ? 0 : 1]!,
  H: (moment, count) => pad(hourOf(moment), count),
  k: (moment, count) => pad(hourOf(moment) || 24, count),
  K: (moment, count) => pad(hourOf(moment) % 12, count),
  h: (moment, count) => pad(hourOf(moment) % 12 || 12, count),
  m: ({ time }, count) => pad(Math.floor(time / 60_000) % 60, count),
  s: ({ time }, count) => pad(Math.floor(time / 1000) % 60, count),
  S: ({ time }, count) => pad(time % 1000, count),
  z: ({ zone, instant }, count) => zone.labelAt(instant, count >= 4),
  Z: ({ zone, instant }) => offsetText(zone.offsetAt(instant), ''),
  X: ({ zone, instant }, count) => {
    const offset = zone.offsetAt(instant);
    if (offset === 0) return 'Z';
    return count === 1 ? offsetText(offset, '').slice(0, 3) : offsetText(offset, count === 3 ? ':' : '');
  },
};

/** Letters that are read as a number, unless a month is written as a name. */
const NUMERIC = 'yYMLwWDdFuHkKhmsS';
const isNumeric = (item: PatternItem | undefined): boolean =>
  item?.letter != null && NUMERIC.includes(item.letter) && !('ML'.includes(item.letter) && item.count > 2);

/**
 * Writes and reads dates by a pattern of java.text.SimpleDateFormat (`yyyy-MM-dd'T'HH:mm:ss.SSSX`), in English; it reads as UTC. Reading is
 * lenient, as in Java: fields beyond their range go on into the next larger (32 January is 1 February), and text behind
 * what the pattern asks for is ignored. Years of two digits lie between 80 years ago and 20 ahead.
 */
export class DateFormat {
  readonly pattern: string;
  readonly #items: readonly PatternItem[];
  readonly #writers: readonly ((moment: Moment) => string)[];
  /** The first year that two digits can mean. */
  readonly #century: Date;

  /** @throws DataError for a letter that has no meaning or a quote without end */
  constructor(pattern: string, now: Date = new Date()) {
    this.pattern = pattern;
    this.#items = parsePattern(pattern);
    this.#writers = this.#items.map(({ letter, literal, count }) => {
      const write = letter === null ? () => literal : WRITERS[letter]!;
      return (moment) => write(moment, count);
    });
    this.#century = new Date(now);
    this.#century.setUTCFullYear(now.getUTCFullYear() - 80);
  }

  /** @param zone the one whose time is written; default UTC */
  format(date: Date, zone: TimeZone = UTC): string {
    const instant = date.getTime();
    const millis = instant + zone.offsetAt(instant);
    const day = Math.floor(millis / MILLIS_PER_DAY);
    const { year, month, dayOfMonth } = civilDate(day);
    const moment: Moment = { day, year, month, dayOfMonth, time: millis - day * MILLIS_PER_DAY, zone, instant };
    let text = '';
    for (let i = 0; i < this.#writers.length; i++) text += this.#writers[i]!(moment);
    return text;
  }

  /** The date, or undefined if the text does not begin as the pattern asks. */
  parse(text: string): Date | undefined {
    const fields = new DateFields();
    let at = 0;
    for (const [i, item] of this.#items.entries()) {
      const end = this.#parseItem(text, at, item, isNumeric(this.#items[i + 1]), fields);
      if (end === undefined) return undefined;
      at = end;
    }
    // What an empty match leaves is no date, in Java either.
    return at === 0 ? undefined : fields.resolve(this.#century);
  }

  #parseItem(
    text: string,
    start: number,
    item: PatternItem,
    abutting: boolean,
    fields: DateFields,
  ): number | undefined {
    if (item.letter === null) return text.startsWith(item.literal, start) ? start + item.literal.length : undefined;
    let at = start;
    while (text[at] === ' ' || text[at] === '\t') at++;
    if (at >= text.length) return undefined;
    if (isNumeric(item) && abutting && start + item.count > text.length) return undefined;
    if (isNumeric(item)) return parseNumber(abutting ? text.slice(0, start + item.count) : text, at, item, fields);
    if (item.letter === 'z' || item.letter === 'Z' || item.letter === 'X') {
      const zone = parseZone(text, at, item.letter, item.count);
      if (zone) fields.offset = zone.offset;
      return zone?.end;
    }
    const names = { G: ERAS, a: HALVES, E: DAYS, M: MONTHS, L: MONTHS }[item.letter]!;
    const found = parseName(text, at, names);
    if (found) fields.set(item.letter, found.index);
    return found?.end;
  }
}

/** What java.text.DecimalFormat takes for a whole number. */
const INTEGER = /-?(?:\p{Nd}+|∞)|NaN/uy;

/** The number as the 32 bits that Java keeps of it: the low ones of a long, the nearest of what is larger. */
function toInt(digits: string): number {
  const value = digits === 'NaN' ? 0n : digits.endsWith('∞') ? 2n ** 64n : BigInt(digits);
  if (BigInt.asIntN(64, value) === value) return Number(BigInt.asIntN(32, value));
  return digits.startsWith('-') ? -(2 ** 31) : 2 ** 31 - 1;
}

function parseNumber(
  text: string,
  start: number,
  { letter, count }: PatternItem,
  fields: DateFields,
): number | undefined {
  INTEGER.lastIndex = start;
  const match = INTEGER.exec(text);
  if (!match) return undefined;
  const digits = asciiDigits(match[0]);
  const value = toInt(digits);
  if (letter === 'y' && count <= 2 && /^\d\d$/.test(digits)) fields.setShortYear(value);
  else if (letter === 'M' || letter === 'L') fields.set(letter, value - 1);
  else fields.set(letter!, value);
  return start + match[0].length;
}
