import { runSink, type SinkRecordInput } from '@tributary/api/testing';
import { influxdb, sharedInfluxdb, skipUnlessAvailable } from '@tributary/services';
import influxSink from '@tributary/sink-influx';
import t from 'tap';
import { type Bucket, newBucket } from './support/bucket.ts';

const skip = await skipUnlessAvailable('influxdb');
const topic = 'ticks';
const NOW = 1_700_000_000_000;

const bucket = async (retentionSeconds?: number): Promise<Bucket> =>
  newBucket(await sharedInfluxdb(), retentionSeconds);
const sinkTo = (to: Bucket, props: Readonly<Record<string, string>> = {}) =>
  runSink(influxSink, { ...to.props, topics: topic, ...props });
const ticks = (count: number, from = 0): SinkRecordInput[] =>
  Array.from({ length: count }, (_, i) => ({
    topic,
    value: { sym: `S${(from + i) % 5}`, n: from + i, price: (from + i) / 4 },
    timestamp: NOW + from + i,
  }));

t.test('of 1 poisoned record in 1,000 each is reported, and all others are stored', { skip }, async (t) => {
  const to = await bucket();
  const sink = await sinkTo(to, { tags: 'sym' });
  await sink.put(ticks(1));
  const records = ticks(10_000).map((record, i) => {
    if (i % 1000 !== 500) return record;
    const { sym, n } = record.value as { sym: string; n: number };
    return {
      ...record,
      value: { sym, n, price: [Number.NaN, 'cheap', 10n ** 30n + 1n, { unscaled: 1n, scale: 400 }][(i / 1000) & 3] },
    };
  });
  await sink.put(records);
  await sink.close();
  const poisoned = Array.from({ length: 10 }, (_, i) => 501 + i * 1000);
  t.strictSame(
    sink.errant.map(({ record }) => record.offset).sort((a, b) => a - b),
    poisoned,
  );
  t.match(
    new Set(sink.errant.map(({ error }) => (error as Error).message)),
    new Set([
      /is NaN/,
      /field type conflict: input field "price" on measurement "ticks" is type string, already exists as type float/,
      /which a float would round/,
    ]),
  );
  t.strictSame(await to.counts(), { n: 9990, price: 9990 });
});

t.test('an odd record at the very beginning does not decide on the type of a field', { skip }, async (t) => {
  const to = await bucket();
  const sink = await sinkTo(to, { tags: 'sym', 'batch.size': '100' });
  await sink.put([{ topic, value: { sym: 'S0', n: 0, price: 'cheap' }, timestamp: NOW }, ...ticks(1000, 1)]);
  await sink.close();
  t.strictSame(
    sink.errant.map(({ record }) => record.offset),
    [0],
  );
  t.strictSame(await to.counts(), { n: 1000, price: 1000 });
});

t.test('conflicts of types of several fields at once are told apart', { skip }, async (t) => {
  const to = await bucket();
  const sink = await sinkTo(to);
  await sink.put([{ topic, value: { a: 1, b: true, 'c d="e"': 'x' }, timestamp: NOW - 1 }]);
  const wrong: Readonly<Record<number, unknown>> = {
    7: { a: 'x' },
    8: { b: 5 },
    100: { 'c d="e"': true },
    101: { a: true, b: true },
    4000: { b: 'x' },
  };
  await sink.put(
    Array.from({ length: 5000 }, (_, i) => ({
      topic,
      value: wrong[i] ?? { a: i, b: i % 2 === 0, 'c d="e"': `${i}` },
      timestamp: NOW + i,
    })),
  );
  await sink.close();
  t.strictSame(
    sink.errant.map(({ record }) => record.offset - 1).sort((a, b) => a - b),
    [7, 8, 100, 101, 4000],
  );
  t.strictSame(await to.counts(), { a: 4996, b: 4996, 'c d="e"': 4996 });
});

t.test('points of other shards than that of the one that is refused are stored, too', { skip }, async (t) => {
  const to = await bucket();
  const sink = await sinkTo(to);
  const days = 10 * 86_400_000;
  await sink.put([{ topic, value: { a: 1 }, timestamp: NOW }]);
  await sink.put(
    Array.from({ length: 100 }, (_, i) => ({
      topic,
      value: { a: i === 50 ? 'x' : i },
      timestamp: NOW + (i - 50) * days,
    })),
  );
  await sink.close();
  t.strictSame(
    sink.errant.map(({ record }) => record.offset),
    [51],
  );
  t.strictSame(await to.counts(), { a: 100 });
});

