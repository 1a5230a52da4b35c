import type { TimeZone } from '@tributary/api/text';
import { DAY, type Interval } from './interval.ts';
import { atLocal, localDay, type Span, unitSpan } from './local-time.ts';

/** Time goes on between a request and Yahoo's look at its clock. Milliseconds. */
const MARGIN = 300_000;
/** A request asks for so much less than it may, so that it can reach into the present. Milliseconds. */
const ROOM = 3_600_000;
/** The present begins so long ago: `bars.settle.ms` is shorter. Milliseconds. */
const PRESENT = 3_000_000;
/** What is asked for ends behind the present, whatever the clocks. Milliseconds. */
const AHEAD = 60_000;

export interface Window extends Span {
  /** Whether it goes up to the present. */
  readonly live: boolean;
  /** Whether it should have begun earlier, but Yahoo does not go back so far. */
  readonly clipped: boolean;
}

/**
 * The part of the past that is asked for next.
 * @param from where the bars begin that are to come
 * @param zone of the exchange, if it is known: parts of the history end at its midnight
 */
export function nextWindow(from: number, interval: Interval, now: number, zone: TimeZone | null): Window {
  const { reach, chunk } = interval;
  const earliest = reach === null ? Number.NEGATIVE_INFINITY : now - reach + MARGIN;
  const start = Math.max(from, earliest);
  const clipped = from < earliest;
  const most = chunk === null ? Number.POSITIVE_INFINITY : start + chunk - ROOM;
  if (most > now - PRESENT) return { start, end: now + AHEAD, live: true, clipped };
  const midnight = zone ? atLocal(localDay(most, zone), 0, zone) : most;
  return { start, end: midnight > start ? midnight : most, live: false, clipped };
}

/** Where bars begin when none were read and no history is wanted: with the one that is on its way. */
export function presentStart(now: number, { unit, step }: Interval, zone: TimeZone): number {
  return unit === 'intraday' ? now - step + 1 : unitSpan(now, unit, zone).start;
}

/** Early enough for any zone: for the first request, when the zone is not known. */
export const WEST = DAY;
