/** The lengths of bars, and how much of them Yahoo gives. */
export interface Interval {
  readonly name: string;
  readonly unit: 'intraday' | 'day' | 'week' | 'month';
  /** The length of intraday bars in milliseconds; 0 for those that follow the calendar. */
  readonly step: number;
  /** How far back there are any. Milliseconds; null: since the beginning. */
  readonly reach: number | null;
  /** The most that one request may ask for. Milliseconds; null: everything. */
  readonly chunk: number | null;
}

const MINUTE = 60_000;
export const DAY = 86_400_000;

const intraday = (name: string, minutes: number, chunkDays: number, reachDays: number): Interval => ({
  name,
  unit: 'intraday',
  step: minutes * MINUTE,
  reach: reachDays * DAY,
  chunk: chunkDays * DAY,
});

const calendar = (name: string, unit: Interval['unit']): Interval => ({
  name,
  unit,
  step: 0,
  reach: null,
  chunk: null,
});

const ALL: readonly Interval[] = [
  intraday('1m', 1, 7, 30),
  intraday('2m', 2, 60, 60),
  intraday('5m', 5, 60, 60),
  intraday('15m', 15, 60, 60),
  intraday('30m', 30, 60, 60),
  intraday('60m', 60, 730, 730),
  intraday('90m', 90, 60, 60),
  intraday('1h', 60, 730, 730),
  calendar('1d', 'day'),
  calendar('1wk', 'week'),
  calendar('1mo', 'month'),
];

export const INTERVALS = ['1m', '2m', '5m', '15m', '30m', '60m', '90m', '1h', '1d', '1wk', '1mo'] as const;

/** @param name one of {@link INTERVALS} */
export const intervalOf = (name: string): Interval => ALL.find((one) => one.name === name)!;