t.test('of records that were folded into one point only the culprit is refused', { skip }, async (t) => {
  const to = await bucket();
  const sink = await sinkTo(to);
  await sink.put([{ topic, value: { a: 1, b: 1 }, timestamp: NOW - 1 }]);
  await sink.put([
    { topic, value: { a: 2 }, timestamp: NOW },
    { topic, value: { a: 'x', b: 3 }, timestamp: NOW },
    { topic, value: { b: 4 }, timestamp: NOW },
  ]);
  await sink.close();
  t.strictSame(
    sink.errant.map(({ record }) => record.offset),
    [2],
  );
  t.strictSame(
    (await to.fields()).filter(({ time }) => !time.includes('.')).map(({ field, value }) => [field, value]),
    [
      ['a', 2],
      ['b', 4],
    ],
  );
});

t.test(
  'a value of 10 MB is refused by InfluxDB with its reason, and its neighbours are stored',
  { skip },
  async (t) => {
    const to = await bucket();
    const sink = await sinkTo(to);
    const records = ticks(1000);
    const large = 'ä"\n\\'.repeat(2_000_000);
    records[500] = { topic, value: { n: 500, text: large }, timestamp: NOW + 500 };
    records[501] = { topic, value: { n: 501, text: large.slice(0, 500_000) }, timestamp: NOW + 501 };
    await sink.put(records);
    await sink.close();
    t.match(sink.errant, [
      {
        record: { offset: 500 },
        error: { message: /input field "text" on measurement "ticks" is too long, 10000000 > 1048576/ },
      },
    ]);
    t.strictSame(await to.counts(), { n: 999, price: 998, sym: 998, text: 1 });
  },
);

t.test(
  'points that are older than what the bucket keeps are refused, or passed over when told',
  { skip },
  async (t) => {
    for (const expired of ['refuse', 'skip']) {
      const to = await bucket(3600);
      const sink = await sinkTo(to, { 'expired.points': expired });
      const now = Date.now();
      await sink.put([{ topic, value: { i: 0 }, timestamp: now - 1 }]);
      await sink.put(
        Array.from({ length: 2000 }, (_, i) => ({
          topic,
          value: { i: i === 7 ? 'x' : i },
          timestamp: i % 4 === 1 ? NOW + i : now + i,
        })),
      );
      await sink.close();
      t.equal(sink.errant.length, expired === 'refuse' ? 501 : 1);
      t.match(
        sink.errant.map(({ error }) => (error as Error).message),
        expired === 'refuse' ? [/retention policy|conflict/] : [/field type conflict/],
      );
      t.strictSame(await to.counts(), { i: 1500 });
    }
  },
);

t.test('a store that is killed and started again in the middle of it all loses nothing', { skip }, async (t) => {
  await using server = await influxdb();
  const to = await newBucket(server);
  const sink = await sinkTo(to, { tags: 'sym', 'retry.backoff.ms': '50', 'request.timeout.ms': '5000' });
  const put = async (records: readonly SinkRecordInput[]): Promise<number> => {
    for (let failures = 0; ; failures++) {
      try {
        await sink.put(records.map((record) => ({ ...record, offset: (record.value as { n: number }).n })));
        return failures;
      } catch (error) {
        t.equal((error as Error).name, 'RetriableError');
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  let failures = 0;
  let restarted: Promise<void> | undefined;
  for (let i = 0; i < 40; i++) {
    if (i === 10) restarted = server.kill().then(() => server.restart());
    failures += await put(ticks(500, i * 500));
  }
  await restarted;
  await sink.close();
  t.ok(failures > 0, 'it was noticed');
  t.strictSame(sink.errant, []);
  t.strictSame(await to.counts(), { n: 20_000, price: 20_000 });
  const messages = sink.log.filter(({ level }) => level === 'warn' || level === 'info').map(({ message }) => message);
  t.match(messages, [/^InfluxDB cannot be reached; its partitions wait/, /^InfluxDB takes writes again/]);
});

t.test('a store that hangs counts as one that cannot be reached', { skip }, async (t) => {
  await using server = await influxdb();
  const to = await newBucket(server);
  const sink = await sinkTo(to, { 'request.timeout.ms': '300' });
  server.signal('SIGSTOP');
  await t.rejects(sink.put(ticks(3)), {
    name: 'RetriableError',
    message: /There was no answer from http:.* within 300 ms/,
  });
  server.signal('SIGCONT');
  await sink.put(ticks(3));
  await sink.close();
  t.match(await to.counts(), { n: 3 });
});
