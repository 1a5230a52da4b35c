import type { Chart, ChartMeta, ChartRow } from './chart.ts';
import { DAY, type Interval } from './interval.ts';
import { localDay, type Span, timeOfDay, unitSpan } from './local-time.ts';

/** A row of a chart as a bar. Times are in milliseconds since 1970. */
export interface YahooBar extends Span {
  readonly row: ChartRow;
  /** Whether it will not change any more. */
  readonly final: boolean;
}

export interface BarOptions {
  readonly interval: Interval;
  /** Whether early and late trading count. */
  readonly extended: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** How long after its end a bar is taken for finished, if nothing that is known is later. Milliseconds. */
  readonly settleMs: number;
}

interface Placed extends Span {
  readonly row: ChartRow;
  /** Whether the last trade was taken into it, which came as a row of its own. */
  readonly traded?: boolean;
}

/** So long after its end a row without prices may still be filled. Milliseconds. */
const FILLED = 60_000;
const HOUR = 3_600_000;
/** Bars of weeks and months whose last day comes apart are whole once a later one has come, or after this. Milliseconds. */
const APART = 3 * DAY;

/**
 * The bars of a chart in the order of time. Rows without any price, where nothing was traded, are left out; a recent one is where the
 * bars end, since it may be filled yet.
 */
export function barsOf(chart: Chart, options: BarOptions): readonly YahooBar[] {
  const { now, interval } = options;
  const placed = interval.unit === 'intraday' ? placeIntraday(chart, options) : placeByCalendar(chart, interval);
  const blank = placed.findIndex(({ row, end }) => isBlank(row) && end + FILLED > now);
  const known = (blank === -1 ? placed : placed.slice(0, blank)).filter(({ row }) => !isBlank(row));
  return known.map(({ row, start, end, traded = false }, i) => {
    const hasLater = i < known.length - 1;
    return { row, start, end, final: isFinal({ start, end }, hasLater, traded, chart.meta, options) };
  });
}

const isBlank = ({ open, high, low, close }: ChartRow): boolean =>
  open === null && high === null && low === null && close === null;

/** Whether a bar will not change: its time is over, and so it is for the feed, which may be late. */
function isFinal(
  { start, end }: Span,
  hasLater: boolean,
  traded: boolean,
  meta: ChartMeta,
  { interval, now, settleMs }: BarOptions,
): boolean {
  if (interval.unit === 'week' || interval.unit === 'month')
    return now >= end && (hasLater || !traded || now >= end + APART);
  const over = interval.unit === 'day' ? Math.min(end, closeOf(start, meta) ?? end) : end;
  const passed = interval.unit === 'intraday' && meta.marketTime !== null && meta.marketTime >= end;
  return now >= over && (hasLater || passed || now >= over + settleMs);
}

/** When trading ends on the day of a moment, if that is the current one. */
function closeOf(time: number, { current, zone }: ChartMeta): number | null {
  return current && localDay(current.regular.start, zone) === localDay(time, zone) ? current.regular.end : null;
}

/**
 * Whether the last row is no bar: while a market is open, and until the next day, Yahoo appends the last trade at its own time.
 */
const isLastTrade = (row: ChartRow, meta: ChartMeta): boolean =>
  row.time === meta.marketTime || row.time % 60_000 !== 0;

/** A bar and the last trade, or the last day, which is in it. */
function withTrade(bar: Placed, { open, high, low, close, volume, adjustedClose }: ChartRow): Placed {
  const extreme = (pick: (...values: number[]) => number, a: number | null, b: number | null): number | null =>
    a === null || b === null ? (a ?? b) : pick(a, b);
  return {
    ...bar,
    traded: true,
    row: {
      ...bar.row,
      open: bar.row.open ?? open,
      high: extreme(Math.max, bar.row.high, high),
      low: extreme(Math.min, bar.row.low, low),
      close: close ?? bar.row.close,
      volume: extreme(Math.max, bar.row.volume, volume),
      adjustedClose: adjustedClose ?? bar.row.adjustedClose,
    },
  };
}

