import { Schema } from '@tributary/api';
import { skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { testStore } from './support/store.ts';

const skip = await skipUnlessAvailable('cassandra');
const AT = 1_700_000_000_000;

t.test('a mapping takes columns from the value, the key, headers and the place of a record', { skip }, async (t) => {
  await using store = await testStore();
  await store.cql(
    'CREATE TABLE people (id int PRIMARY KEY, "fullName" text, source text, topic text, at timestamp, seen timeuuid)',
  );
  const run = await store.run({
    topics: 'people',
    [store.key('people', 'people')]:
      'id=key, "fullName"=value.name.full, source=header.from, topic=__topic, at=__timestamp, seen=now()',
  });
  await run.put([
    {
      topic: 'people',
      key: 7,
      timestamp: AT,
      value: { name: { full: 'Ada Lovelace' } },
      headers: [{ key: 'from', value: 'web', schema: null }],
    },
  ]);
  await run.close();
  const [row] = await store.cql(
    'SELECT "fullName", source, topic, at, totimestamp(seen) AS seen, writetime(source) AS w FROM people WHERE id = 7',
  );
  t.same(row, {
    fullName: 'Ada Lovelace',
    source: 'web',
    topic: 'people',
    at: new Date(AT),
    seen: new Date(AT),
    w: BigInt(AT) * 1000n,
  });
  t.same(run.errant, []);
});

t.test('one topic goes into several tables', { skip }, async (t) => {
  await using store = await testStore();
  await store.cql('CREATE TABLE by_symbol (symbol text PRIMARY KEY, price double)');
  await store.cql('CREATE TABLE by_time (symbol text, at timestamp, price double, PRIMARY KEY (symbol, at))');
  const run = await store.run({
    topics: 'ticks',
    [store.key('ticks', 'by_symbol')]: 'symbol=value.symbol, price=value.price',
    [store.key('ticks', 'by_time')]: 'symbol=value.symbol, at=__timestamp, price=value.price',
  });
  await run.put([1, 2, 3].map((price, i) => ({ topic: 'ticks', timestamp: AT + i, value: { symbol: 'A', price } })));
  await run.close();
  t.same(await store.cql('SELECT * FROM by_symbol'), [{ symbol: 'A', price: 3 }]);
  t.same(
    (await store.cql('SELECT price FROM by_time')).map(({ price }) => price),
    [1, 2, 3],
  );
});

t.test('without a mapping columns are named as fields, and the table as the topic', { skip }, async (t) => {
  await using store = await testStore();
  await store.cql('CREATE TABLE ticks (symbol text PRIMARY KEY, price double, note text)');
  const run = await store.run({ topics: 'ticks' });
  const schema = Schema.struct({ symbol: Schema.string(), price: Schema.float64(), extra: Schema.string() });
  await run.put([
    { topic: 'ticks', timestamp: AT, value: { symbol: 'A', price: 1, note: 'json' } },
    { topic: 'ticks', timestamp: AT, value: { symbol: 'B', price: 2, extra: 'x' }, valueSchema: schema },
    { topic: 'ticks', timestamp: AT, key: { symbol: 'C' }, value: { price: 3 } },
  ]);
  await run.put([{ topic: 'ticks', timestamp: AT, key: 'A', value: null }]);
  await run.close();
  t.same(run.errant, []);
  t.same(
    (await store.cql('SELECT * FROM ticks')).toSorted((a, b) => String(a['symbol']).localeCompare(String(b['symbol']))),
    [
      { symbol: 'B', note: null, price: 2 },
      { symbol: 'C', note: null, price: 3 },
    ],
  );
  t.match(
    run.log.map(({ message }) => message),
    [/has no column for extra: they are not stored/],
  );
});

t.test('a field without a column is named once in the log, whenever it comes', { skip }, async (t) => {
  await using store = await testStore();
  for (const table of ['plain', 'typed']) await store.cql(`CREATE TABLE ${table} (id text PRIMARY KEY, n int)`);
  const run = await store.run({ topics: 'plain,typed' });
  const schema = Schema.struct({ id: Schema.string(), other: Schema.int32() });
  for (const value of [{ id: 'a' }, { id: 'a', late: 1 }, { id: 'b', late: 2, none: null }])
    await run.put([{ topic: 'plain', value }]);
  await run.put([
    {
      topic: 'typed',
      value: { id: 'a', n: 1 },
      valueSchema: Schema.struct({ id: Schema.string(), n: Schema.int32() }),
    },
  ]);
  for (const other of [1, 2]) await run.put([{ topic: 'typed', value: { id: 'a', other }, valueSchema: schema }]);
  await run.close();
  t.match(
    run.log.filter(({ level }) => level === 'warn').map(({ message }) => message),
    [/"plain" has no column for late: they are not stored/, /"typed" has no column for other: /],
  );
});

t.test('null leaves a column as it is, or with nullToUnset=false empties it', { skip }, async (t) => {
  await using store = await testStore();
  for (const table of ['kept', 'emptied'])
    await store.cql(`CREATE TABLE ${table} (id int PRIMARY KEY, a text, b text)`);
  const run = await store.run({
    topics: 't',
    [store.key('t', 'kept')]: 'id=key, a=value.a, b=value.b',
    [store.key('t', 'emptied')]: 'id=key, a=value.a, b=value.b',
    [store.key('t', 'emptied', 'nullToUnset')]: 'false',
  });
  for (const value of [{ a: 'a', b: 'b' }, { a: null, b: 'c' }, { b: 'd' }])
    await run.put([{ topic: 't', key: 1, timestamp: AT, value }]);
  await run.close();
  t.same(await store.cql('SELECT a, b FROM kept'), [{ a: 'a', b: 'd' }]);
  t.same(await store.cql('SELECT a, b FROM emptied'), [{ a: null, b: 'd' }]);
});

t.test('a batch with partial updates of one row ends as they would one by one', { skip }, async (t) => {
  await using store = await testStore();
  await store.cql('CREATE TABLE t (id int PRIMARY KEY, a text, b text, c text)');
  const run = await store.run({ topics: 't', [store.key('t', 't')]: 'id=key, a=value.a, b=value.b, c=value.c' });
  const values = [{ a: '1', b: '1', c: '1' }, { a: '2' }, null, { b: '4' }, { a: '5' }, { a: '6', b: null }];
  await run.put(values.map((value) => ({ topic: 't', key: 1, timestamp: AT, value })));
  await run.close();
  t.same(await store.cql('SELECT a, b, c FROM t'), [{ a: '6', b: '4', c: null }]);
});

t.test(
  'a tombstone deletes the row, and so does a record with nothing but keys where all columns are mapped',
  { skip },
  async (t) => {
    await using store = await testStore();
    for (const table of ['on', 'off'])
      await store.cql(`CREATE TABLE del_${table} (id int, n int, v text, PRIMARY KEY (id, n))`);
    const run = await store.run({
      topics: 't',
      [store.key('t', 'del_on')]: 'id=key.id, n=key.n, v=value.v',
      [store.key('t', 'del_off')]: 'id=key.id, n=key.n, v=value.v',
      [store.key('t', 'del_off', 'deletesEnabled')]: 'false',
    });
    const put = (n: number, value: unknown) => run.put([{ topic: 't', key: { id: 1, n }, timestamp: AT, value }]);
    for (const n of [1, 2, 3]) await put(n, { v: 'x' });
    await put(1, null);
    await put(2, { v: null });
    for (const value of [{}, 'text', 5, ['x']]) await put(3, value);
    await run.close();
    t.same(await store.cql('SELECT n, v FROM del_on'), [{ n: 3, v: 'x' }], 'what lacks fields deletes nothing');
    t.same(
      (await store.cql('SELECT n FROM del_off')).map(({ n }) => n),
      [1, 2, 3],
    );
    t.match(
      run.errant.map(({ error }) => (error as Error).message),
      [/are fields of the value, and the value is text/, /the value is the number 5/, /the value is an array/],
    );
  },
);

t.test('a tombstone deletes also where other columns are taken from its key or its place', { skip }, async (t) => {
  await using store = await testStore();
  await store.cql('CREATE TABLE mapped (id text PRIMARY KEY, again text, "at" bigint, v text)');
  const run = await store.run({
    topics: 'made,mapped',
    'auto.create': 'true',
    'partition.keys': 'id',
    [store.key('mapped', 'mapped')]: 'id=key, again=key, at=__offset, v=value.v',
  });
  for (const topic of ['made', 'mapped']) {
    await run.put(['a', 'b'].map((id) => ({ topic, key: id, timestamp: AT, value: { id, v: 'x' } })));
    await run.put([{ topic, key: 'a', timestamp: AT, value: null }]);
    t.same(await store.cql(`SELECT id, v FROM ${topic}`), [{ id: 'b', v: 'x' }], topic);
  }
  await run.close();
  t.same(run.errant, []);
});

t.test('a row lives as long as the config or a field says', { skip }, async (t) => {
  await using store = await testStore();
  for (const table of ['fixed', 'mapped']) await store.cql(`CREATE TABLE ${table} (id int PRIMARY KEY, v text)`);
  const run = await store.run({
    topics: 't',
    [store.key('t', 'fixed')]: 'id=key, v=value.v',
    [store.key('t', 'fixed', 'ttl')]: '2',
    [store.key('t', 'fixed', 'ttlTimeUnit')]: 'HOURS',
    [store.key('t', 'mapped')]: 'id=key, v=value.v, __ttl=value.ttl',
    [store.key('t', 'mapped', 'ttlTimeUnit')]: 'MILLISECONDS',
  });
  await run.put([
    { topic: 't', key: 1, timestamp: AT, value: { v: 'x', ttl: 5_000_500 } },
    { topic: 't', key: 2, timestamp: AT, value: { v: 'x' } },
    { topic: 't', key: 3, timestamp: AT, value: { v: 'x', ttl: 'soon' } },
  ]);
  await run.close();
  const [fixed] = await store.cql('SELECT ttl(v) AS ttl FROM fixed WHERE id = 1');
  t.ok((fixed!['ttl'] as number) > 7000 && (fixed!['ttl'] as number) <= 7200);
  const [mapped] = await store.cql('SELECT ttl(v) AS ttl FROM mapped WHERE id = 1');
  t.ok((mapped!['ttl'] as number) > 4900 && (mapped!['ttl'] as number) <= 5001);
  t.same(await store.cql('SELECT ttl(v) AS ttl FROM mapped WHERE id = 2'), [{ ttl: null }]);
  t.match(run.errant, [{ record: { key: 3 }, error: { message: /__ttl \(value.ttl\): it takes a whole number/ } }]);
});

t.test('records whose key is missing, or whose values do not fit, are reported one by one', { skip }, async (t) => {
  await using store = await testStore();
  await store.cql('CREATE TABLE t (id text PRIMARY KEY, n tinyint)');
  const run = await store.run({ topics: 't', [store.key('t', 't')]: 'id=value.id, n=value.n' });
  await run.put([
    { topic: 't', value: { id: 'a', n: 1 } },
    { topic: 't', value: { n: 1 } },
    { topic: 't', value: { id: null, n: 1 } },
    { topic: 't', value: { id: '', n: 1 } },
    { topic: 't', value: { id: 'b', n: 300 } },
    { topic: 't', value: null },
    { topic: 't', value: { id: 'x'.repeat(70_000), n: 1 } },
    { topic: 't', value: { id: 'c', n: 2 } },
  ]);
  await run.close();
  const messages = run.errant.map(({ record, error }) => [record.offset, (error as Error).message] as const);
  const name = `"${store.keyspace}"."t"`;
  // Not in their order: rows are made when they are sent.
  t.same(messages.toSorted(), [
    [1, `Key column 'id' (text) of ${name}: the record has no value.id`],
    [2, `Key column 'id' (text) of ${name}: value.id is null`],
    [3, `Key column 'id' (text) of ${name}: a partition key may not be empty`],
    [4, `Column 'n' (tinyint) of ${name}: tinyint cannot hold the number 300: its range is -128 to 127`],
    [5, `Key column 'id' (text) of ${name}: the record has no value.id`],
    [6, `Key column 'id' (text) of ${name}: 70000 bytes are more than the 65535 that a key may have`],
  ]);
  t.same((await store.cql('SELECT id FROM t')).map(({ id }) => id).toSorted(), ['a', 'c']);
});

t.test("a record that does not fit takes no other one's place", { skip }, async (t) => {
  await using store = await testStore();
  await store.cql('CREATE TABLE t (id text PRIMARY KEY, n tinyint)');
  const run = await store.run({ topics: 't', [store.key('t', 't')]: 'id=value.id, n=value.n' });
  await run.put([
    { topic: 't', value: { id: 'a', n: 300 } },
    { topic: 't', value: { id: 'a', n: 1 } },
    { topic: 't', value: { id: 'a', n: 301 } },
    { topic: 't', value: { id: 'b', n: 2 } },
    { topic: 't', value: { id: 'b', n: 302 } },
  ]);
  await run.close();
  t.same(run.errant.map(({ record }) => record.offset).toSorted(), [0, 2, 4]);
  t.same(await store.cql('SELECT id, n FROM t'), [
    { id: 'a', n: 1 },
    { id: 'b', n: 2 },
  ]);
});

t.test('names that need quotes or try to be statements are names', { skip }, async (t) => {
  await using store = await testStore();
  const evil = 'x"; DROP TABLE safe; --';
  const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
  await store.cql('CREATE TABLE safe (id int PRIMARY KEY)');
  await store.cql(`CREATE TABLE "Select" (id int PRIMARY KEY, ${quoted(evil)} text, "MixedCase" text)`);
  const run = await store.run({
    topics: 't',
    [`topic.t.${store.keyspace}."Select".mapping`]: `id=key, ${quoted(evil)}=value.${quoted(evil)}, MixedCase=value.a`,
  });
  await run.put([{ topic: 't', key: 1, value: { [evil]: "'); DROP TABLE safe; --", a: '"' } }]);
  await run.close();
  t.same(await store.cql('SELECT * FROM "Select"'), [{ id: 1, [evil]: "'); DROP TABLE safe; --", MixedCase: '"' }]);
  t.same(await store.cql('SELECT * FROM safe'), []);
});

t.test('ignoreErrors=All only logs what cannot be stored', { skip }, async (t) => {
  await using store = await testStore();
  await store.cql('CREATE TABLE t (id int PRIMARY KEY)');
  const run = await store.run(
    { topics: 't', ignoreErrors: 'all', [store.key('t', 't')]: 'id=key' },
    { tolerant: false },
  );
  await run.put([
    { topic: 't', key: 'x' },
    { topic: 't', key: 1 },
  ]);
  await run.close();
  t.same(await store.cql('SELECT * FROM t'), [{ id: 1 }]);
  t.match(run.log, [
    { level: 'warn', message: /A record was left out \(ignoreErrors=All\): t-0 at 0: Key column 'id'/ },
  ]);
});
