import t from 'tap';
import { contents, newFolder, openFolder } from './support.ts';

const open = async (t: { testdir(): string; teardown(f: () => unknown): void }) => {
  const broker = await openFolder(newFolder(t.testdir()));
  t.teardown(() => broker.close());
  await broker.topics.create({ name: 'topic', partitions: 1, replicationFactor: 1, configs: {} });
  return broker;
};

const record = (value: string) => ({
  topic: 'topic',
  partition: 0,
  key: null,
  value: Buffer.from(value),
  timestamp: null,
  headers: [],
});

t.test('a static member takes the place of the earlier one with its instance id', async (t) => {
  const broker = await open(t);
  const member = () =>
    broker.consumer({ clientId: 'test', groupId: 'g', topics: ['topic'], groupInstanceId: 'static' });
  const earlier = member();
  await earlier.poll({ maxRecords: 1, timeoutMs: 0 });
  const later = member();
  await later.poll({ maxRecords: 1, timeoutMs: 0 });
  t.equal(later.assignment.length, 1);
  await t.rejects(earlier.poll({ maxRecords: 1, timeoutMs: 0 }), { code: 'FENCED_INSTANCE_ID' });
});

t.test('a topic that was deleted and made again is read from its start', async (t) => {
  const broker = await open(t);
  const producer = await broker.producer({ clientId: 'test' });
  await producer.send([record('a'), record('b'), record('c')]);
  const consumer = broker.consumer({ clientId: 'test', groupId: 'g', topics: ['topic'] });
  t.equal((await consumer.poll({ maxRecords: 10, timeoutMs: 1000 })).length, 3);
  await consumer.commit([{ topic: 'topic', partition: 0, offset: 3 }]);
  await broker.topics.delete(['topic']);
  t.strictSame(await broker.groups.committed('g'), [], 'its offsets are gone');
  await broker.topics.create({ name: 'topic', partitions: 1, replicationFactor: 1, configs: {} });
  await producer.send([record('d')]);
  const [read] = await consumer.poll({ maxRecords: 10, timeoutMs: 1000 });
  t.match(read, { offset: 0, value: Buffer.from('d') });
});

t.test('a large send leaves the event loop its turns, and later sends come after it', async (t) => {
  const broker = await open(t);
  const producer = await broker.producer({ clientId: 'test' });
  const many = Array.from({ length: 100_000 }, (_, n) => record(`${n}`));
  let turns = 0;
  let running = true;
  const turn = (): void => {
    turns++;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  const [large, small] = await Promise.all([producer.send(many), producer.send([record('last')])]);
  running = false;
  t.ok(turns > 5, `${turns} turns`);
  t.equal(large.length, 100_000);
  t.equal(large.at(-1)?.offset, 99_999);
  t.equal(small[0]?.offset, 100_000);
  const read = await contents(broker, 'topic');
  t.ok(read.every((r, n) => r.offset === n && Buffer.from(r.value!).toString() === (n === 100_000 ? 'last' : `${n}`)));
});

t.test('a send that is refused stores nothing of itself and does not end the producer', async (t) => {
  const broker = await open(t);
  const producer = await broker.producer({ clientId: 'test' });
  await t.rejects(producer.send([record('a'), { ...record('b'), topic: 'missing' }]), {
    code: 'UNKNOWN_TOPIC_OR_PARTITION',
  });
  await producer.send([record('c')]);
  t.strictSame(
    (await contents(broker, 'topic')).map((r) => Buffer.from(r.value!).toString()),
    ['c'],
  );
});

t.test('everything is there after a restart: offsets of groups, ends of partitions, configs', async (t) => {
  const folder = newFolder(t.testdir());
  const first = await openFolder(folder);
  await first.topics.create({ name: 'topic', partitions: 2, replicationFactor: 1, configs: { 'retention.ms': '-1' } });
  const producer = await first.producer({ clientId: 'test', transactionalId: 'tx' });
  await producer.begin();
  await producer.send([record('a'), record('b')]);
  await producer.commit();
  await first.groups.alter('g', [{ topic: 'topic', partition: 0, offset: 1 }]);
  await first.close();
  const second = await openFolder(folder);
  t.teardown(() => second.close());
  t.strictSame(await second.groups.committed('g'), [{ topic: 'topic', partition: 0, offset: 1 }]);
  t.strictSame(
    (await second.topics.endOffsets('topic')).map(({ offset }) => offset),
    [2, 0],
  );
  t.equal((await second.topics.describe(['topic'])).get('topic')?.configs['retention.ms'], '-1');
});
