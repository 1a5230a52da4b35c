import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { barsBetween, daysBetween, type Listing, localDayOf, type MarketBar, tradingDay } from './listing.ts';

const DAY = 86_400_000;
const MINUTES: Readonly<Record<string, number>> = {
  '1m': 1,
  '2m': 2,
  '5m': 5,
  '15m': 15,
  '30m': 30,
  '60m': 60,
  '90m': 90,
  '1h': 60,
};
/** Days that one request may span, and days back. */
const LIMITS: Readonly<Record<string, readonly [number, number]>> = {
  '1m': [8, 30],
  '60m': [730, 730],
  '1h': [730, 730],
};

/** What happens to a request instead of an answer. */
export type Fault = 'throttle' | 'crumb' | 'broken' | 'truncated' | 'disconnect' | 'stall';

type Reply = (status: number, body: unknown) => unknown;

export interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly time: number;
  readonly headers: IncomingMessage['headers'];
}

/** Answers as Yahoo does, of a market that is made up, at the time of a clock. */
export class YahooServer {
  readonly asked: Asked[] = [];
  /** Chosen for each request but those for cookies and crumbs. */
  fault: (request: Asked) => Fault | null = () => null;
  retryAfter: string | null = null;
  screens: Readonly<Record<string, readonly string[]>> = {};
  url = '';
  readonly #listings: ReadonlyMap<string, Listing>;
  readonly #now: () => number;
  readonly #server: Server;
  readonly #keep: number;
  #crumb = 1;

  /** @param keep how many of the last requests are remembered */
  constructor(listings: readonly Listing[], now: () => number, keep = Number.POSITIVE_INFINITY) {
    this.#keep = keep;
    this.#listings = new Map(listings.map((listing) => [listing.symbol, listing]));
    this.#now = now;
    this.#server = createServer((request, response) => this.answer(request, response, new URL(request.url!, this.url)));
  }

