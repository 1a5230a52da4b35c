import { runSource } from '@tributary/api/testing';
import type { Bar } from '@tributary/market';
import {
  type Asked,
  american,
  barsBetween,
  crypto,
  daysBetween,
  type Fault,
  type Listing,
  type MarketBar,
} from '@tributary/source-simulator/serve';
import t from 'tap';
import { yahooSourceWith } from '../src/connector.ts';
import { barOf, fast, randomOf, runWithKills, startYahoo, wrongSymbols } from './support/run.ts';
import { VirtualClock } from './support/virtual-clock.ts';

const utc = (time: string): number => Date.parse(time);
const bars = { topic: 'bars', mode: 'bars', ...fast };
const tokyo: Listing = american('7203.T', {
  zone: 'Asia/Tokyo',
  exchange: 'JPX',
  currency: 'JPY',
  hours: [540, 540, 930, 930],
});

t.test('a bar says all that Yahoo says of it', async (t) => {
  const clock = new VirtualClock(t, utc('2026-03-05T02:00:00Z'));
  const yahoo = await startYahoo(t, [american('AAPL')], () => clock.now());
  const day = { 'history.from': '2026-03-03', 'history.to': '2026-03-04', 'yahoo.base.url': yahoo.url };
  const { records } = await runSource(yahooSourceWith(clock), { ...bars, ...day, symbols: 'AAPL' });
  t.equal(records.length, 390);
  t.match(records[0], {
    topic: 'bars',
    key: 'AAPL',
    timestamp: utc('2026-03-03T14:30:00Z'),
    sourcePartition: { symbol: 'AAPL', interval: '1m' },
    sourceOffset: { end: utc('2026-03-03T14:31:00Z') },
    value: {
      symbol: 'AAPL',
      interval: '1m',
      start: new Date('2026-03-03T14:30:00Z'),
      end: new Date('2026-03-03T14:31:00Z'),
      final: true,
      currency: 'USD',
      exchange: 'NMS',
      adjusted_close: null,
    },
  });
  const daily = await runSource(yahooSourceWith(clock), { ...bars, ...day, symbols: 'AAPL', 'bars.interval': '1d' });
  t.equal(daily.records.length, 1);
  const { adjusted_close, close, end } = barOf(daily.records[0]!);
  t.equal(adjusted_close, close! / 2);
  t.strictSame(end, new Date('2026-03-04T05:00:00Z'), 'a day ends at midnight by the clocks of the exchange');
});

t.test('history is asked for in parts that Yahoo gives, without a gap or a double', async (t) => {
  const now = utc('2026-03-20T02:00:00Z');
  const clock = new VirtualClock(t, now);
  const listings = [american('AAPL'), tokyo, crypto('BTC-USD')];
  const yahoo = await startYahoo(t, listings, () => clock.now());
  for (const [interval, minutes, from] of [
    ['1m', 1, '2026-02-20'],
    ['15m', 15, '2026-01-25'],
    ['90m', 90, '2026-01-25'],
    ['1h', 60, '2024-05-01'],
  ] as const) {
    yahoo.asked.length = 0;
    const symbols = interval === '1h' ? listings.slice(0, 2) : listings;
    const { records, log } = await runSource(
      yahooSourceWith(clock),
      {
        ...bars,
        symbols: symbols.map(({ symbol }) => symbol).join(),
        'bars.interval': interval,
        'history.from': from,
        'history.to': '2026-03-19T00:00:00Z',
        'history.limits': 'yahoo',
        'yahoo.base.url': yahoo.url,
      },
      { timeoutMs: 60_000 },
    );
    const offset: Record<string, number> = { AAPL: 5, '7203.T': -9, 'BTC-USD': 0 };
    const wrong = wrongSymbols(records, symbols, (listing) =>
      barsBetween(
        listing,
        minutes,
        utc(`${from}T00:00:00Z`) + offset[listing.symbol]! * 3_600_000,
        utc('2026-03-19T00:00:00Z'),
      ),
    );
    t.strictSame(wrong, [], `${records.length} ${interval} bars`);
    t.strictSame(log, [], 'nothing to complain of');
    if (interval === '1m') t.ok(yahoo.charts('AAPL').length >= 4);
  }
});

