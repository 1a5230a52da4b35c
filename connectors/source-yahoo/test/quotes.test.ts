import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectorTasks, runSource, startSource } from '@tributary/api/testing';
import { tickSchema } from '@tributary/market';
import { american, crypto } from '@tributary/source-simulator/serve';
import t from 'tap';
import manifest from '../package.json' with { type: 'json' };
import { yahooSource, yahooSourceWith } from '../src/connector.ts';
import { fast, startYahoo } from './support/run.ts';
import { VirtualClock } from './support/virtual-clock.ts';

const utc = (time: string): number => Date.parse(time);
const MINUTE = 60_000;
const quotes = { topic: 'ticks', ...fast };
const isQuote = (query: URLSearchParams): boolean => query.has('symbols');

t.test('the package lists the connector as the connector describes itself', async (t) => {
  const { class: className, aliases, version, kind } = yahooSource;
  t.strictSame(manifest.tributary.plugins, [
    { kind, class: className, aliases, version, module: '.', export: 'default' },
  ]);
});

t.test('quotes are ticks; one that has not changed makes none', async (t) => {
  const clock = new VirtualClock(t, utc('2026-03-04T16:00:05Z'));
  const yahoo = await startYahoo(t, [american('AAPL'), american('MSFT')], () => clock.now());
  const props = { ...quotes, symbols: 'AAPL,MSFT', 'yahoo.base.url': yahoo.url, 'quotes.interval.ms': '5000' };
  const first = await runSource(yahooSourceWith(clock), props, { take: 20 });
  const [record] = first.records;
  t.match(record, {
    topic: 'ticks',
    key: 'AAPL',
    valueSchema: tickSchema,
    timestamp: utc('2026-03-04T16:00:05Z'),
    value: { symbol: 'AAPL', bid: 99.5, ask: 100.5, exchange: 'NMS', currency: 'USD' },
    sourcePartition: { symbol: 'AAPL', interval: 'quote' },
  });
  const seen = first.records.map(({ key, timestamp }) => `${key} ${timestamp}`);
  t.equal(new Set(seen).size, seen.length);
  t.equal(yahoo.quotes()[0]!.query.get('symbols'), 'AAPL,MSFT', 'one request for all symbols');

  yahoo.asked.length = 0;
  const standing = clock.now();
  const frozen = await startYahoo(t, [american('AAPL'), american('MSFT')], () => standing);
  const again = await startSource(
    yahooSourceWith(clock),
    { ...props, 'yahoo.base.url': frozen.url },
    { offsets: first.offsets },
  );
  const pulled = again.take(1);
  pulled.catch(() => {});
  while (frozen.quotes().length < 5) await new Promise((done) => setTimeout(done, 5));
  t.ok(again.records.length <= 2, 'after a restart none that was sent comes again');
  await again.stop();
  await pulled.catch(() => {});
});

t.test('a crumb that has expired is replaced, once for all who wait', async (t) => {
  const clock = new VirtualClock(t, utc('2026-03-04T16:00:05Z'));
  const listings = Array.from({ length: 30 }, (_, i) => american(`S${i}`));
  const yahoo = await startYahoo(t, listings, () => clock.now());
  const run = await startSource(yahooSourceWith(clock), {
    ...quotes,
    symbols: listings.map(({ symbol }) => symbol).join(),
    'quotes.batch.size': '10',
    'yahoo.base.url': yahoo.url,
  });
  await run.take(60);
  yahoo.expireCrumb();
  yahoo.asked.length = 0;
  await run.take(90);
  await run.stop();
  const crumbs = yahoo.asked.filter(({ path }) => path === '/v1/test/getcrumb');
  t.equal(crumbs.length, 1);
  t.strictSame(run.log, [], 'nobody needs to know');
});

