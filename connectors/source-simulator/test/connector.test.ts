import type { SourceRecord } from '@tributary/api';
import { connectorTasks, MemoryOffsets, type RunOptions, runSource, type SourceRun } from '@tributary/api/testing';
import { type Tick, tickSchema } from '@tributary/market';
import marketSimulator, { ANOMALY_HEADER } from '@tributary/source-simulator';
import t from 'tap';
import manifest from '../package.json' with { type: 'json' };
import { simulatorWith } from '../src/connector.ts';
import { ManualClock } from './manual-clock.ts';

const topic = 'ticks';
const START = Date.parse('2026-03-02T14:30:30Z');
/** A market that opened in the past: its ticks come at once. */
const past = { topic, 'start.time': '2026-03-02T14:30:30Z', 'rate.per.second': '100' };

const tickOf = (record: SourceRecord): Tick => record.value as Tick;
const run = (props: Record<string, string>, options: RunOptions = {}): Promise<SourceRun> =>
  runSource(marketSimulator, { ...past, ...props }, options);

/** Records by stream, each in order. */
function byExchange(records: readonly SourceRecord[]): Record<string, readonly SourceRecord[]> {
  return Object.groupBy(records, (record) => tickOf(record).exchange!) as Record<string, SourceRecord[]>;
}

t.test('the package lists the connector as the connector describes itself', async (t) => {
  const { class: className, aliases, version, kind } = marketSimulator;
  t.strictSame(manifest.tributary.plugins, [
    { kind, class: className, aliases, version, module: '.', export: 'default' },
  ]);
});

t.test('a tick has the common schema, its symbol as the key and its time as the timestamp', async (t) => {
  const { records } = await run({}, { take: 500 });
  const ticks = records.map(tickOf);
  t.ok(records.every((record) => record.valueSchema === tickSchema && record.key === tickOf(record).symbol));
  t.ok(records.every((record) => record.timestamp === tickOf(record).event_time.getTime()));
  t.ok(ticks.every((tick) => tick.event_time.getTime() === Math.floor(Number(tick.event_time_us) / 1000)));
  t.ok(ticks.every(({ bid, ask, price }) => bid! < ask! && (price === bid || price === ask)));
  t.ok(ticks.every((tick) => tick.size! >= 1));
  t.strictSame([...new Set(records.map((record) => record.key))].sort(), [
    'AAPL',
    'AMZN',
    'GOOGL',
    'JPM',
    'META',
    'MSFT',
    'NVDA',
    'TSLA',
  ]);
});

t.test('each exchange numbers its ticks without a gap, in the order of their times', async (t) => {
  const { records } = await run({ limit: '3000' });
  for (const own of Object.values(byExchange(records))) {
    t.strictSame(
      own.map((record) => tickOf(record).sequence),
      own.map((_, i) => i + 1),
    );
    const times = own.map((record) => Number(tickOf(record).event_time_us));
    t.strictSame(
      times,
      times.toSorted((a, b) => a - b),
    );
    t.ok(times[0]! >= START * 1000, 'none is earlier than the start time');
  }
});

t.test('the same seed gives the same market, another seed another', async (t) => {
  const [a, b, c] = await Promise.all([
    run({ limit: '2000' }),
    run({ limit: '2000' }),
    run({ limit: '2000', seed: '2' }),
  ]);
  t.strictSame(a.records, b.records);
  t.not(tickOf(a.records[0]!).price, tickOf(c.records[0]!).price);
});

t.test('the price of a symbol does not depend on the other symbols', async (t) => {
  const only = { streams: '1', 'rate.per.second': '1000', volatility: '5' };
  const midAt = async (symbols: string): Promise<number> => {
    const { records } = await run({ ...only, symbols }, { take: 1000 });
    const { bid, ask } = tickOf(records.find((record) => record.key === 'TSLA')!);
    return (bid! + ask!) / 2;
  };
  const [alone, among] = [await midAt('TSLA'), await midAt('A,B,TSLA')];
  t.ok(Math.abs(alone / among - 1) < 1e-3, `${alone} and ${among} at nearly the same time`);
});