t.test('long bars follow the calendar of the exchange, over changes of its clocks', async (t) => {
  const clock = new VirtualClock(t, utc('2026-04-02T02:00:00Z'));
  const apple = american('AAPL', { holidays: ['2026-01-01', '2026-01-19'] });
  const yahoo = await startYahoo(t, [apple], () => clock.now());
  const { records } = await runSource(yahooSourceWith(clock), {
    ...bars,
    symbols: 'AAPL',
    'bars.interval': '1d',
    'history.from': '2025-10-01',
    'history.to': '2026-04-01',
    'yahoo.base.url': yahoo.url,
  });
  const wrong = wrongSymbols(records, [apple], (listing) =>
    daysBetween(listing, utc('2025-10-01T04:00:00Z'), utc('2026-04-01T04:00:00Z')),
  );
  t.strictSame(wrong, []);
  const days = records.map((record) => barOf(record));
  const lengths = new Set(days.map(({ start, end }) => (end!.getTime() - start.getTime()) / 3_600_000));
  t.strictSame([...lengths], [14.5], 'from the open to midnight, in summer and in winter');
});

t.test('history goes over into the present without a gap or a double', async (t) => {
  const start = utc('2026-03-06T16:31:20Z');
  const clock = new VirtualClock(t, start);
  const listings = [american('AAPL'), american('MSFT', { delay: 900_000 }), crypto('BTC-USD')];
  const yahoo = await startYahoo(t, listings, () => clock.now());
  const until = utc('2026-03-09T15:00:00Z');
  const { records } = await runSource(
    yahooSourceWith(clock),
    {
      ...bars,
      symbols: 'AAPL,MSFT,BTC-USD',
      'bars.interval': '15m',
      'history.from': '2026-03-05',
      'yahoo.base.url': yahoo.url,
    },
    { until: () => clock.now() > until + 1_800_000, timeoutMs: 60_000 },
  );
  const before = records.filter((record) => record.timestamp! < until);
  const wrong = wrongSymbols(before, listings, (listing) =>
    barsBetween(listing, 15, utc('2026-03-05T05:00:00Z') - (listing.type === 'EQUITY' ? 0 : 5 * 3_600_000), until),
  );
  t.strictSame(wrong, [], 'each bar once, as it was when it was over, also where Yahoo is late');
  t.ok(before.every((record) => (record.value as Bar).final));

  const closed = yahoo
    .charts('AAPL')
    .filter(({ time }) => time > utc('2026-03-06T21:30:00Z') && time < utc('2026-03-09T13:30:00Z'));
  t.ok(closed.length <= 2, `a weekend is asked through ${closed.length} times`);
  const open = yahoo.charts('AAPL').find(({ time }) => time >= utc('2026-03-09T13:30:00Z'))!;
  t.ok(open.time < utc('2026-03-09T13:46:00Z'), 'Monday opens an hour earlier in UTC: the clocks have changed');
});

t.test('it is killed again and again between the past and the present, while requests fail', async (t) => {
  const start = utc('2026-03-06T19:31:20Z');
  for (let seed = 1; seed <= 2; seed++) {
    const random = randomOf(seed + 100);
    const clock = new VirtualClock(t, start);
    const halted = new Set(Array.from({ length: 7 }, (_, i) => utc('2026-03-06T20:00:00Z') + i * 60_000));
    const listings = [american('AAPL', { halted }), american('MSFT', { delay: 900_000 }), crypto('BTC-USD')];
    const yahoo = await startYahoo(t, listings, () => clock.now());
    yahoo.fault = faulty(random, false);
    const [from, until] = [utc('2026-03-06T16:00:00Z'), utc('2026-03-06T20:10:00Z')];
    const expected = (listing: Listing): readonly MarketBar[] => barsBetween(listing, 1, from, until);
    const { records } = await runWithKills(
      yahooSourceWith(clock),
      {
        ...bars,
        symbols: 'AAPL,MSFT,BTC-USD',
        'bars.unfinished': 'true',
        'bars.unfinished.interval.ms': '20000',
        'history.from': '2026-03-06T16:00:00Z',
        'request.timeout.ms': '1000',
        'yahoo.base.url': yahoo.url,
      },
      Array.from({ length: 12 }, () => 1 + Math.floor(random() * 12)),
      (all) =>
        listings.every((listing) => all.some(({ key, timestamp }) => key === listing.symbol && timestamp! >= until)),
    );
    const finished = records.filter((record) => barOf(record).final && record.timestamp! < until);
    t.strictSame(
      wrongSymbols(finished, listings, expected),
      [],
      `seed ${seed}: ${finished.length} of ${records.length}`,
    );
  }
});

