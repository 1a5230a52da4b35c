/** java.util.GregorianCalendar in UTC: the Julian calendar up to 4 October 1582, the Gregorian one from the day after, which is the 15th. */

export const MILLIS_PER_DAY = 86_400_000;
/** 15 October 1582 as days since the epoch. */
const CUTOVER = -141_427;

const floorDiv = (a: number, b: number): number => Math.floor(a / b);
export const floorMod = (a: number, b: number): number => ((a % b) + b) % b;

function gregorianDay(year: number, month: number): number {
  // Counts from 1 March of year 0, so that the leap day is the last of its year.
  const y = month < 2 ? year - 1 : year;
  const dayOfYear = floorDiv(153 * floorMod(month - 2, 12) + 2, 5);
  return y * 365 + floorDiv(y, 4) - floorDiv(y, 100) + floorDiv(y, 400) + dayOfYear - 719_468;
}

function julianDay(year: number, month: number): number {
  const y = month < 2 ? year - 1 : year;
  return y * 365 + floorDiv(y, 4) + floorDiv(153 * floorMod(month - 2, 12) + 2, 5) - 719_470;
}

/**
 * Days since the epoch of a day of a month. Months and days beyond their range go on into the neighbours.
 * @param year 0 is 1 BC
 * @param month from 0
 */
export function dayOf(year: number, month: number, dayOfMonth: number): number {
  const y = year + floorDiv(month, 12);
  const m = floorMod(month, 12);
  const gregorian = gregorianDay(y, m) + dayOfMonth - 1;
  if (gregorian >= CUTOVER && (y > 1582 || (y === 1582 && m >= 9))) return gregorian;
  return julianDay(y, m) + dayOfMonth - 1;
}

export interface CivilDate {
  /** 0 is 1 BC. */
  readonly year: number;
  /** From 0. */
  readonly month: number;
  readonly dayOfMonth: number;
}

/** The reverse of {@link dayOf}. */
export function civilDate(day: number): CivilDate {
  const gregorian = day >= CUTOVER;
  const shifted = day + (gregorian ? 719_468 : 719_470);
  let year: number;
  let dayOfYear: number;
  if (gregorian) {
    const era = floorDiv(shifted, 146_097);
    const dayOfEra = shifted - era * 146_097;
    const yearOfEra = floorDiv(
      dayOfEra - floorDiv(dayOfEra, 1460) + floorDiv(dayOfEra, 36_524) - floorDiv(dayOfEra, 146_096),
      365,
    );
    year = yearOfEra + era * 400;
    dayOfYear = dayOfEra - (365 * yearOfEra + floorDiv(yearOfEra, 4) - floorDiv(yearOfEra, 100));
  } else {
    year = floorDiv(4 * shifted + 3, 1461);
    dayOfYear = shifted - floorDiv(1461 * year, 4);
  }
  const shiftedMonth = floorDiv(5 * dayOfYear + 2, 153);
  const month = (shiftedMonth + 2) % 12;
  return {
    year: month < 2 ? year + 1 : year,
    month,
    dayOfMonth: dayOfYear - floorDiv(153 * shiftedMonth + 2, 5) + 1,
  };
}

/** The day of the week, 0 for Sunday. */
export const dayOfWeek = (day: number): number => floorMod(day + 4, 7);

/** The Sunday that begins the week of a day. */
export const startOfWeek = (day: number): number => day - dayOfWeek(day);

/** The year that a week of the American kind (from Sunday; the week with 1 January is the first) belongs to, and the week's number. */
export function weekOf(day: number): { readonly year: number; readonly week: number } {
  const { year } = civilDate(day);
  const next = startOfWeek(dayOf(year + 1, 0, 1));
  if (day >= next) return { year: year + 1, week: 1 };
  return { year, week: floorDiv(day - startOfWeek(dayOf(year, 0, 1)), 7) + 1 };
}
