import type { TimeZone } from '@tributary/api/text';
import { DAY, type Interval } from './interval.ts';

/** Days since 1970 by the clocks of a zone. */
export const localDay = (millis: number, zone: TimeZone): number => Math.floor((millis + zone.offsetAt(millis)) / DAY);

/** Milliseconds since midnight by the clocks of a zone, which are not those that have passed on a day when clocks change. */
export const timeOfDay = (millis: number, zone: TimeZone): number =>
  millis + zone.offsetAt(millis) - localDay(millis, zone) * DAY;

/** The moment when the clocks of a zone show a time on a day; where they skip it, the moment by the clocks before. */
export function atLocal(day: number, time: number, zone: TimeZone): number {
  const shown = day * DAY + time;
  const guess = shown - zone.offsetAt(shown);
  return shown - zone.offsetAt(guess);
}

/** From 0, Thursday is what 1970 began with. 0: Monday, 5 and 6: the weekend. */
export const weekday = (day: number): number => (((day + 3) % 7) + 7) % 7;

/** The first day of the week or month that a day is in, and of the one after it. */
function unitDays(day: number, unit: Interval['unit']): readonly [first: number, next: number] {
  if (unit === 'week') {
    const monday = day - weekday(day);
    return [monday, monday + 7];
  }
  if (unit === 'month') {
    const date = new Date(day * DAY);
    const first = (month: number): number => Date.UTC(date.getUTCFullYear(), month, 1) / DAY;
    return [first(date.getUTCMonth()), first(date.getUTCMonth() + 1)];
  }
  return [day, day + 1];
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The day, week or month of a moment, from midnight to midnight of the zone. */
export function unitSpan(millis: number, unit: Interval['unit'], zone: TimeZone): Span {
  const [first, next] = unitDays(localDay(millis, zone), unit);
  return { start: atLocal(first, 0, zone), end: atLocal(next, 0, zone) };
}
