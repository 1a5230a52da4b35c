import { timeZone } from '@tributary/api/text';
import t from 'tap';
import { barsOf, type YahooBar } from '../src/bars.ts';
import { type Chart, parseChart } from '../src/chart.ts';
import { intervalOf } from '../src/interval.ts';
import { atLocal, unitSpan } from '../src/local-time.ts';
import { nextSession } from '../src/session.ts';

const utc = (time: string): number => Date.parse(time);
const OPEN = utc('2026-03-04T14:30:00Z');
const MINUTE = 60_000;

interface Day {
  readonly rows: ReadonlyArray<readonly [time: number, price: number | null, volume?: number | null]>;
  readonly marketTime: number;
  readonly hours?: readonly [number, number];
}

/** A chart as Yahoo answers. */
function chartOf({ rows, marketTime, hours = [OPEN, OPEN + 390 * MINUTE] }: Day): Chart {
  const span = { timezone: 'EST', start: hours[0] / 1000, end: hours[1] / 1000, gmtoffset: -18_000 };
  const prices = rows.map(([, price]) => price);
  return parseChart({
    chart: {
      result: [
        {
          meta: {
            currency: 'USD',
            symbol: 'AAPL',
            exchangeName: 'NMS',
            instrumentType: 'EQUITY',
            regularMarketTime: marketTime / 1000,
            exchangeTimezoneName: 'America/New_York',
            currentTradingPeriod: {
              pre: { ...span, end: span.start, start: span.start - 19_800 },
              regular: span,
              post: { ...span, start: span.end, end: span.end + 14_400 },
            },
            tradingPeriods: [[span]],
          },
          timestamp: rows.map(([time]) => time / 1000),
          indicators: {
            quote: [
              {
                open: prices,
                high: prices,
                low: prices,
                close: prices,
                volume: rows.map(([, , volume = 10]) => volume),
              },
            ],
          },
        },
      ],
      error: null,
    },
  });
}

const shown = (bars: readonly YahooBar[]): readonly string[] =>
  bars.map(({ start, end, final, row }) => {
    const [from, to] = [start, end].map((time) => new Date(time).toISOString().slice(11, 16));
    return `${from}-${to} ${row.close}${final ? '' : ' open'}`;
  });

const bars = (chart: Chart, interval: string, now: number): readonly string[] =>
  shown(barsOf(chart, { interval: intervalOf(interval), extended: false, now, settleMs: 20 * MINUTE }));

t.test('the last trade is taken into the bar that it is in', async (t) => {
  const rows = [
    [OPEN, 1],
    [OPEN + MINUTE, 2],
    [OPEN + MINUTE + 42_000, 3, 0],
  ] as const;
  const marketTime = OPEN + MINUTE + 42_000;
  t.strictSame(bars(chartOf({ rows, marketTime }), '1m', marketTime), ['14:30-14:31 1', '14:31-14:32 3 open']);
  const alone = [
    [OPEN, 1],
    [OPEN + MINUTE + 5000, 3, 0],
  ] as const;
  t.strictSame(bars(chartOf({ rows: alone, marketTime: OPEN + MINUTE + 5000 }), '1m', OPEN + MINUTE + 6000), [
    '14:30-14:31 1',
    '14:31-14:32 3 open',
  ]);
});

t.test('a bar is not finished while the exchange is late', async (t) => {
  const rows = [
    [OPEN, 1],
    [OPEN + MINUTE, 2],
  ] as const;
  const chart = chartOf({ rows, marketTime: OPEN + MINUTE + 30_000 });
  t.strictSame(bars(chart, '1m', OPEN + 16 * MINUTE), ['14:30-14:31 1', '14:31-14:32 2 open']);
  t.strictSame(bars(chart, '1m', OPEN + 23 * MINUTE), ['14:30-14:31 1', '14:31-14:32 2'], 'nor for ever');
});

