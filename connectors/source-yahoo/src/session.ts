import type { TimeZone } from '@tributary/api/text';
import type { ChartMeta } from './chart.ts';
import { DAY, type Interval } from './interval.ts';
import { atLocal, localDay, type Span, timeOfDay, unitSpan, weekday } from './local-time.ts';

/** When the market of a symbol is open, as far as a chart says. */
export interface Session extends Span {
  readonly zone: TimeZone;
  /** Whether it may be open on Saturdays and Sundays. */
  readonly weekends: boolean;
}

/** Instruments with the hours of an exchange; currencies, cryptocurrencies and futures are traded on Sundays too. */
const WEEKDAYS_ONLY = new Set(['EQUITY', 'ETF', 'INDEX', 'MUTUALFUND', 'OPTION']);

/** @param extended whether early and late trading count */
export function sessionOf({ current, zone, instrumentType }: ChartMeta, extended: boolean): Session | null {
  if (!current) return null;
  const { start, end } = extended ? current.extended : current.regular;
  return { start, end, zone, weekends: instrumentType !== null && !WEEKDAYS_ONLY.has(instrumentType) };
}

/**
 * The hours that come next by what is known now: those of the session if they are not over, or the same ones, by the clocks of the
 * exchange, on the next day on which it may be open. Holidays show when it is asked then.
 */
export function nextSession(session: Session, now: number): Span {
  if (now < session.end) return session;
  const { zone, weekends } = session;
  const [opens, closes] = [timeOfDay(session.start, zone), timeOfDay(session.end, zone)];
  const nights = localDay(session.end, zone) - localDay(session.start, zone);
  let day = localDay(session.start, zone);
  for (;;) {
    day++;
    if (!weekends && weekday(day) >= 5) continue;
    const next = { start: atLocal(day, opens, zone), end: atLocal(day + nights, closes, zone) };
    if (next.end > now) return next;
  }
}

export interface PollOptions {
  readonly interval: Interval;
  readonly now: number;
  /** Where the bars begin that are still to come. */
  readonly from: number;
  /** How long after the end of a bar it is asked for. Milliseconds. */
  readonly delayMs: number;
  readonly settleMs: number;
  /** How often unfinished bars are asked for; null if they are not wanted. Milliseconds. */
  readonly unfinishedMs: number | null;
}

/** Nothing is asked for twice within this. Milliseconds. */
const SOONEST = 1000;
/** A bar that should be there and is not is asked for again after this. Milliseconds. */
const AGAIN = 10_000;

/**
 * When to ask for bars again.
 * @param session null if it is not known, or closed markets are to be asked too
 */
export function nextPoll(session: Session | null, zone: TimeZone, options: PollOptions): number {
  const { interval, now, delayMs, unfinishedMs } = options;
  const due = interval.unit === 'intraday' ? pollIntraday(session, options) : pollCalendar(session, zone, options);
  const open = !session || (now >= session.start && now < session.end);
  const soon = open && unfinishedMs !== null ? Math.min(due + delayMs, now + unfinishedMs) : due + delayMs;
  return Math.max(soon, now + SOONEST);
}

function pollIntraday(session: Session | null, { interval: { step }, now, from, settleMs }: PollOptions): number {
  if (!session) return (Math.floor(now / step) + 1) * step;
  if (now >= session.end && from < session.end && now < session.end + settleMs)
    return Math.min(now + Math.max(AGAIN, Math.min(step, 60_000)), session.end + settleMs);
  const { start, end } = nextSession(session, now);
  const passed = Math.max(0, Math.floor((now - start) / step));
  const boundary = Math.min(end, start + (passed + 1) * step);
  const late = now >= start && from < start + passed * step;
  return late ? Math.min(boundary, now + Math.max(AGAIN, Math.min(step, 60_000))) : boundary;
}

function pollCalendar(session: Session | null, zone: TimeZone, { interval, now, from, settleMs }: PollOptions): number {
  const { start, end } = unitSpan(now, interval.unit, zone);
  if (interval.unit !== 'day') {
    if (from >= start) return end;
    // One that is over is whole when trading has begun again.
    const opens = session ? nextSession(session, now).start + settleMs : now;
    return Math.min(end, Math.max(opens, now + UNKNOWN_PAUSE));
  }
  if (!session) return end + settleMs;
  if (now < session.end + settleMs) return session.end + settleMs;
  return nextSession(session, now).end + settleMs;
}

/** For a market of which nothing is known but that it is closed. */
export const UNKNOWN_PAUSE = DAY / 96;