function placeIntraday({ rows, meta }: Chart, { interval: { step }, extended }: BarOptions): readonly Placed[] {
  const periods = periodsOf(meta, extended);
  const around = (time: number): Span | undefined => periods.find(({ start, end }) => start <= time && time < end);
  const ends = endsInTrade(rows, meta, step, around);
  const placed: Placed[] = [];
  for (const [i, row] of rows.entries()) {
    const { time } = row;
    const period = around(time);
    const previous = placed.at(-1);
    let start = time;
    if (i === rows.length - 1) {
      // The price at the close, as a row at the end of trading.
      if (!period && (ends || !row.volume) && periods.some(({ end }) => end <= time && time - end < step)) continue;
      if (ends && previous && time < previous.end) {
        placed[placed.length - 1] = withTrade(previous, row);
        continue;
      }
      if (ends) {
        const from = previous && (!period || previous.start >= period.start) ? previous.start : (period?.start ?? 0);
        start = from + Math.floor((time - from) / step) * step;
      }
    }
    const next = i + 1 === rows.length - 1 && ends ? undefined : rows[i + 1]?.time;
    const end = Math.min(start + step, period?.end ?? Number.POSITIVE_INFINITY, next ?? Number.POSITIVE_INFINITY);
    if (end > start) placed.push({ row, start, end });
  }
  return placed;
}

/** Whether the last row is the last trade: early and late ones may be at a full minute, too, but not where a bar could begin. */
function endsInTrade(
  rows: readonly ChartRow[],
  meta: ChartMeta,
  step: number,
  around: (time: number) => Span | undefined,
): boolean {
  const [before, last] = [rows.at(-2), rows.at(-1)];
  if (!last) return false;
  if (isLastTrade(last, meta)) return true;
  const period = around(last.time);
  const within = before !== undefined && last.time > before.time && last.time - before.time < step;
  return within && (!period || (last.time - period.start) % step !== 0);
}

/** The hours of trading of all days that a chart tells of. */
function periodsOf({ periods, current }: ChartMeta, extended: boolean): readonly Span[] {
  if (!current) return periods;
  const { regular, extended: whole } = current;
  const early = { start: whole.start, end: regular.start };
  const late = { start: regular.end, end: whole.end };
  return [...periods, ...(extended ? [early, regular, late] : [regular])];
}

function placeByCalendar({ rows, meta }: Chart, { unit }: Interval): readonly Placed[] {
  const placed: Placed[] = [];
  for (const [i, row] of rows.entries()) {
    const trade = i === rows.length - 1 && isLastTrade(row, meta);
    const time = trade ? row.time : meantTime(row.time, meta);
    const span = unitSpan(time, unit, meta.zone);
    const previous = placed.at(-1);
    if (previous && previous.end > time) placed[placed.length - 1] = withTrade(previous, row);
    else placed.push({ row, end: span.end, start: unit === 'day' ? opening(time, trade, span, meta) : span.start });
  }
  return placed;
}

/**
 * Yahoo's days begin an hour or two before midnight at times, as those of Brazil do since it keeps no summer time: the day that follows is
 * meant. Unless that is when trading begins.
 */
function meantTime(time: number, { current, zone }: ChartMeta): number {
  const shown = timeOfDay(time, zone);
  const early = shown >= DAY - 2 * HOUR && shown % HOUR === 0;
  return early && (!current || timeOfDay(current.regular.start, zone) !== shown) ? time + DAY - shown : time;
}

/** A day begins with trading, which is what Yahoo says of days that are over. */
function opening(time: number, trade: boolean, span: Span, { current }: ChartMeta): number {
  if (!trade) return time;
  const open = current?.regular.start;
  return open !== undefined && open >= span.start && open < span.end ? open : span.start;
}
