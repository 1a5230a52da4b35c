import { Schema } from '@tributary/api';
import { runSink, type SinkRecordInput } from '@tributary/api/testing';
import { tick, tickRecord } from '@tributary/market';
import { sharedInfluxdb, skipUnlessAvailable } from '@tributary/services';
import influxSink from '@tributary/sink-influx';
import t from 'tap';
import { type Bucket, newBucket } from './support/bucket.ts';

const skip = await skipUnlessAvailable('influxdb');
const topic = 'ticks';
const NOW = 1_700_000_000_000;

const bucket = async (retentionSeconds?: number): Promise<Bucket> =>
  newBucket(await sharedInfluxdb(), retentionSeconds);

/** Writes records to a bucket, and gives back the messages about those that were refused. */
async function write(
  to: Bucket,
  props: Readonly<Record<string, string>>,
  records: readonly SinkRecordInput[],
): Promise<readonly string[]> {
  const sink = await runSink(influxSink, { ...to.props, topics: topic, ...props });
  await sink.put(records);
  await sink.close();
  const order = sink.errant.toSorted((a, b) => a.record.offset - b.record.offset);
  return order.map(({ record, error }) => `${record.offset}: ${(error as Error).message}`);
}

t.test('every type comes back as it was, with its nanoseconds', { skip }, async (t) => {
  const to = await bucket();
  const valueSchema = Schema.struct({
    at: Schema.int64(),
    i: Schema.int64(),
    u: Schema.int64(),
    f: Schema.float64(),
    b: Schema.boolean(),
    s: Schema.string(),
    d: Schema.decimal(2),
    when: Schema.timestamp(),
    inner: Schema.struct({ x: Schema.int32() }),
    list: Schema.array(Schema.int64()),
    bytes: Schema.bytes(),
    gone: Schema.string({ optional: true }),
  });
  const value = {
    at: 1_700_000_000_123_456_789n,
    i: -9_223_372_036_854_775_808n,
    u: 5,
    f: 0.1 + 0.2,
    b: true,
    s: 'grüße\n"🎉"\\',
    d: { unscaled: 1999n, scale: 2 },
    when: new Date(NOW),
    inner: { x: 7 },
    list: [9_007_199_254_740_993n],
    bytes: new Uint8Array([0, 255]),
    gone: null,
  };
  const props = { 'timestamp.field': 'at', 'timestamp.unit': 'ns', 'fields.unsigned': 'u', gzip: 'true' };
  t.strictSame(await write(to, props, [{ topic, value, valueSchema }]), []);
  const stored = await to.fields();
  t.strictSame([...new Set(stored.map(({ time }) => time))], ['2023-11-14T22:13:20.123456789Z']);
  t.strictSame(Object.fromEntries(stored.map(({ field, value }) => [field, value])), {
    b: true,
    bytes: 'AP8=',
    d: 19.99,
    f: 0.1 + 0.2,
    i: -9_223_372_036_854_775_808n,
    'inner.x': 7n,
    list: '[9007199254740993]',
    // Flux's CSV ends lines with CR LF, within strings too.
    s: 'grüße\r\n"🎉"\\',
    u: 5n,
    when: BigInt(NOW),
  });
});

t.test('times are as exact in each precision as it allows', { skip }, async (t) => {
  const digits = { s: '20Z', ms: '20.123Z', us: '20.123456Z', ns: '20.123456789Z' };
  for (const [precision, end] of Object.entries(digits)) {
    const to = await bucket();
    const props = { 'timestamp.field': 'at', 'timestamp.unit': 'ns', 'timestamp.precision': precision };
    await write(to, props, [{ topic, value: { at: 1_700_000_000_123_456_789n, x: 1 } }]);
    t.strictSame(
      (await to.fields()).map(({ time }) => time),
      [`2023-11-14T22:13:${end}`],
    );
  }
});

t.test('100 and 100.5 without a schema are of one type', { skip }, async (t) => {
  const to = await bucket();
  const records = [100, 100.5, 7].map((p, i) => ({ topic, value: { p }, timestamp: NOW + i }));
  t.strictSame(await write(to, {}, records), []);
  t.strictSame(
    (await to.fields()).map(({ value }) => value),
    [100, 100.5, 7],
  );
});

t.test('a replay of everything changes nothing', { skip }, async (t) => {
  const to = await bucket();
  const props = { tags: 'symbol', 'timestamp.field': 'event_time_us', 'timestamp.unit': 'us' };
  const records = Array.from({ length: 3000 }, (_, i) => ({
    ...tickRecord(
      topic,
      tick({ symbol: `S${i % 7}`, price: i / 8, size: i, event_time_us: NOW * 1000 + Math.floor(i / 2), sequence: i }),
    ),
    partition: 0,
  }));
  t.strictSame(await write(to, props, records), []);
  const first = await to.fields();
  t.ok(first.length > 10_000);
  await write(to, props, records);
  await write(to, props, records.slice(1234));
  t.strictSame(await to.fields(), first);
});

