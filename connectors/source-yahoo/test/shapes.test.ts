import { configErrors, runSource, startSource } from '@tributary/api/testing';
import type { Bar } from '@tributary/market';
import t, { type Test } from 'tap';
import { barsOf } from '../src/bars.ts';
import { parseChart } from '../src/chart.ts';
import { yahooSource, yahooSourceWith } from '../src/connector.ts';
import { intervalOf } from '../src/interval.ts';
import { chartAnswer, json, type Shown, type ShownRow, startServer } from './support/answers.ts';
import { VirtualClock } from './support/virtual-clock.ts';

const utc = (time: string): number => Date.parse(time);
const DAY = 86_400_000;
const bars = { topic: 'bars', mode: 'bars', symbols: 'AAPL', 'rate.per.second': '1000', 'retry.backoff.ms': '10' };

/** A server that has charts alone. */
const charts = (t: Test, answer: (query: URLSearchParams) => object | readonly [status: number, body: object]) =>
  startServer(t, ({ url }, response) => {
    const found = answer(url.searchParams);
    if (Array.isArray(found)) return json(response, found[0], found[1]);
    return json(response, 200, found);
  });

/** The weeks of a server that begins them where it is asked to, as Yahoo does, each with its first day as the price. */
function weeksFrom(from: number, to: number): ShownRow[] {
  const rows: ShownRow[] = [];
  for (let time = from; time < to; time += 7 * DAY) rows.push([time, new Date(time + 12 * 3_600_000).getUTCDate()]);
  return rows;
}

t.test('weeks begin on Monday, on whatever day history does', async (t) => {
  const now = utc('2026-03-04T16:00:00Z');
  const clock = new VirtualClock(t, now);
  const asked: number[] = [];
  const url = await charts(t, (query) => {
    const from = Number(query.get('period1')) * 1000;
    if (!query.has('range')) asked.push(from);
    const rows = query.has('range') ? [] : weeksFrom(from, now);
    return chartAnswer({
      rows,
      marketTime: now - 60_000,
      hours: [utc('2026-03-04T14:30:00Z'), utc('2026-03-04T21:00:00Z')],
    });
  });
  const props = { ...bars, 'bars.interval': '1wk', 'history.from': '2026-01-15', 'yahoo.base.url': url };
  const first = await runSource(yahooSourceWith(clock), props, { take: 6 });
  t.strictSame(
    first.records.map(({ timestamp, value }) => [
      new Date(timestamp!).toISOString().slice(0, 10),
      (value as Bar).close,
    ]),
    [
      ['2026-01-19', 19],
      ['2026-01-26', 26],
      ['2026-02-02', 2],
      ['2026-02-09', 9],
      ['2026-02-16', 16],
      ['2026-02-23', 23],
    ],
  );
  const again = await startSource(yahooSourceWith(clock), props, { offsets: first.offsets });
  const before = asked.length;
  const pulled = again.take(1);
  pulled.catch(() => {});
  while (asked.length === before) await new Promise((done) => setTimeout(done, 2));
  await again.stop();
  await pulled.catch(() => {});
  for (const from of asked)
    t.match(new Date(from - 5 * 3_600_000).toUTCString(), /^Mon, .* 00:00:00 GMT$/, 'Monday by the clocks of New York');
});

const final = (shown: Shown, interval: string, now: number) =>
  barsOf(parseChart(chartAnswer(shown)), { interval: intervalOf(interval), extended: false, now, settleMs: 1_200_000 });

t.test('a week whose last day comes as a row of its own is whole once a later one has come', async (t) => {
  const monday = utc('2026-03-02T05:00:00Z');
  const friday = utc('2026-03-06T21:00:01Z');
  const hours = [utc('2026-03-09T13:30:00Z'), utc('2026-03-09T20:00:00Z')] as const;
  const over = utc('2026-03-09T04:30:00Z');
  const apart = {
    rows: [
      [monday, 10],
      [friday, 12],
    ] as const,
    marketTime: friday,
    hours,
  };
  t.match(final(apart, '1wk', over), [{ row: { close: 12, high: 12, low: 10 }, final: false }]);
  const later = utc('2026-03-09T13:31:00Z');
  const rows = [
    [monday, 13],
    [later, 14],
  ] as const;
  t.match(final({ rows, marketTime: later, hours }, '1wk', later), [
    { row: { close: 13 }, final: true },
    { final: false },
  ]);
  t.match(final(apart, '1wk', over + 4 * DAY), [{ final: true }], 'nor is it waited for longer');
  const alone = {
    rows: [
      [monday, null],
      [utc('2026-03-02T16:00:05Z'), 7],
    ] as const,
    marketTime: utc('2026-03-02T16:00:05Z'),
    hours,
  };
  t.match(final(alone, '1wk', over), [{ row: { open: 7, close: 7 } }], 'on Monday there is nothing else');
});

t.test('a late trade at a full minute is no bar', async (t) => {
  const close = utc('2026-03-04T21:00:00Z');
  const at = (minute: number): number => close + minute * 60_000;
  const post = { start: close / 1000, end: at(240) / 1000 };
  const more = {
    currentTradingPeriod: { regular: { start: (close - 6.5 * 3_600_000) / 1000, end: close / 1000 }, post },
  };
  const shown = {
    rows: [
      [at(0), 1],
      [at(5), 2],
      [at(7), 3, 0],
    ] as const,
    marketTime: close,
    hours: [close, close],
    more,
  } as const;
  const options = { interval: intervalOf('5m'), extended: true, settleMs: 1_200_000 };
  const found = barsOf(parseChart(chartAnswer(shown)), { ...options, now: at(7.5) });
  t.match(found, [
    { start: at(0), end: at(5), final: true },
    { start: at(5), end: at(10), final: false, row: { close: 3, high: 3 } },
  ]);
  t.equal(found.length, 2);
});

