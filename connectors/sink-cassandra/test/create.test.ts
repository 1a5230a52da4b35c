import { Schema } from '@tributary/api';
import { tick, tickSchema } from '@tributary/market';
import { skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { deliver, testStore } from './support/store.ts';

const skip = await skipUnlessAvailable('cassandra');
const AT = Date.UTC(2024, 4, 31, 23, 59, 59, 999);

const tickOf = (symbol: string, millis: number, price: number) =>
  tick({ symbol, price, event_time: new Date(AT + millis), exchange: 'X' });

t.test('keyspace and table are created for ticks, in a partition for each day', { skip }, async (t) => {
  await using store = await testStore();
  const keyspace = `${store.keyspace}_new`;
  const run = await store.run({
    topics: 'ticks',
    keyspace,
    'auto.create': 'true',
    'partition.keys': 'symbol',
    'clustering.keys': 'event_time desc, __offset',
    bucket: 'day',
  });
  await run.put(
    [0, 1, 2].map((millis) => ({
      topic: 'ticks',
      key: 'A',
      timestamp: AT + millis,
      value: tickOf('A', millis, 1 + millis),
      valueSchema: tickSchema,
    })),
  );
  await run.put([{ topic: 'ticks', key: { symbol: 'A' }, timestamp: AT, value: null }]);
  await run.close();
  t.same(
    await store.cql(
      `SELECT symbol, bucket, event_time, "__offset", price, exchange, size FROM ${keyspace}.ticks WHERE symbol = 'A' AND bucket = '2024-06-01'`,
    ),
    [
      {
        symbol: 'A',
        bucket: '2024-06-01',
        event_time: new Date(AT + 2),
        __offset: 2n,
        price: 3,
        exchange: 'X',
        size: null,
      },
      {
        symbol: 'A',
        bucket: '2024-06-01',
        event_time: new Date(AT + 1),
        __offset: 1n,
        price: 2,
        exchange: 'X',
        size: null,
      },
    ],
  );
  t.match(
    run.errant.map(({ record, error }) => [record.offset, (error as Error).message]),
    [[3, /Key column 'bucket' \(text\) of .*: the record has no event_time, whose day it is/]],
  );
  t.match(
    run.log.map(({ message }) => message),
    [
      /Keyspace '\w+' is created with replication \{'class': 'SimpleStrategy', 'replication_factor': 1\}/,
      /Table .* is created: CREATE TABLE IF NOT EXISTS/,
    ],
  );
  await store.client.execute(`DROP KEYSPACE ${keyspace}`);
});

t.test('an odd record at the beginning does not decide on the types of a table', { skip }, async (t) => {
  await using store = await testStore();
  const run = await store.run({
    topics: 'odd,mapped',
    'auto.create': 'true',
    'partition.keys': 'symbol',
    [store.key('mapped', 'mapped')]: 'symbol=key, price=value.price',
  });
  for (const topic of ['odd', 'mapped']) {
    await run.put(['oops', 100, 100.5].map((price, i) => ({ topic, key: `S${i}`, value: { symbol: `S${i}`, price } })));
    t.same(
      (await store.cql(`SELECT symbol, price FROM ${topic}`)).toSorted(
        (a, b) => Number(a['price']) - Number(b['price']),
      ),
      [
        { symbol: 'S1', price: 100 },
        { symbol: 'S2', price: 100.5 },
      ],
    );
  }
  t.match(
    run.errant.map(({ record, error }) => [record.topic, record.key, (error as Error).message]),
    ['odd', 'mapped'].map((topic) => [topic, 'S0', /Column 'price' \(double\) of .*: /]),
  );
  await run.close();
});

t.test(
  'first records without a key are reported, and the table is made of those that have one',
  { skip },
  async (t) => {
    await using store = await testStore();
    const run = await store.run({ topics: 'ticks', 'auto.create': 'true', 'partition.keys': 'symbol' });
    await run.put([
      { topic: 'ticks', value: { price: 1 } },
      { topic: 'ticks', value: { symbol: null, price: 2 } },
    ]);
    await run.put([{ topic: 'ticks', value: { symbol: 'A', price: 3 } }]);
    await run.close();
    t.match(
      run.errant.map(({ error }) => (error as Error).message),
      [
        /cannot be created: its key 'symbol' has no value in the records, which have price/,
        /its key 'symbol' has no value/,
      ],
    );
    t.same(await store.cql('SELECT symbol, price FROM ticks'), [{ symbol: 'A', price: 3 }]);
  },
);

t.test('columns may be called anything, but a field without a name is refused', { skip }, async (t) => {
  await using store = await testStore();
  const run = await store.run({ topics: 'names', 'auto.create': 'true', 'auto.evolve': 'true' });
  const names = [
    'a"b',
    "a'; DROP TABLE x;--",
    'new\nline',
    'back\\',
    '😀',
    '__proto__',
    'constructor',
    '',
    'x'.repeat(130),
  ];
  await run.put(
    names.map((name, i) => ({
      topic: 'names',
      key: `k${i}`,
      value: JSON.parse(`{"v": 1, ${JSON.stringify(name)}: "at ${i}"}`),
    })),
  );
  const rows = await store.cql('SELECT JSON * FROM names');
  t.same(
    rows
      .flatMap((row) =>
        Object.values(JSON.parse(String(row['[json]'])) as Record<string, unknown>).filter((value) =>
          String(value).startsWith('at '),
        ),
      )
      .sort(),
    names.flatMap((name, i) => (name === '' ? [] : [`at ${i}`])),
  );
  t.match(
    run.errant.map(({ record, error }) => [record.key, (error as Error).message]),
    [['k7', /field with an empty name/]],
  );
  await run.close();
});

t.test("the record's key identifies rows unless something else is said", { skip }, async (t) => {
  await using store = await testStore();
  const run = await store.run({ topics: 'a,b', 'auto.create': 'true' });
  const key = Schema.struct({ id: Schema.int32(), part: Schema.string() });
  await run.put([
    { topic: 'a', key: 'k1', value: { x: 1 } },
    { topic: 'a', key: 'k2', value: { x: 2.5 } },
    { topic: 'b', key: { id: 1, part: 'p' }, keySchema: key, value: { list: [1], nested: { y: 1 }, big: 2n ** 70n } },
  ]);
  await run.put([{ topic: 'a', key: 'k1', value: null }]);
  await run.close();
  t.same(run.errant, []);
  t.same(await store.cql('SELECT * FROM a'), [{ key: 'k2', x: 2.5 }]);
  t.same(await store.cql("SELECT * FROM b WHERE id = 1 AND part = 'p'"), [
    { id: 1, part: 'p', list: [1], nested: '{"y":1}', big: 2n ** 70n },
  ]);
});

t.test('tables of a mapping are created with keys of their own', { skip }, async (t) => {
  await using store = await testStore();
  const run = await store.run({
    topics: 'ticks',
    'auto.create': 'true',
    [store.key('ticks', 'latest')]: 'symbol=key, price=value.price',
    [store.key('ticks', 'by_hour')]: 'symbol=value.symbol, hour=hour(value.event_time), at=value.event_time, id=now()',
    [store.key('ticks', 'by_hour', 'partitionKeys')]: 'symbol, hour',
    [store.key('ticks', 'by_hour', 'clusteringKeys')]: 'at desc, id',
  });
  await run.put(
    [0, 1].map((millis) => ({
      topic: 'ticks',
      key: 'A',
      keySchema: Schema.string(),
      timestamp: AT + millis,
      value: tickOf('A', millis, millis),
      valueSchema: tickSchema,
    })),
  );
  await run.close();
  t.same(await store.cql('SELECT * FROM latest'), [{ symbol: 'A', price: 1 }]);
  t.same((await store.cql('SELECT symbol, hour FROM by_hour')).map(({ hour }) => hour).toSorted(), [
    '2024-05-31T23',
    '2024-06-01T00',
  ]);
});

t.test('columns are added as fields come up', { skip }, async (t) => {
  await using store = await testStore();
  const run = await store.run({ topics: 'a', 'auto.create': 'true', 'auto.evolve': 'true' });
  const schema = Schema.struct({ x: Schema.int32(), z: Schema.timestamp({ optional: true }) });
  await run.put([{ topic: 'a', key: 'k', value: { x: null, y: 'first' } }]);
  await run.put([
    { topic: 'a', key: 'l', value: { x: 5 } },
    { topic: 'a', key: 'm', value: { x: 1, z: null }, valueSchema: schema },
  ]);
  await run.put([{ topic: 'a', key: 'n', value: { 'odd "name': true, nothing: null } }]);
  await run.close();
  t.same(run.errant, []);
  t.same(
    (await store.cql('SELECT * FROM a')).toSorted((a, b) => String(a['key']).localeCompare(String(b['key']))),
    [
      { key: 'k', 'odd "name': null, x: null, y: 'first', z: null },
      { key: 'l', 'odd "name': null, x: 5, y: null, z: null },
      { key: 'm', 'odd "name': null, x: 1, y: null, z: null },
      { key: 'n', 'odd "name': true, x: null, y: null, z: null },
    ],
  );
});

t.test(
  'tasks that create a table and add columns at the same time store all that they are given',
  { skip },
  async (t) => {
    await using store = await testStore();
    const tasks = await Promise.all(
      [0, 1, 2].map(() =>
        store.run({ topics: 'a', 'auto.create': 'true', 'auto.evolve': 'true', 'retry.backoff.max.ms': '100' }),
      ),
    );
    for (const round of [0, 1])
      await Promise.all(
        tasks.map((run, task) =>
          deliver(run, [
            { topic: 'a', key: `${round} ${task}`, value: { [`own ${round} ${task}`]: 'x', [`all ${round}`]: 'y' } },
          ]),
        ),
      );
    const rows = await store.cql('SELECT * FROM a');
    t.same(
      rows
        .map((row) =>
          Object.keys(row)
            .filter((name) => row[name] !== null)
            .toSorted(),
        )
        .toSorted(),
      [0, 1].flatMap((round) => [0, 1, 2].map((task) => [`all ${round}`, 'key', `own ${round} ${task}`])),
    );
    for (const run of tasks) {
      t.same(run.errant, []);
      await run.close();
    }
  },
);

t.test('without anything that identifies rows, it is said what to set', { skip }, async (t) => {
  await using store = await testStore();
  const run = await store.run({ topics: 'a', 'auto.create': 'true', 'max.retries': '0' });
  await t.rejects(run.put([{ topic: 'a', value: { x: 1 } }]), {
    message: /Nothing says what identifies a row .* Set partition.keys/,
  });
  await run.close();
});

t.test('a name that no table can have is no fault of the records', { skip }, async (t) => {
  await using store = await testStore();
  const run = await store.run({ 'topics.regex': '.*', 'auto.create': 'true' });
  await t.rejects(run.put([{ topic: 'market.u', key: 'k', value: { x: 1 } }]), {
    message: /"market.u" for topic market.u cannot be created: .* RegexRouter/,
  });
  t.same(run.errant, []);
  await run.close();
});