t.test('after a stop at any tick the stream goes on with exactly the ticks that would have followed', async (t) => {
  const props = { streams: '1', 'rate.per.second': '3', 'anomalies.per.hour': '400', limit: '250' };
  const whole = (await run(props)).records;
  t.equal(whole.length, 250, 'over the end of a minute and the next one');
  for (let stop = 1; stop < whole.length; stop++) {
    const { sourcePartition, sourceOffset } = whole[stop - 1]!;
    const rest = await run(props, { offsets: [[sourcePartition!, sourceOffset!]] });
    if (rest.records.length !== whole.length - stop) t.fail(`${rest.records.length} ticks after tick ${stop}`);
    const [expected, found] = [whole.slice(stop, stop + 100), rest.records.slice(0, 100)];
    if (JSON.stringify(expected) !== JSON.stringify(found)) {
      t.strictSame(found, expected, `after tick ${stop}`);
      return;
    }
  }
  const { sourcePartition, sourceOffset } = whole.at(-1)!;
  const after = await run(props, { offsets: [[sourcePartition!, sourceOffset!]] });
  t.equal(after.records.length, 0, 'the limit holds over restarts');
});

t.test('the ticks do not depend on the number of tasks, nor on its changes', async (t) => {
  const props = { limit: '12000', streams: '5', 'symbols.count': '12' };
  const whole = byExchange((await run(props)).records);
  t.equal(Object.keys(whole).length, 5);
  const offsets = new MemoryOffsets();
  const parts: SourceRecord[] = [];
  for (const [tasksMax, take] of [
    [2, 500],
    [3, 500],
    [9, undefined],
  ] as const) {
    const tasks = (await connectorTasks(marketSimulator, { ...past, ...props }, tasksMax)).length;
    t.equal(tasks, Math.min(tasksMax, 5));
    for (let task = 0; task < tasks; task++) {
      const part = await run(props, {
        offsets,
        tasksMax,
        task,
        ...(take && { until: (records) => records.length >= take }),
      });
      parts.push(...part.records);
    }
  }
  t.strictSame(byExchange(parts), whole);
});

t.test('rate and limit are divided by symbols', async (t) => {
  const { records } = await run({ limit: '999', streams: '2', symbols: 'a,b,c' });
  const { SIM0, SIM1 } = byExchange(records);
  t.equal(SIM0!.length, 666);
  t.equal(SIM1!.length, 333);
  const seconds = (records: readonly SourceRecord[]): number => (records.at(-1)!.timestamp! - START) / 1000;
  t.ok(Math.abs(seconds(SIM0!) - 9.99) < 0.05);
  t.ok(Math.abs(seconds(SIM1!) - 9.99) < 0.05);
});

t.test('symbols are cut or filled up to symbols.count', async (t) => {
  const keys = async (props: Record<string, string>): Promise<unknown[]> =>
    [...new Set((await run({ ...props, streams: '1' }, { take: 300 })).records.map((record) => record.key))].sort();
  t.strictSame(await keys({ symbols: 'b,a,SIM0002', 'symbols.count': '5' }), [
    'SIM0001',
    'SIM0002',
    'SIM0003',
    'a',
    'b',
  ]);
  t.strictSame(await keys({ symbols: 'b,a,c', 'symbols.count': '2' }), ['a', 'b']);
});

t.test('trades are larger at the beginning of the day than at noon', async (t) => {
  const mean = async (time: string): Promise<number> => {
    const { records } = await run({ 'start.time': `2026-03-02T${time}Z`, limit: '4000' });
    return records.reduce((sum, record) => sum + tickOf(record).size!, 0) / records.length;
  };
  const [morning, noon] = [await mean('00:00'), await mean('12:00')];
  t.ok(morning / noon > 4 && morning / noon < 7, `${morning} and ${noon}`);
});