t.test('days that begin an hour before midnight are the days that follow', async (t) => {
  const zone = 'America/Sao_Paulo';
  const days = ['2026-03-02', '2026-03-03', '2026-03-04', '2026-03-05'];
  // 23:00 of the day before; the last one is right.
  const rows = days.map((day, i): ShownRow => [utc(`${day}T03:00:00Z`) - (i < 3 ? 3_600_000 : 0), i + 1]);
  const hours = [utc('2026-03-05T13:00:00Z'), utc('2026-03-05T20:00:00Z')] as const;
  const found = final({ rows, zone, marketTime: hours[1], hours }, '1d', hours[1] + DAY);
  t.strictSame(
    found.map(({ start, row }) => [new Date(start).toISOString().slice(0, 13), row.close]),
    days.map((day, i) => [`${day}T03`, i + 1]),
  );
  const night = [utc('2026-03-05T02:00:00Z'), utc('2026-03-06T01:00:00Z')] as const;
  const own = final(
    {
      rows: [
        [night[0] - DAY, 1],
        [night[0], 2],
      ],
      zone,
      marketTime: night[1],
      hours: night,
    },
    '1d',
    night[1],
  );
  t.match(own, [{ start: night[0] - DAY }, { start: night[0] }], 'unless trading begins then');
});

t.test('a refusal that comes with status 200 is one, with its reason', async (t) => {
  const error = { code: 'Not Found', description: 'No data found, symbol may be delisted' };
  const url = await charts(t, () => ({ chart: { result: null, error } }));
  const errors = await configErrors(yahooSource, { ...bars, 'yahoo.base.url': url });
  t.match(errors, { symbols: [/Yahoo knows none of 'AAPL': No data found, symbol may be delisted/] });
});

t.test('a part of the past without any trade is passed over, in whatever words Yahoo says so', async (t) => {
  const listed = utc('2026-02-25T14:30:00Z');
  const now = utc('2026-03-05T02:00:00Z');
  const hours = [utc('2026-03-05T14:30:00Z'), utc('2026-03-05T21:00:00Z')] as const;
  for (const description of [
    "Data doesn't exist for startDate = 1770000000, endDate = 1770600000",
    'No data found for this date range, symbol may be delisted',
  ]) {
    const clock = new VirtualClock(t, now);
    const url = await charts(t, (query) => {
      if (!query.has('range') && Number(query.get('period2')) * 1000 < listed)
        return [400, { chart: { result: null, error: { code: 'Bad Request', description } } }];
      return chartAnswer({
        rows: [
          [listed, 1],
          [listed + 60_000, 2],
        ],
        marketTime: listed + 60_000,
        hours,
      });
    });
    const { records, log } = await runSource(
      yahooSourceWith(clock),
      { ...bars, 'history.from': '20d', 'history.to': '2026-03-01', 'yahoo.base.url': url },
      { take: 2 },
    );
    t.strictSame(
      records.map(({ timestamp }) => timestamp),
      [listed, listed + 60_000],
    );
    t.strictSame(log, []);
  }
});

t.test('a dividend has its own currency if that is another', async (t) => {
  const now = utc('2026-03-05T02:00:00Z');
  const time = utc('2026-03-03T14:30:00Z');
  const dividends = { [time / 1000]: { amount: 0.5, date: time / 1000, currency: 'EUR' }, '1': { amount: 1, date: 1 } };
  const url = await charts(t, () =>
    chartAnswer({
      rows: [[time, 1]],
      marketTime: time,
      hours: [utc('2026-03-05T14:30:00Z'), utc('2026-03-05T21:00:00Z')],
      events: { dividends },
    }),
  );
  const props = { ...bars, 'bars.interval': '1d', 'history.from': '2026-03-01', 'yahoo.base.url': url };
  const { records } = await runSource(yahooSourceWith(new VirtualClock(t, now)), props, { take: 2 });
  t.match(
    records.find(({ topic }) => topic === 'bars-dividends'),
    { value: { amount: 0.5, currency: 'EUR' } },
  );
});

t.test('a server that fails now and then does not spoil the check of a config', async (t) => {
  let requests = 0;
  const hours = [utc('2026-03-05T14:30:00Z'), utc('2026-03-05T21:00:00Z')] as const;
  const url = await charts(t, () =>
    requests++ < 2 ? [502, {}] : chartAnswer({ rows: [], marketTime: hours[0], hours }),
  );
  t.strictSame(await configErrors(yahooSource, { ...bars, 'yahoo.base.url': url }), {});
  t.equal(requests, 3);
});

t.test('symbols in small letters are those that Yahoo answers in capitals', async (t) => {
  const quote = { symbol: 'AAPL', marketState: 'REGULAR', regularMarketTime: 1_772_640_000, regularMarketPrice: 5 };
  const url = await startServer(t, ({ url }, response) =>
    url.pathname === '/v7/finance/quote'
      ? json(response, 200, { quoteResponse: { result: [quote], error: null } })
      : response.writeHead(404).end(),
  );
  const props = { topic: 'ticks', symbols: 'aapl', 'rate.per.second': '1000', 'yahoo.base.url': url };
  const { records, log } = await runSource(yahooSource, props, { take: 1 });
  t.match(records[0], { key: 'aapl', value: { symbol: 'aapl', price: 5 } });
  t.strictSame(log, []);
});
