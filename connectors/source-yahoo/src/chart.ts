import { isPlainObject } from '@tributary/api';
import { type TimeZone, timeZone } from '@tributary/api/text';
import { HttpFault } from '@tributary/http-kit';
import type { Span } from './local-time.ts';

/** What a chart says of its symbol. Times are in milliseconds since 1970. */
export interface ChartMeta {
  readonly currency: string | null;
  readonly exchange: string | null;
  readonly instrumentType: string | null;
  readonly zone: TimeZone;
  /** When the last trade of regular hours happened, as far as Yahoo knows: some exchanges come with a delay. */
  readonly marketTime: number | null;
  /** The hours of trading of today or, when that is over, of the next day; null if the answer has none. */
  readonly current: TradingDay | null;
  /** The hours of trading of the days in the chart, in order; none for bars of a day and more. */
  readonly periods: readonly Span[];
}

/** From the beginning of early trading to the end of late trading; where there is neither, they are as long as regular hours. */
export interface TradingDay {
  readonly regular: Span;
  readonly extended: Span;
}

/** One place in the arrays of a chart. */
export interface ChartRow {
  readonly time: number;
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly close: number | null;
  readonly volume: number | null;
  readonly adjustedClose: number | null;
}

export interface ChartDividend {
  readonly time: number;
  readonly amount: number;
  /** Null: that of the prices. */
  readonly currency: string | null;
}

export interface ChartSplit {
  readonly time: number;
  readonly numerator: number;
  readonly denominator: number;
}

export interface Chart {
  readonly meta: ChartMeta;
  /** In the order of time. */
  readonly rows: readonly ChartRow[];
  readonly dividends: readonly ChartDividend[];
  readonly splits: readonly ChartSplit[];
}

type Json = Readonly<Record<string, unknown>>;

const malformed = (what: string): HttpFault =>
  new HttpFault(`Yahoo's chart makes no sense: ${what}`, { reason: 'malformed' });

const objectOf = (value: unknown): Json => (isPlainObject(value) ? (value as Json) : {});
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
const millisOf = (value: unknown): number | null => {
  const seconds = numberOf(value);
  return seconds === null ? null : seconds * 1000;
};

/** Reads the answer of `/v8/finance/chart`. @throws HttpFault if it is not one */
export function parseChart(answer: unknown): Chart {
  const results = objectOf(objectOf(answer).chart).result;
  const result = Array.isArray(results) ? results[0] : undefined;
  if (!isPlainObject(result)) throw malformed('there is no chart.result[0]');
  const { meta, timestamp, indicators, events } = result as Json;
  if (!isPlainObject(meta)) throw malformed('there is no meta');
  const { dividends, splits } = objectOf(events);
  return {
    meta: metaOf(meta as Json),
    rows: rowsOf(timestamp ?? [], objectOf(indicators)),
    dividends: Object.values(objectOf(dividends)).flatMap((event) => {
      const { date, amount: paid, currency } = objectOf(event);
      const [time, amount] = [millisOf(date), numberOf(paid)];
      return time === null || amount === null ? [] : { time, amount, currency: textOf(currency) };
    }),
    splits: Object.values(objectOf(splits)).flatMap((event) => {
      const { date, numerator, denominator } = objectOf(event);
      const [time, shares, of] = [millisOf(date), numberOf(numerator), numberOf(denominator)];
      return time === null || shares === null || of === null ? [] : { time, numerator: shares, denominator: of };
    }),
  };
}

function metaOf(meta: Json): ChartMeta {
  const { pre, regular, post } = objectOf(meta.currentTradingPeriod);
  const hours = spanOf(regular);
  return {
    currency: textOf(meta.currency),
    exchange: textOf(meta.exchangeName),
    instrumentType: textOf(meta.instrumentType),
    zone: zoneOf(textOf(meta.exchangeTimezoneName) ?? 'UTC'),
    marketTime: millisOf(meta.regularMarketTime),
    current: hours && {
      regular: hours,
      extended: { start: spanOf(pre)?.start ?? hours.start, end: spanOf(post)?.end ?? hours.end },
    },
    periods: spansOf(meta.tradingPeriods).sort((a, b) => a.start - b.start),
  };
}

/** A zone takes a millisecond to make, as long as to read the chart of a day; there are as many as exchanges. */
const zones = new Map<string, TimeZone>();

function zoneOf(name: string): TimeZone {
  try {
    const zone = zones.get(name) ?? timeZone(name);
    zones.set(name, zone);
    return zone;
  } catch {
    throw malformed(`'${name}' is no time zone`);
  }
}

function spanOf(value: unknown): Span | null {
  const [start, end] = [millisOf(objectOf(value).start), millisOf(objectOf(value).end)];
  return start === null || end === null || end < start ? null : { start, end };
}

/** They come as arrays of days, or with `includePrePost` as one such array each for pre, regular and post. */
function spansOf(value: unknown): Span[] {
  if (Array.isArray(value)) return value.flatMap(spansOf);
  const span = spanOf(value);
  if (span) return span.end > span.start ? [span] : [];
  return Object.values(objectOf(value)).flatMap((part) => (Array.isArray(part) ? spansOf(part) : []));
}

const COLUMNS = ['open', 'high', 'low', 'close', 'volume'] as const;

function rowsOf(timestamps: unknown, indicators: Json): readonly ChartRow[] {
  if (!Array.isArray(timestamps)) throw malformed('timestamp is no array');
  const first = (name: string): Json => {
    const list = indicators[name];
    return objectOf(Array.isArray(list) ? list[0] : undefined);
  };
  const column = (from: Json, name: string): readonly unknown[] => {
    const values = from[name] ?? [];
    if (!Array.isArray(values) || (values.length !== 0 && values.length !== timestamps.length))
      throw malformed(`${name} has not as many values as there are timestamps`);
    return values;
  };
  const quote = first('quote');
  const [open, high, low, close, volume] = COLUMNS.map((name) => column(quote, name));
  const adjusted = column(first('adjclose'), 'adjclose');
  const rows = timestamps.flatMap((timestamp, i): ChartRow[] => {
    const time = millisOf(timestamp);
    if (time === null) return [];
    return [
      {
        time,
        open: numberOf(open![i]),
        high: numberOf(high![i]),
        low: numberOf(low![i]),
        close: numberOf(close![i]),
        volume: numberOf(volume![i]),
        adjustedClose: numberOf(adjusted[i]),
      },
    ];
  });
  return rows.sort((a, b) => a.time - b.time);
}