t.test('the ticks of anomalies carry a label, the others none', async (t) => {
  const props = { symbols: 'a,b', streams: '1', 'rate.per.second': '20', limit: '24000' };
  const [plain, labelled] = [await run(props), await run({ ...props, 'anomalies.per.hour': '120' })];
  t.ok(plain.records.every((record) => record.headers.length === 0));
  const kinds = new Map<unknown, number>();
  labelled.records.forEach((record, i) => {
    const [tick, normal] = [tickOf(record), tickOf(plain.records[i]!)];
    const label = record.headers[0]?.value;
    if (record.headers.some((header) => header.key !== ANOMALY_HEADER)) t.fail('another header');
    kinds.set(label, (kinds.get(label) ?? 0) + 1);
    const move = Math.abs(tick.price! / normal.price! - 1);
    if (label === undefined && (move > 0 || tick.size !== normal.size)) t.fail('a change without a label');
    if (label === 'volume_surge' && (move > 0 || tick.size! < normal.size! * 5 - 10)) t.fail('a surge without volume');
    if (move > 0.11) t.fail(`a move of ${move}`);
  });
  for (const kind of ['spike', 'flash_crash', 'volume_surge'])
    t.ok(kinds.get(kind)! > 10, `${kinds.get(kind)} of ${kind}`);
});

t.test('stored offsets of another seed are not used, and the log says so', async (t) => {
  const first = await run({}, { take: 100 });
  const second = await run({ seed: '9' }, { offsets: first.offsets.copy(), take: 1 });
  t.equal(tickOf(second.records[0]!).sequence, 1);
  t.match(second.log, [{ level: 'warn', message: /the market with seed 9 starts anew/ }]);
});

t.test('configs that make no sense are refused', async (t) => {
  const refused = (props: Record<string, string>, message: RegExp): Promise<unknown> =>
    t.rejects(run(props, { take: 1 }), { name: 'ConfigError', message });
  await refused({ symbols: '' }, /A market needs symbols/);
  await refused(
    { symbols: 'a,b', 'anomalies.per.hour': '121' },
    /Value must be no more than 120, since each of the 2 symbols/,
  );
  await refused(
    { 'start.time': 'yesterday' },
    /Invalid value yesterday for configuration start\.time: Expected a date/,
  );
  await refused({ 'start.time': '2026-03-02T14:30' }, /a zone/);
  await refused({ 'rate.per.second': '2000000' }, /no more than 1000000/);
});

t.test('offsets can be altered and reset, and damaged ones are refused', async (t) => {
  const { config } = { config: {} as never };
  const alter = (partition: object, offset: object | null): unknown =>
    marketSimulator.alterOffsets?.(config, [[partition as never, offset as never]]);
  const good = { seed: 1, minute: 29_540_190, tick: 5, sequence: 10 };
  t.equal(alter({ stream: 0, streams: 8 }, good), true);
  t.equal(alter({}, null), true);
  t.throws(() => alter({ stream: 'x' }, good), { message: /should contain the keys 'stream' and 'streams'/ });
  t.throws(() => alter({ stream: 0, streams: 8 }, { ...good, tick: -1 }), { message: /'tick' must be a whole number/ });
  t.equal(marketSimulator.exactlyOnceSupport?.(config), 'supported');
});