t.test('a throttled connector slows down, heeds Retry-After, and recovers', async (t) => {
  const clock = new VirtualClock(t, utc('2026-03-04T16:00:05Z'));
  const yahoo = await startYahoo(t, [american('AAPL')], () => clock.now());
  yahoo.retryAfter = '90';
  let throttled = 0;
  yahoo.fault = ({ query, time }) =>
    isQuote(query) && time > utc('2026-03-04T16:01:00Z') && throttled++ < 1 ? 'throttle' : null;
  const run = await runSource(
    yahooSourceWith(clock),
    { ...quotes, symbols: 'AAPL', 'rate.per.second': '2', 'yahoo.base.url': yahoo.url },
    { until: () => clock.now() > utc('2026-03-04T16:10:00Z') },
  );
  const times = yahoo.quotes().map(({ time }) => time);
  const pauses = times.slice(1).map((time, i) => time - times[i]!);
  t.ok(
    Math.max(...pauses) >= 90_000 && Math.max(...pauses) < 101_000,
    `the longest pause is ${Math.max(...pauses)} ms`,
  );
  t.match(run.log, [{ level: 'warn', message: /fewer requests/ }]);
  t.equal(run.log.length, 1);
  t.match(run.metrics, { 'requests-throttled-total': 1 });
});

t.test('an outage is told once, and so is its end, whatever the number of symbols', async (t) => {
  const clock = new VirtualClock(t, utc('2026-03-04T16:00:05Z'));
  const listings = Array.from({ length: 20 }, (_, i) => american(`S${i}`));
  const yahoo = await startYahoo(t, listings, () => clock.now());
  const [from, to] = [utc('2026-03-04T16:03:00Z'), utc('2026-03-04T16:20:00Z')];
  yahoo.fault = ({ time }) => (time > from && time < to ? 'broken' : null);
  const run = await runSource(
    yahooSourceWith(clock),
    {
      topic: 'bars',
      mode: 'bars',
      'rate.per.second': '10000',
      symbols: listings.map(({ symbol }) => symbol).join(),
      'yahoo.base.url': yahoo.url,
    },
    { until: () => clock.now() > utc('2026-03-04T16:24:00Z'), timeoutMs: 60_000 },
  );
  t.match(run.log, [
    { level: 'warn', message: /was answered with status 500; it is tried again/ },
    { level: 'info', message: /Yahoo answers again/ },
  ]);
  t.equal(run.log.length, 2);
  const [one] = listings;
  const times = run.records.filter(({ key }) => key === one!.symbol).map(({ timestamp }) => timestamp!);
  t.strictSame(
    times.slice(1).map((time, i) => time - times[i]!),
    times.slice(1).map(() => MINUTE),
    'nothing is missing',
  );
});

