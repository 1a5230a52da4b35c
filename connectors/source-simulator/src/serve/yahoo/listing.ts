import { type TimeZone, timeZone } from '@tributary/api/text';

const MINUTE = 60_000;
const DAY = 86_400_000;

export interface Hours {
  readonly start: number;
  readonly end: number;
}

export interface TradingDay {
  readonly pre: Hours;
  readonly regular: Hours;
  readonly post: Hours;
}

export interface Listing {
  readonly symbol: string;
  readonly zone: string;
  readonly exchange: string;
  readonly currency: string;
  readonly type: string;
  /** By the clocks of the exchange, in minutes since midnight: early, open, close, late. */
  readonly hours: readonly [number, number, number, number];
  /** Days without trading, as `2026-01-01`. */
  readonly holidays?: readonly string[];
  /** Days on which trading ends early, by minute. */
  readonly halfDays?: Readonly<Record<string, number>>;
  /** Bars without a trade, by their beginning. */
  readonly halted?: ReadonlySet<number>;
  readonly dividends?: ReadonlyArray<{ readonly time: number; readonly amount: number }>;
  readonly splits?: ReadonlyArray<{ readonly time: number; readonly numerator: number; readonly denominator: number }>;
  /** How late Yahoo knows what happens. Milliseconds. */
  readonly delay?: number;
  /** Whether it is traded on Saturdays and Sundays. Default: cryptocurrencies are. */
  readonly weekends?: boolean;
  /** What was traded between two times; null if nothing was. Default: prices around 100 that follow from symbol and time. */
  readonly bar?: (start: number, end: number) => MarketBar | null;
  /** The last trade at a time. Default: the close of the last bar. */
  readonly last?: (now: number) => LastTrade;
}

/** The last trade, and what buyers and sellers offer. */
export interface LastTrade {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly price: number;
  readonly bid: number;
  readonly ask: number;
}

export const american = (symbol: string, more: Partial<Listing> = {}): Listing => ({
  symbol,
  zone: 'America/New_York',
  exchange: 'NMS',
  currency: 'USD',
  type: 'EQUITY',
  hours: [240, 570, 960, 1200],
  ...more,
});

export const crypto = (symbol: string): Listing => ({
  symbol,
  zone: 'UTC',
  exchange: 'CCC',
  currency: 'USD',
  type: 'CRYPTOCURRENCY',
  hours: [0, 0, 1440, 1440],
});

/** A price that is the same whenever it is asked for. */
function noise(symbol: string, time: number): number {
  let value = 0x811c9dc5;
  for (const char of `${symbol} ${time}`) value = Math.imul(value ^ char.charCodeAt(0), 0x01000193);
  return (value >>> 0) / 2 ** 32;
}

export interface MarketBar {
  readonly start: number;
  readonly end: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

const zones = new Map<string, TimeZone>();

function zoneOf({ zone: name }: Listing): TimeZone {
  const zone = zones.get(name) ?? timeZone(name);
  zones.set(name, zone);
  return zone;
}

function moment(listing: Listing, day: number, minute: number): number {
  const zone = zoneOf(listing);
  const shown = day * DAY + minute * MINUTE;
  return shown - zone.offsetAt(shown - zone.offsetAt(shown));
}

const dateOf = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);

/** The hours of a day, counted since 1970; null without trading. */
export function tradingDay(listing: Listing, day: number): TradingDay | null {
  const sunday = (day + 4) % 7 === 0;
  const saturday = (day + 4) % 7 === 6;
  if ((sunday || saturday) && !(listing.weekends ?? listing.type === 'CRYPTOCURRENCY')) return null;
  if (listing.holidays?.includes(dateOf(day))) return null;
  const [early, open, usual, late] = listing.hours;
  const close = listing.halfDays?.[dateOf(day)] ?? usual;
  const at = (minute: number): number => moment(listing, day, minute);
  return {
    pre: { start: at(early), end: at(open) },
    regular: { start: at(open), end: at(close) },
    post: { start: at(close), end: at(Math.max(close, late - (usual - close))) },
  };
}

export function localDayOf(listing: Listing, time: number): number {
  return Math.floor((time + zoneOf(listing).offsetAt(time)) / DAY);
}

/** All bars of a length within a time, each as it is once it is over. */
export function barsBetween(
  listing: Listing,
  minutes: number,
  from: number,
  to: number,
  extended = false,
): MarketBar[] {
  const bars: MarketBar[] = [];
  for (let day = localDayOf(listing, from) - 1; day <= localDayOf(listing, to) + 1; day++) {
    const hours = tradingDay(listing, day);
    if (!hours) continue;
    for (const { start, end } of extended ? [hours.pre, hours.regular, hours.post] : [hours.regular])
      for (let time = start; time < end; time += minutes * MINUTE)
        if (time >= from && time < to && !listing.halted?.has(time))
          bars.push(...barAt(listing, time, Math.min(time + minutes * MINUTE, end)));
  }
  return bars;
}

/** The daily bars; they begin at the open and end at midnight. */
export function daysBetween(listing: Listing, from: number, to: number): MarketBar[] {
  const bars: MarketBar[] = [];
  for (let day = localDayOf(listing, from) - 1; day <= localDayOf(listing, to) + 1; day++) {
    const hours = tradingDay(listing, day);
    if (!hours || hours.regular.start < from || hours.regular.start >= to) continue;
    bars.push(...barAt(listing, hours.regular.start, moment(listing, day + 1, 0)));
  }
  return bars;
}

/** The bar of a time, if anything was traded. */
function barAt({ symbol, bar }: Listing, start: number, end: number): readonly MarketBar[] {
  if (bar) {
    const own = bar(start, end);
    return own ? [own] : [];
  }
  const open = 100 + noise(symbol, start);
  const close = 100 + noise(symbol, end);
  const [high, low] = [Math.max(open, close) + 0.5, Math.min(open, close) - 0.5];
  const volume = 1000 + Math.floor(noise(`${symbol} volume`, start) * 1000);
  return [{ start, end, open, close, high, low, volume }];
}