t.test('with clock=wall', async (t) => {
  const slow = { topic, streams: '1', 'rate.per.second': '10' };

  t.test('ticks come when their time comes, neither earlier nor later', async (t) => {
    const clock = new ManualClock(START);
    const late: number[] = [];
    await runSource(simulatorWith(clock), slow, {
      until(records) {
        const at = records.at(-1)!.timestamp!;
        late.push(clock.now() - at);
        return records.length >= 300;
      },
    });
    t.ok(Math.min(...late) >= 0, 'none is early');
    t.ok(Math.max(...late) <= 6, `the latest is ${Math.max(...late)} ms late`);
    t.ok(
      clock.sleeps.every((sleep) => sleep >= 5),
      'nothing is polled',
    );
    t.ok(clock.sleeps.length <= 2 * 300 + 10);
    t.ok(Math.abs((clock.now() - START) / 1000 - 30) < 0.3, '300 ticks at 10 a second take 30 seconds');
  });

  t.test('at high rates ticks are sent in batches every few milliseconds', async (t) => {
    const clock = new ManualClock(START);
    const run = await runSource(simulatorWith(clock), { topic, 'rate.per.second': '50000' }, { take: 50_000 });
    t.ok(Math.abs(clock.now() - START - 1000) < 20);
    t.ok(Math.max(...run.batches) <= 1000);
    t.ok(run.batches.length < 300, `${run.batches.length} batches in a second`);
  });

  t.test('after a downtime the missed ticks are sent at once', async (t) => {
    const clock = new ManualClock(START);
    const first = await runSource(simulatorWith(clock), slow, { take: 100 });
    const last = tickOf(first.records.at(-1)!);
    clock.advance(60_000);
    const from = clock.now();
    const second = await runSource(simulatorWith(clock), slow, { offsets: first.offsets, take: 600 });
    t.equal(tickOf(second.records[0]!).sequence, Number(last.sequence) + 1);
    t.ok(clock.now() - from < 500);
  });

  t.test('with downtime=skip they are not; the sequence goes on', async (t) => {
    const clock = new ManualClock(START);
    const first = await runSource(simulatorWith(clock), slow, { take: 100 });
    const last = tickOf(first.records.at(-1)!);
    clock.advance(600_000);
    const from = clock.now();
    const second = await runSource(
      simulatorWith(clock),
      { ...slow, downtime: 'skip' },
      { offsets: first.offsets, take: 1 },
    );
    const tick = tickOf(second.records[0]!);
    t.equal(tick.sequence, Number(last.sequence) + 1);
    t.ok(tick.event_time.getTime() >= from && tick.event_time.getTime() < from + 300);
  });

  t.test('a stream that had sent nothing begins with the others', async (t) => {
    const clock = new ManualClock(START);
    const first = await runSource(simulatorWith(clock), { ...slow, streams: '2' }, { take: 50 });
    const kept = first.offsets.entries().filter(([partition]) => partition.stream === 0);
    clock.advance(3_600_000);
    const second = await runSource(simulatorWith(clock), { ...slow, streams: '2' }, { offsets: kept, take: 1000 });
    const fresh = second.records.find((record) => tickOf(record).exchange === 'SIM1')!;
    t.ok(fresh.timestamp! < START + 60_000);
  });
});

t.test('with clock=virtual', async (t) => {
  const virtual = { ...past, clock: 'virtual', streams: '1', 'rate.per.second': '10' };

  t.test('the time of the market goes on from the last tick, at the speed of real time', async (t) => {
    const clock = new ManualClock(Date.parse('2030-01-01T00:00:00Z'));
    const from = clock.now();
    const first = await runSource(simulatorWith(clock), virtual, { take: 100 });
    t.ok(first.records[0]!.timestamp! - START < 300);
    t.ok(Math.abs(clock.now() - from - 10_000) < 300, '100 ticks at 10 a second take 10 seconds');
    clock.advance(3_600_000);
    const again = clock.now();
    const second = await runSource(simulatorWith(clock), virtual, { offsets: first.offsets, take: 100 });
    t.ok(second.records[0]!.timestamp! - first.records.at(-1)!.timestamp! < 300, 'no time has passed');
    t.ok(Math.abs(clock.now() - again - 10_000) < 300);
  });

  t.test('while nothing is taken no time passes', async (t) => {
    const clock = new ManualClock(START);
    let paused = false;
    const run = await runSource(simulatorWith(clock), virtual, {
      until(records) {
        if (records.length >= 50 && !paused) {
          paused = true;
          clock.advance(3_600_000);
        }
        return records.length >= 200;
      },
    });
    t.ok(run.records.at(-1)!.timestamp! - START < 25_000);
    t.ok(Math.max(...run.batches) <= 11, 'no more than a second is made up for');
  });
});