t.test('a symbol that is none does not stop the others, and is reported once with its reason', async (t) => {
  const clock = new VirtualClock(t, utc('2026-03-04T16:00:05Z'));
  const yahoo = await startYahoo(t, [american('AAPL'), american('MSFT')], () => clock.now());
  const run = await runSource(
    yahooSourceWith(clock),
    { ...quotes, mode: 'both', symbols: 'AAPL,NONE,MSFT', 'yahoo.base.url': yahoo.url },
    { until: () => clock.now() > utc('2026-03-04T16:20:00Z'), timeoutMs: 30_000 },
  );
  t.strictSame([...new Set(run.records.map(({ key }) => key))].sort(), ['AAPL', 'MSFT']);
  const warnings = run.log.filter(({ level }) => level === 'warn').map(({ message }) => message);
  t.equal(warnings.length, 2, warnings.join('\n'));
  t.match(warnings.sort().join('\n'), /1m bars of 'NONE' cannot be had: No data found, symbol may be delisted/);
  t.match(warnings.join('\n'), /quotes of 'NONE' cannot be had: it is not in Yahoo's answer/);
  t.match(run.metrics, { 'symbols-failed': 2 });
  t.strictSame([...new Set(run.records.map(({ topic }) => topic))].sort(), ['ticks', 'ticks-bars']);
});

t.test('closed markets are left alone until they open, unless told', async (t) => {
  const friday = utc('2026-03-06T20:58:00Z');
  const monday = utc('2026-03-09T13:30:00Z');
  for (const told of [false, true]) {
    const clock = new VirtualClock(t, friday);
    const listings = [american('AAPL'), american('MSFT', { holidays: ['2026-03-09'] })];
    const yahoo = await startYahoo(t, listings, () => clock.now());
    const run = await startSource(yahooSourceWith(clock), {
      ...quotes,
      symbols: 'AAPL,MSFT',
      'quotes.interval.ms': '60000',
      'poll.closed.markets': String(told),
      'yahoo.base.url': yahoo.url,
    });
    const pulled = run.until(() => clock.now() > monday + 3 * MINUTE);
    pulled.catch(() => {});
    if (told) while (clock.now() < friday + 120 * MINUTE) await new Promise((done) => setTimeout(done, 5));
    else await pulled;
    await run.stop();
    await pulled.catch(() => {});
    const closed = yahoo.asked.filter(({ time }) => time > friday + 5 * MINUTE && time < monday);
    if (told) t.ok(closed.length > 100);
    else t.strictSame(closed, []);
    if (!told)
      t.ok(
        yahoo.quotes().some(({ time }) => time >= monday && time < monday + MINUTE),
        'asked at the open',
      );
  }
});

t.test('early and late trading count if they are asked for', async (t) => {
  const clock = new VirtualClock(t, utc('2026-03-04T12:30:00Z'));
  const yahoo = await startYahoo(t, [american('AAPL')], () => clock.now());
  const run = await startSource(yahooSourceWith(clock), {
    ...quotes,
    mode: 'bars',
    symbols: 'AAPL',
    'bars.interval': '30m',
    'pre.post.market': 'true',
    'yahoo.base.url': yahoo.url,
  });
  await run.until(() => clock.now() > utc('2026-03-04T16:00:00Z'));
  await run.stop();
  t.strictSame(
    run.records.slice(0, 3).map(({ timestamp }) => new Date(timestamp!).toISOString().slice(11, 16)),
    ['12:30', '13:00', '13:30'],
  );
});

t.test('the bar of the present is sent again and again if asked for, and is finished once', async (t) => {
  const clock = new VirtualClock(t, utc('2026-03-04T16:00:05Z'));
  const yahoo = await startYahoo(t, [crypto('BTC-USD')], () => clock.now());
  const { records, offsets } = await runSource(
    yahooSourceWith(clock),
    {
      ...quotes,
      mode: 'bars',
      symbols: 'BTC-USD',
      'bars.interval': '5m',
      'bars.unfinished': 'true',
      'yahoo.base.url': yahoo.url,
    },
    { until: (records) => records.some(({ timestamp }) => timestamp === utc('2026-03-04T16:10:00Z')) },
  );
  const all = records.map(({ value }) => value as { start: Date; final: boolean });
  t.strictSame(
    all.filter(({ final }) => final).map(({ start }) => start.toISOString().slice(11, 16)),
    ['16:00', '16:05'],
  );
  t.ok(all.filter(({ final }) => !final).length >= 3);
  t.strictSame(offsets.entries()[0]![1], { end: utc('2026-03-04T16:10:00Z') }, 'the unfinished bar is read again');
});

t.test('dividends and splits are records of their own, once', async (t) => {
  const now = utc('2026-03-20T22:00:00Z');
  const clock = new VirtualClock(t, now);
  const apple = american('AAPL', {
    dividends: [
      { time: utc('2025-08-11T13:30:00Z'), amount: 0.26 },
      { time: utc('2026-02-09T14:30:00Z'), amount: 0.27 },
    ],
    splits: [{ time: utc('2025-08-31T13:30:00Z'), numerator: 4, denominator: 1 }],
  });
  const yahoo = await startYahoo(t, [apple], () => clock.now());
  const props = {
    ...quotes,
    topic: 'aapl',
    mode: 'bars',
    symbols: 'AAPL',
    'bars.interval': '1wk,1d',
    'history.from': '2025-06-01',
    'history.to': '2026-03-15',
    'yahoo.base.url': yahoo.url,
  };
  const { records, offsets } = await runSource(yahooSourceWith(clock), props);
  t.match(
    records.filter(({ topic }) => topic !== 'aapl').map(({ topic, value }) => ({ topic, value })),
    [
      {
        topic: 'aapl-dividends',
        value: { symbol: 'AAPL', amount: 0.26, currency: 'USD', time: new Date('2025-08-11T13:30:00Z') },
      },
      { topic: 'aapl-splits', value: { numerator: 4, denominator: 1 } },
      { topic: 'aapl-dividends', value: { amount: 0.27 } },
    ],
  );
  const again = await runSource(yahooSourceWith(clock), props, { offsets });
  t.equal(again.records.length, 0);
});

t.test('symbols come from a file too, which is read again when it changes', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'symbols-'));
  t.teardown(() => rm(dir, { recursive: true }));
  const file = join(dir, 'symbols.txt');
  await writeFile(file, 'AAPL # Apple\nMSFT, TSLA\n');
  const clock = new VirtualClock(t, utc('2026-03-04T16:00:05Z'));
  const listings = ['AAPL', 'MSFT', 'TSLA', 'NVDA'].map((symbol) => american(symbol));
  const yahoo = await startYahoo(t, listings, () => clock.now());
  const run = await startSource(yahooSourceWith(clock), {
    ...quotes,
    'symbols.file': file,
    'yahoo.base.url': yahoo.url,
  });
  await run.until((records) => new Set(records.map(({ key }) => key)).size === 3);
  await writeFile(file, 'AAPL\nNVDA\n');
  await run.until((records) => records.some(({ key }) => key === 'NVDA'));
  const from = run.records.length;
  await run.take(20);
  await run.stop();
  t.strictSame([...new Set(run.records.slice(from).map(({ key }) => key))].sort(), ['AAPL', 'NVDA']);
});