t.test('a day of 100 symbols, killed three times, has each bar once', async (t) => {
  const clock = new VirtualClock(t, utc('2026-03-04T23:00:00Z'));
  const listings = Array.from({ length: 100 }, (_, i) => american(`S${i}`));
  const yahoo = await startYahoo(t, listings, () => clock.now());
  const { records } = await runWithKills(
    yahooSourceWith(clock),
    {
      ...bars,
      symbols: listings.map(({ symbol }) => symbol).join(),
      'history.from': '2026-03-03',
      'history.to': '2026-03-04',
      'yahoo.base.url': yahoo.url,
    },
    [4, 9, 13],
    (all) => all.length >= 100 * 390,
    { timeoutMs: 100_000 },
  );
  t.equal(records.length, 100 * 390);
  t.strictSame(
    wrongSymbols(records, listings, (listing) =>
      barsBetween(listing, 1, utc('2026-03-03T00:00:00Z'), utc('2026-03-04T00:00:00Z')),
    ),
    [],
  );
});

/** One request in five fails, in any of the ways that Yahoo has. */
function faulty(random: () => number, stalls = true): (request: Asked) => Fault | null {
  const quick: readonly Fault[] = ['throttle', 'crumb', 'broken', 'truncated', 'disconnect'];
  const kinds: readonly Fault[] = stalls ? [...quick, ...quick, 'stall'] : quick;
  return ({ query }) => {
    if (query.has('range')) return null; // the check of the config
    return random() < 0.2 ? kinds[Math.floor(random() * kinds.length)]! : null;
  };
}

t.test('whatever fails and wherever it is killed, each finished bar comes once', async (t) => {
  for (let seed = 1; seed <= 4; seed++) {
    const random = randomOf(seed);
    const now = utc('2026-03-10T15:07:00Z') + Math.floor(random() * 86_400_000 * 2);
    const clock = new VirtualClock(t, now);
    const halted = new Set(Array.from({ length: 40 }, (_, i) => utc('2026-03-05T15:00:00Z') + i * 60_000));
    const listings = [
      american('AAPL', { halted }),
      american('MSFT', { halfDays: { '2026-03-06': 780 }, holidays: ['2026-03-04'] }),
      tokyo,
      crypto('BTC-USD'),
    ];
    const yahoo = await startYahoo(t, listings, () => clock.now());
    yahoo.fault = faulty(random);
    const kills = Array.from({ length: 4 }, () => 1 + Math.floor(random() * 4));
    const interval = random() < 0.5 ? '1m' : '5m';
    const to = '2026-03-10T00:00:00Z';
    const expected = (listing: Listing): readonly MarketBar[] =>
      barsBetween(listing, interval === '1m' ? 1 : 5, utc('2026-02-25T00:00:00Z'), utc(to));
    const count = listings.flatMap(expected).length;
    const { records } = await runWithKills(
      yahooSourceWith(clock),
      {
        ...bars,
        symbols: 'AAPL,NONE,MSFT,7203.T,BTC-USD',
        'bars.interval': interval,
        'history.from': '2026-02-25T00:00:00Z',
        'history.to': to,
        'request.timeout.ms': '1000',
        'yahoo.base.url': yahoo.url,
        'symbols.retry.ms': '100000000',
      },
      kills,
      (all) => all.length >= count,
    ).catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
    t.strictSame(wrongSymbols(records, listings, expected), [], `seed ${seed}: ${records.length} bars`);
  }
});