t.test('rows without prices are passed over; a recent one is waited for', async (t) => {
  const rows = [
    [OPEN, 1],
    [OPEN + MINUTE, null, null],
    [OPEN + 2 * MINUTE, 3],
  ] as const;
  const chart = chartOf({ rows, marketTime: OPEN + 3 * MINUTE });
  t.strictSame(bars(chart, '1m', OPEN + 10 * MINUTE), ['14:30-14:31 1', '14:32-14:33 3']);
  t.strictSame(bars(chart, '1m', OPEN + 2 * MINUTE + 30_000), ['14:30-14:31 1']);
});

t.test('the price at the close is no bar, and the last bar ends with trading, on half days too', async (t) => {
  const close = OPEN + 210 * MINUTE;
  const rows = [
    [OPEN + 120 * MINUTE, 1],
    [OPEN + 180 * MINUTE, 2],
    [close, 2.5, 0],
  ] as const;
  const chart = chartOf({ rows, marketTime: close, hours: [OPEN, close] });
  t.strictSame(bars(chart, '1h', close + 5000), ['16:30-17:30 1', '17:30-18:00 2']);
});

t.test('a day is finished after the close, and is the same day when the last trade comes as a row', async (t) => {
  const yesterday = utc('2026-03-03T14:30:00Z');
  const close = OPEN + 390 * MINUTE;
  const chart = chartOf({
    rows: [
      [yesterday, 1],
      [close + 1000, 2],
    ],
    marketTime: close + 1000,
  });
  t.strictSame(bars(chart, '1d', close - MINUTE), ['14:30-05:00 1', '14:30-05:00 2 open']);
  t.strictSame(bars(chart, '1d', close + 21 * MINUTE), ['14:30-05:00 1', '14:30-05:00 2']);
  t.strictSame(bars(chart, '1wk', close), ['05:00-04:00 2 open'], 'a week over a change of clocks');
});

t.test('answers that make no sense are told from those that say nothing', async (t) => {
  const meta = { exchangeTimezoneName: 'America/New_York' };
  const chart = (result: object): object => ({ chart: { result: [result], error: null } });
  t.strictSame(parseChart(chart({ meta, indicators: { quote: [{}] } })).rows, []);
  for (const answer of [
    null,
    {},
    { chart: { result: null } },
    chart({ timestamp: [1] }),
    chart({ meta, timestamp: [1, 2], indicators: { quote: [{ open: [1] }] } }),
    chart({ meta: { exchangeTimezoneName: 'Nowhere' } }),
  ])
    t.throws(() => parseChart(answer), { name: 'HttpFault', message: /makes no sense/ });
});

t.test('days begin at midnight of the exchange, whatever its clocks do', async (t) => {
  const york = timeZone('America/New_York');
  const hours = (time: string): number => {
    const { start, end } = unitSpan(utc(time), 'day', york);
    return (end - start) / 3_600_000;
  };
  t.strictSame(
    [hours('2026-03-07T12:00:00Z'), hours('2026-03-08T12:00:00Z'), hours('2026-11-01T12:00:00Z')],
    [24, 23, 25],
  );
  t.strictSame(unitSpan(utc('2026-02-10T00:00:00Z'), 'month', york), {
    start: utc('2026-02-01T05:00:00Z'),
    end: utc('2026-03-01T05:00:00Z'),
  });
  t.equal(atLocal(utc('2026-07-01T00:00:00Z') / 86_400_000, 9.5 * 3_600_000, york), utc('2026-07-01T13:30:00Z'));
});

t.test('the next session is at the same time by the clocks of the exchange', async (t) => {
  const zone = timeZone('America/New_York');
  const friday = { start: utc('2026-03-06T14:30:00Z'), end: utc('2026-03-06T21:00:00Z'), zone, weekends: false };
  t.match(nextSession(friday, utc('2026-03-06T22:00:00Z')), {
    start: utc('2026-03-09T13:30:00Z'),
    end: utc('2026-03-09T20:00:00Z'),
  });
  t.match(nextSession({ ...friday, weekends: true }, utc('2026-03-06T22:00:00Z')), {
    start: utc('2026-03-07T14:30:00Z'),
  });
});