t.test('symbols come from a screener, page by page', async (t) => {
  const clock = new VirtualClock(t, utc('2026-03-04T16:00:05Z'));
  const listings = Array.from({ length: 300 }, (_, i) => american(`S${i}`));
  const yahoo = await startYahoo(t, listings, () => clock.now());
  yahoo.screens = { most_actives: listings.map(({ symbol }) => symbol) };
  const { records } = await runSource(
    yahooSourceWith(clock),
    { ...quotes, 'symbols.screener': 'most_actives', 'symbols.screener.count': '280', 'yahoo.base.url': yahoo.url },
    { take: 280 },
  );
  t.equal(new Set(records.map(({ key }) => key)).size, 280);
});

t.test('symbols are spread over tasks, which share the rate', async (t) => {
  const clock = new VirtualClock(t, utc('2026-03-04T16:00:05Z'));
  const listings = Array.from({ length: 10 }, (_, i) => american(`S${i}`));
  const yahoo = await startYahoo(t, listings, () => clock.now());
  const props = { ...quotes, symbols: listings.map(({ symbol }) => symbol).join(), 'yahoo.base.url': yahoo.url };
  const source = yahooSourceWith(clock);
  t.equal((await connectorTasks(source, props, 4)).length, 4);
  t.equal((await connectorTasks(source, props, 40)).length, 10);
  const runs = await Promise.all([0, 1, 2, 3].map((task) => startSource(source, props, { tasksMax: 4, task })));
  const keys = await Promise.all(
    runs.map(async (run) => {
      await run.take(6);
      return [...new Set(run.records.map(({ key }) => key))];
    }),
  );
  await Promise.all(runs.map((run) => run.stop()));
  t.strictSame(keys.flat().sort(), props.symbols.split(',').sort(), 'each symbol belongs to one task');
  t.equal(
    yahoo.asked.filter(({ path, query }) => path.endsWith('getcrumb') && !query.has('range')).length,
    2 + 4 + 1,
    'one crumb for all tasks, beside those of checks',
  );
});
