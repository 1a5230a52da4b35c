import type { SinkRecordInput } from '@tributary/api/testing';
import { cassandra, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { deliver, testStore } from './support/store.ts';

const skip = await skipUnlessAvailable('cassandra');
const AT = 1_700_000_000_000;
const topic = 't';

const record = (n: number, value: object = { v: `v${n}` }): SinkRecordInput => ({
  topic,
  key: n,
  timestamp: AT + n,
  value,
});

const range = (from: number, count: number) => Array.from({ length: count }, (_none, i) => record(from + i));

t.test(
  'Cassandra is killed and comes back in the middle: everything is there once',
  { skip, timeout: 180_000 },
  async (t) => {
    await using server = await cassandra({ jit: 'quick' });
    const { contactPoint, port, localDc } = server;
    const store = await testStore({ contactPoint, port, localDc });
    await store.cql('CREATE TABLE t (id int PRIMARY KEY, v text)');
    await store.client.shutdown();
    const run = await store.run({
      topics: topic,
      [store.key(topic, 't')]: 'id=key, v=value.v',
      'retry.backoff.max.ms': '500',
    });
    await deliver(run, range(0, 500));
    await server.kill();
    const during = deliver(run, range(500, 500));
    await t.rejects(run.put([{ ...record(5000), offset: 5000 }]), {
      name: 'RetriableError',
      message: /Cassandra cannot be reached/,
    });
    await server.restart();
    await during;
    await deliver(run, range(1000, 500));
    await run.flush();
    const after = await testStore(server);
    const [count] = await after.cql(`SELECT count(*) AS n FROM ${store.keyspace}.t`);
    t.equal(count!['n'], 1500n);
    t.same(run.errant, []);
    const lines = run.log.filter(({ level }) => level === 'warn' || level === 'info').map(({ message }) => message);
    t.match(lines, [
      /^Cassandra cannot be reached; its partitions wait until it can be/,
      /^Cassandra takes writes again, after/,
    ]);
    await run.close();
    await after.client.shutdown();
  },
);

t.test('a sink that starts while Cassandra is down waits for it', { skip, timeout: 180_000 }, async (t) => {
  await using server = await cassandra({ jit: 'quick' });
  const store = await testStore(server);
  await store.cql('CREATE TABLE t (id int PRIMARY KEY, v text)');
  await store.client.shutdown();
  const run = await store.run({ topics: topic, 'partition.keys': 'id', 'retry.backoff.max.ms': '500' });
  await server.kill();
  await t.rejects(run.put(range(0, 1)), { name: 'RetriableError' });
  await server.restart();
  await deliver(run, [{ topic, timestamp: AT, value: { id: 1, v: 'x' } }]);
  await run.close();
  const client = await testStore(server);
  t.same(await client.cql(`SELECT * FROM ${store.keyspace}.t`), [{ id: 1, v: 'x' }]);
  await client.client.shutdown();
});

t.test('columns and tables change under it', { skip }, async (t) => {
  await using store = await testStore();
  await store.cql('CREATE TABLE t (id int PRIMARY KEY, v text, w int)');
  const run = await store.run({ topics: topic, 'retry.backoff.max.ms': '50' });
  await deliver(run, [record(0, { id: 0, v: 'a', w: 1 })]);
  await store.cql('ALTER TABLE t DROP w');
  await deliver(run, [record(1, { id: 1, v: 'b', w: 1 })]);
  await store.cql('ALTER TABLE t ADD x bigint');
  await deliver(run, [record(2, { id: 2, v: 'c', x: 5 })]);
  await store.cql('DROP TABLE t');
  await store.cql('CREATE TABLE t (id bigint PRIMARY KEY, v int, x text)');
  await deliver(run, [record(3, { id: 3, v: 7, x: 'd' })]);
  await store.cql('DROP TABLE t');
  // Both have four bytes.
  await store.cql('CREATE TABLE t (id bigint PRIMARY KEY, v float, x text)');
  await deliver(run, [record(3, { id: 3, v: 7, x: 'd' })]);
  await run.close();
  t.same(run.errant, []);
  t.same(await store.cql('SELECT * FROM t'), [{ id: 3n, v: 7, x: 'd' }]);
});

t.test('a table that is gone for a while is waited for; one that stays away fails the task', { skip }, async (t) => {
  await using store = await testStore();
  await store.cql('CREATE TABLE t (id int PRIMARY KEY, v text)');
  const run = await store.run({ topics: topic, 'max.retries': '3', 'retry.backoff.max.ms': '50' });
  await run.put([record(0, { id: 0 })]);
  await store.cql('DROP TABLE t');
  await t.rejects(run.put([record(1, { id: 1 })]), {
    name: 'RetriableError',
    message: /Table "test_\w+"\."t" does not exist/,
  });
  await store.cql('CREATE TABLE t (id int PRIMARY KEY, v text)');
  await deliver(run, [{ ...record(1, { id: 1 }), offset: 1 }]);
  t.same(await store.cql('SELECT id FROM t'), [{ id: 1 }]);
  await store.cql('DROP TABLE t');
  await t.rejects(deliver(run, [record(2, { id: 2 })]), {
    name: 'FatalError',
    message: /refused a write 4 times in a row, the last time with: Table "test_\w+"\."t" does not exist: create it/,
  });
  await run.close();
});

t.test('a column of the mapping that is dropped is named', { skip }, async (t) => {
  await using store = await testStore();
  await store.cql('CREATE TABLE t (id int PRIMARY KEY, v text)');
  const run = await store.run({
    topics: topic,
    [store.key(topic, 't')]: 'id=key, v=value.v',
    'max.retries': '1',
    'retry.backoff.max.ms': '50',
  });
  await run.put([record(0)]);
  await store.cql('ALTER TABLE t DROP v');
  await t.rejects(deliver(run, [record(1)]), {
    message: /topic\.t\.test_\w+\.t\.mapping: Table "test_\w+"\."t" has no column 'v'/,
  });
  await run.close();
});

t.test('one poisoned record in a thousand: each is reported, all others are stored', { skip }, async (t) => {
  await using store = await testStore();
  await store.cql('CREATE TABLE t (id int PRIMARY KEY, v int)');
  const run = await store.run({ topics: topic, [store.key(topic, 't')]: 'id=key, v=value.v' });
  const records = range(0, 5000).map((own, i) => ({ ...own, value: { v: i % 1000 === 500 ? 'poison' : i } }));
  for (let i = 0; i < records.length; i += 500) await run.put(records.slice(i, i + 500));
  await run.close();
  t.same(
    run.errant.map(({ record }) => record.offset),
    [500, 1500, 2500, 3500, 4500],
  );
  const [count] = await store.cql('SELECT count(*) AS n FROM t');
  t.equal(count!['n'], 4995n);
});

t.test(
  'a value of 10 MB is stored; one that Cassandra does not take is reported, and the others are stored',
  { skip, timeout: 120_000 },
  async (t) => {
    await using store = await testStore();
    await store.cql('CREATE TABLE t (id int, n int, v blob, PRIMARY KEY (id, n))');
    const run = await store.run({ topics: topic, [store.key(topic, 't')]: 'id=key, n=value.n, v=value.v' });
    const value = (n: number, megabytes: number) => ({ n, v: Buffer.alloc(megabytes * 1_000_000, n) });
    const records = [1, 10, 0, 15, 20, 2].map((megabytes, n) => ({
      topic,
      key: 1,
      timestamp: AT,
      value: value(n, megabytes),
    }));
    await deliver(run, records);
    await deliver(run, [{ topic, key: 1, timestamp: AT, value: value(9, 1) }]);
    await run.close();
    t.same(
      (await store.cql('SELECT n FROM t')).map(({ n }) => n),
      [0, 1, 2, 3, 5, 9],
    );
    t.match(
      run.errant.map(({ record, error }) => [record.offset, (error as Error).name, (error as Error).message]),
      [[4, 'DataError', /too large|too big|exceeds/i]],
    );
  },
);
