import type { TimeZone } from '@tributary/api/text';
import { DAY } from './interval.ts';
import { atLocal } from './local-time.ts';

const DATE = /^\d{4}-\d\d-\d\d$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/;
const BACK = /^(\d{1,6})d$/;

/** What is wrong with a text that should say when something begins. */
export function startFault(value: string): string | undefined {
  if (BACK.test(value) || ((DATE.test(value) || MOMENT.test(value)) && !Number.isNaN(Date.parse(value)))) return;
  return 'Expected a date such as 2026-03-02, a date and time with a zone such as 2026-03-02T14:30:00Z, or so many days back such as 7d';
}

/**
 * The moment that a text names, in milliseconds since 1970.
 * @param zone whose midnight a date means
 */
export function startTime(value: string, now: number, zone: TimeZone): number {
  const back = BACK.exec(value);
  if (back) return now - Number(back[1]) * DAY;
  if (DATE.test(value)) return atLocal(Date.parse(value) / DAY, 0, zone);
  return Date.parse(value);
}