  /** A server on a port of its own. */
  static async start(listings: readonly Listing[], now: () => number): Promise<YahooServer> {
    const yahoo = new YahooServer(listings, now);
    yahoo.#server.listen(0, '127.0.0.1');
    await once(yahoo.#server, 'listening');
    yahoo.url = `http://127.0.0.1:${(yahoo.#server.address() as AddressInfo).port}`;
    return yahoo;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** From now on only a new crumb will do. */
  expireCrumb(): void {
    this.#crumb++;
  }

  charts(symbol?: string): readonly Asked[] {
    return this.asked.filter(({ path }) => path.startsWith('/v8/') && (!symbol || path.endsWith(`/${symbol}`)));
  }

  quotes(): readonly Asked[] {
    return this.asked.filter(({ path }) => path.startsWith('/v7/'));
  }

  /** Answers a request to this URL, for a server that has other things besides. */
  answer(request: IncomingMessage, response: ServerResponse, url: URL): unknown {
    const path = decodeURIComponent(url.pathname);
    const asked = { path, query: url.searchParams, time: this.#now(), headers: request.headers };
    this.asked.push(asked);
    if (this.asked.length > this.#keep) this.asked.shift();
    const json: Reply = (status, body) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (path === '/')
      return response
        .writeHead(404, { 'set-cookie': [`A3=d=${this.#crumb}; Domain=.yahoo.com; Path=/; HttpOnly`] })
        .end('<html></html>');
    if (path === '/v1/test/getcrumb') {
      const good = request.headers.cookie === `A3=d=${this.#crumb}`;
      return response
        .writeHead(good ? 200 : 401, { 'content-type': 'text/plain' })
        .end(good ? `crumb/${this.#crumb}` : '');
    }
    const invalid = { finance: { result: null, error: { code: 'Unauthorized', description: 'Invalid Crumb' } } };
    switch (this.fault(asked)) {
      case 'throttle':
        return response
          .writeHead(429, this.retryAfter === null ? {} : { 'retry-after': this.retryAfter })
          .end('Too Many Requests\r\n');
      case 'crumb':
        this.expireCrumb();
        return json(401, invalid);
      case 'broken':
        return response.writeHead(500).end('<html>');
      case 'disconnect':
        return request.socket.destroy();
      case 'stall':
        return null;
      case 'truncated': {
        const end = response.end.bind(response);
        response.end = ((text: string) => end(text.slice(0, text.length / 2))) as typeof response.end;
      }
    }
    if (path.startsWith('/v8/finance/chart/')) return this.#chart(path.slice(18), url.searchParams, json);
    if (url.searchParams.get('crumb') !== `crumb/${this.#crumb}`) return json(401, invalid);
    if (path === '/v7/finance/quote') return json(200, this.#quotes(url.searchParams));
    if (path === '/v1/finance/screener/predefined/saved') return this.#screener(url.searchParams, json);
    return json(404, {});
  }

  #screener(query: URLSearchParams, json: Reply): unknown {
    const symbols = this.screens[query.get('scrIds')!];
    if (!symbols)
      return json(404, { finance: { result: null, error: { code: 'Not Found', description: 'No such screener' } } });
    const start = Number(query.get('start'));
    const quotes = symbols.slice(start, start + Number(query.get('count'))).map((symbol) => ({ symbol }));
    return json(200, {
      finance: { result: [{ total: symbols.length, start, count: quotes.length, quotes }], error: null },
    });
  }

  #chart(symbol: string, query: URLSearchParams, json: Reply): unknown {
    const refuse = (status: number, code: string, description: string): unknown =>
      json(status, { chart: { result: null, error: { code, description } } });
    const listing = this.#listings.get(symbol);
    if (!listing) return refuse(404, 'Not Found', 'No data found, symbol may be delisted');
    const interval = query.get('interval')!;
    const extended = query.get('includePrePost') === 'true';
    const now = this.#now() - (listing.delay ?? 0);
    const ranged = query.get('range') === '1d';
    const from = ranged ? now - DAY : Number(query.get('period1')) * 1000;
    const to = Math.min(now, ranged ? now : Number(query.get('period2')) * 1000);
    const minutes = MINUTES[interval];
    if (minutes) {
      const [span, back] = LIMITS[interval] ?? [60, 60];
      const range = `${interval} data not available for startTime=${from / 1000} and endTime=${to / 1000}.`;
      if (Number(query.get('period2')) * 1000 - from > span * DAY)
        return refuse(
          422,
          'Unprocessable Entity',
          `${range} Only ${span} days worth of data are allowed to be fetched per request.`,
        );
      if (from < this.#now() - back * DAY)
        return refuse(
          422,
          'Unprocessable Entity',
          `${range} The requested range must be within the last ${back} days.`,
        );
    }
    const bars = minutes ? barsBetween(listing, minutes, from, to, extended) : daysBetween(listing, from, to);
    const rows = rowsOf(listing, bars, minutes, from, to, now);
    const within = ({ time }: { time: number }): boolean => time >= from && time < to && time <= now;
    const dividends = (listing.dividends ?? []).filter(within);
    const splits = (listing.splits ?? []).filter(within);
    const keyed = (events: ReadonlyArray<{ time: number }>): object =>
      Object.fromEntries(events.map(({ time, ...event }) => [time / 1000, { ...event, date: time / 1000 }]));
    return json(200, {
      chart: {
        result: [
          {
            meta: this.#meta(listing, interval, from, to, now, extended),
            ...(rows.length > 0 && { timestamp: rows.map((row) => row.time / 1000) }),
            ...(dividends.length + splits.length > 0 && {
              events: {
                ...(dividends.length > 0 && { dividends: keyed(dividends) }),
                ...(splits.length > 0 && { splits: keyed(splits) }),
              },
            }),
            indicators: {
              quote: [
                rows.length === 0
                  ? {}
                  : {
                      low: rows.map((row) => row.low),
                      open: rows.map((row) => row.open),
                      close: rows.map((row) => row.close),
                      high: rows.map((row) => row.high),
                      volume: rows.map((row) => row.volume),
                    },
              ],
              ...(!minutes && {
                adjclose: [
                  rows.length === 0
                    ? {}
                    : { adjclose: rows.map((row) => row.close && row.close / (listing.bar ? 1 : 2)) },
                ],
              }),
            },
          },
        ],
        error: null,
      },
    });
  }

  #meta(listing: Listing, interval: string, from: number, to: number, now: number, extended: boolean): object {
    const span = ({ start, end }: { start: number; end: number }): object => ({
      timezone: 'X',
      start: start / 1000,
      end: end / 1000,
      gmtoffset: 0,
    });
    let day = localDayOf(listing, now);
    let current = tradingDay(listing, day);
    while (!current) current = tradingDay(listing, ++day);
    const days = [];
    for (let one = localDayOf(listing, from); one <= localDayOf(listing, to); one++)
      days.push(tradingDay(listing, one));
    const open = days.filter((one) => one !== null);
    return {
      currency: listing.currency,
      symbol: listing.symbol,
      exchangeName: listing.exchange,
      instrumentType: listing.type,
      regularMarketTime: lastTrade(listing, now) / 1000,
      exchangeTimezoneName: listing.zone,
      currentTradingPeriod: { pre: span(current.pre), regular: span(current.regular), post: span(current.post) },
      ...(MINUTES[interval] && {
        tradingPeriods: extended
          ? {
              pre: open.map((one) => [span(one.pre)]),
              regular: open.map((one) => [span(one.regular)]),
              post: open.map((one) => [span(one.post)]),
            }
          : open.map((one) => [span(one.regular)]),
      }),
      dataGranularity: interval,
      range: '',
    };
  }

  #quotes(query: URLSearchParams): object {
    const result = query
      .get('symbols')!
      .split(',')
      .flatMap((symbol) => {
        const listing = this.#listings.get(symbol);
        if (!listing) return [];
        const now = this.#now();
        const hours = tradingDay(listing, localDayOf(listing, now));
        const inside = (one?: { start: number; end: number }): boolean => !!one && one.start <= now && now < one.end;
        const state = inside(hours?.regular)
          ? 'REGULAR'
          : inside(hours?.pre)
            ? 'PRE'
            : inside(hours?.post)
              ? 'POST'
              : 'CLOSED';
        const time = lastTrade(listing, now);
        const last = listing.last?.(now);
        const [bar] = last
          ? []
          : barsBetween(listing, 1, Math.floor(time / 60_000) * 60_000 - 60_000, time + 1).slice(-1);
        return [
          {
            symbol,
            quoteType: listing.type,
            exchange: listing.exchange,
            currency: listing.currency,
            marketState: state,
            regularMarketTime: Math.floor(Math.min(time, last?.time ?? time) / 1000),
            regularMarketPrice: last?.price ?? bar?.close ?? 100,
            bid: state === 'REGULAR' ? (last?.bid ?? 99.5) : 0,
            ask: state === 'REGULAR' ? (last?.ask ?? 100.5) : 0,
          },
        ];
      });
    return { quoteResponse: { result, error: null } };
  }
}

/** When the last trade of regular hours happened. */
function lastTrade(listing: Listing, now: number): number {
  for (let day = localDayOf(listing, now); ; day--) {
    const hours = tradingDay(listing, day)?.regular;
    if (hours && hours.start <= now) return Math.floor(Math.min(now, hours.end) / 1000) * 1000;
  }
}

interface Row {
  readonly time: number;
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly close: number | null;
  readonly volume: number | null;
}

/** The bars as rows: the one of the present with what has happened so far, halts as nulls, and the last trade behind them. */
function rowsOf(
  listing: Listing,
  bars: readonly MarketBar[],
  minutes: number | undefined,
  from: number,
  to: number,
  now: number,
): readonly Row[] {
  const rows: Row[] = bars.map(({ start, end, open, high, low, close, volume }) => {
    const part = minutes ? end > now : false;
    const own = part ? listing.bar?.(start, now) : null;
    if (own) return { time: start, open: own.open, high: own.high, low: own.low, close: own.close, volume: own.volume };
    return part
      ? { time: start, open, high: open, low: open, close: open, volume: Math.floor(volume / 10) }
      : { time: start, open, high, low, close, volume };
  });
  for (const time of listing.halted ?? [])
    if (minutes && time >= from && time < to)
      rows.push({ time, open: null, high: null, low: null, close: null, volume: null });
  rows.sort((a, b) => a.time - b.time);
  const trade = lastTrade(listing, now);
  const last = rows.at(-1);
  if (last && to >= now && trade > last.time && trade < last.time + DAY) {
    const price = last.close ?? 100;
    rows.push({ time: trade, open: price, high: price, low: price, close: price, volume: 0 });
  }
  return rows;
}