t.test(
  'of 10,000 updates of a key within a millisecond the last one stays, also after a replay',
  { skip },
  async (t) => {
    const to = await bucket();
    const records = Array.from({ length: 10_000 }, (_, i) => ({
      topic,
      key: 'A',
      value: { sym: 'A', n: i, [`f${i % 3}`]: i },
      timestamp: NOW,
    }));
    const last = { f0: 9999, f1: 9997, f2: 9998, n: 9999 };
    const stored = async () => Object.fromEntries((await to.fields()).map(({ field, value }) => [field, value]));
    t.strictSame(await write(to, { tags: 'sym', 'batch.size': '777' }, records), []);
    t.strictSame(await stored(), last);
    await write(to, { tags: 'sym' }, records);
    t.strictSame(await stored(), last);
  },
);

t.test('or all of them stay, when points are made unique, and a replay adds none', { skip }, async (t) => {
  const records = Array.from({ length: 10_000 }, (_, i) => ({
    topic,
    key: 'A',
    value: { sym: 'A', n: i },
    timestamp: NOW,
    offset: 995_000 + i,
  }));
  for (const unique of ['time', 'sequence_tag']) {
    const to = await bucket();
    const props = { tags: 'sym', 'points.unique': unique };
    await write(to, props, records);
    await write(to, props, records.slice(5000));
    await write(to, props, records);
    t.strictSame(await to.counts(), { n: 10_000 }, unique);
    const values = new Set((await to.fields()).map(({ value }) => value));
    t.equal(values.size, 10_000, unique);
  }
});

t.test('each topic can have a bucket and a measurement of its own', { skip }, async (t) => {
  const [one, two] = [await bucket(), await bucket()];
  const sink = await runSink(influxSink, {
    ...one.props,
    topics: `${one.name},${two.name}`,
    'influxdb.bucket': '${topic}',
    'measurement.name.format': 'x_${topic}',
  });
  await sink.put([one, two, one].map(({ name }, i) => ({ topic: name, value: { n: i }, timestamp: NOW + i })));
  await sink.close();
  t.strictSame(
    (await one.fields()).map(({ measurement, value }) => [measurement, value]),
    [
      [`x_${one.name}`, 0],
      [`x_${one.name}`, 2],
    ],
  );
  t.strictSame(
    (await two.fields()).map(({ value }) => value),
    [1],
  );
});

t.test('tombstones are passed over, or refused when told', { skip }, async (t) => {
  const to = await bucket();
  const records = [
    { topic, key: 'k', value: null },
    { topic, value: { x: 1 }, timestamp: NOW },
  ];
  t.strictSame(await write(to, {}, records), []);
  t.match(await write(to, { 'behavior.on.null.values': 'fail' }, records), [/^0: The record has no value/]);
  t.strictSame(await to.counts(), { x: 1 });
});

t.test('nulls and missing fields everywhere', { skip }, async (t) => {
  const to = await bucket();
  const records: SinkRecordInput[] = [
    { topic, value: { a: null, b: null } },
    { topic, value: { sym: null, a: 1 }, timestamp: NOW },
    { topic, value: { sym: 'A', a: 2 }, timestamp: NOW },
    { topic, value: {}, timestamp: NOW },
    { topic, value: { a: 5 }, timestamp: null },
    { topic, key: null, value: { nested: { x: null, y: { z: null } }, b: true }, timestamp: NOW },
  ];
  t.match(await write(to, { tags: 'sym' }, records), [
    /^0: The record's timestamp is missing/,
    /^3: The record has no field with a value/,
    /^4: The record's timestamp is missing/,
  ]);
  t.strictSame(
    (await to.fields()).map(({ tags, field, value }) => [tags, field, value]),
    [
      [{ sym: 'A' }, 'a', 2],
      [{}, 'a', 1],
      [{}, 'b', true],
    ],
  );
});

t.test('names that try to be something else are names', { skip }, async (t) => {
  const to = await bucket();
  const names = [
    "'; DROP MEASUREMENT x; --",
    'm,evil=1 f=2 0',
    'a b=c',
    '"quoted"',
    '_measurement2',
    '${topic}',
    'x" |> drop()',
  ];
  const records = names.map((name, i) => ({ topic, value: { m: name, [name]: i, sym: name }, timestamp: NOW + i }));
  const props = { 'measurement.name.format': '${value.m}', tags: 'sym' };
  t.strictSame(await write(to, props, records), []);
  const stored = (await to.fields()).map(({ measurement, field, tags, value }) => [
    measurement,
    field,
    tags['sym'],
    value,
  ]);
  t.strictSame(stored.sort(), names.map((name, i) => [name, name, name, i]).sort());
});
