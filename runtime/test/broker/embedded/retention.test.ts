import t from 'tap';
import type { EmbeddedBroker } from '../../../src/broker/embedded/broker.ts';
import { contents, newFolder, openFolder } from './support.ts';

const open = async (t: { testdir(): string; teardown(f: () => unknown): void }, configs = {}) => {
  const folder = newFolder(t.testdir());
  const broker = await openFolder(folder, configs);
  t.teardown(() => broker.close());
  return { broker, folder };
};

async function fill(broker: EmbeddedBroker, topic: string, calls: number, timestamp: number | null): Promise<void> {
  const producer = await broker.producer({ clientId: 'test' });
  for (let call = 0; call < calls; call++) {
    await producer.send(
      Array.from({ length: 10 }, () => ({
        topic,
        partition: 0,
        key: null,
        value: Buffer.alloc(1000),
        timestamp,
        headers: [],
      })),
    );
  }
  await producer.close();
}

const begin = async (broker: EmbeddedBroker, topic: string): Promise<number> =>
  (await broker.topics.beginningOffsets(topic))[0]!.offset;

t.test('records older than retention.ms are deleted, younger ones stay', async (t) => {
  const { broker, folder } = await open(t);
  await broker.topics.create({
    name: 'aging',
    partitions: 1,
    replicationFactor: 1,
    configs: { 'retention.ms': '60000' },
  });
  await fill(broker, 'aging', 100, Date.now() - 120_000);
  await fill(broker, 'aging', 3, null);
  t.equal(await begin(broker, 'aging'), 0);
  await broker.housekeep();
  t.equal(await begin(broker, 'aging'), 1000);
  t.equal((await contents(broker, 'aging'))[0]?.offset, 1000);
  t.equal((await broker.topics.endOffsets('aging'))[0]?.offset, 1030);
  await broker.close();
  const again = await openFolder(folder);
  t.teardown(() => again.close());
  t.equal(await begin(again, 'aging'), 1000, 'the beginning outlives a restart');
  t.equal((await contents(again, 'aging')).length, 30);
});

t.test('offsets go on where they were when all records are deleted', async (t) => {
  const { broker, folder } = await open(t);
  await broker.topics.create({
    name: 'gone',
    partitions: 1,
    replicationFactor: 1,
    configs: { 'retention.ms': '1000' },
  });
  await fill(broker, 'gone', 2, 1);
  await broker.housekeep();
  t.strictSame(await contents(broker, 'gone'), []);
  await broker.close();
  const again = await openFolder(folder);
  t.teardown(() => again.close());
  t.equal((await again.topics.endOffsets('gone'))[0]?.offset, 20);
  await fill(again, 'gone', 1, null);
  t.equal((await contents(again, 'gone'))[0]?.offset, 20);
});

t.test('a partition beyond retention.bytes loses its oldest records', async (t) => {
  const { broker } = await open(t, { 'embedded.retention.bytes': '200000' });
  await broker.topics.create({ name: 'small', partitions: 1, replicationFactor: 1, configs: {} });
  t.equal((await broker.topics.describe(['small'])).get('small')?.configs['retention.bytes'], '200000');
  await fill(broker, 'small', 100, null);
  await broker.housekeep();
  const left = await contents(broker, 'small');
  t.ok(left.length >= 180 && left.length < 200, `${left.length} records of 1,000 bytes are left`);
  t.equal(left.at(-1)?.offset, 999, 'the newest ones');
});

t.test('housekeeping happens by itself', async (t) => {
  const { broker } = await open(t, { 'embedded.retention.bytes': '50000', 'embedded.housekeeping.interval.ms': '20' });
  await broker.topics.create({ name: 'small', partitions: 1, replicationFactor: 1, configs: {} });
  await fill(broker, 'small', 50, null);
  while ((await begin(broker, 'small')) === 0) await new Promise(setImmediate);
  t.pass();
});

t.test('a reader whose place was deleted goes on at the beginning', async (t) => {
  const { broker } = await open(t, { 'embedded.retention.bytes': '50000' });
  await broker.topics.create({ name: 'small', partitions: 1, replicationFactor: 1, configs: {} });
  await fill(broker, 'small', 50, null);
  const consumer = broker.consumer({ clientId: 'test', groupId: 'slow', topics: ['small'] });
  const [first] = await consumer.poll({ maxRecords: 1, timeoutMs: 1000 });
  t.equal(first?.offset, 0);
  await consumer.commit([{ topic: 'small', partition: 0, offset: 1 }]);
  await consumer.close();
  await broker.housekeep();
  const next = broker.consumer({ clientId: 'test', groupId: 'slow', topics: ['small'] });
  const [record] = await next.poll({ maxRecords: 1, timeoutMs: 1000 });
  t.equal(record?.offset, await begin(broker, 'small'));
});

t.test('the space of deleted records and topics is used again', async (t) => {
  const { broker, folder } = await open(t, { 'embedded.retention.bytes': '1000000' });
  const { statSync } = await import('node:fs');
  const size = (): number => statSync(`${folder}/log/data.mdb`).size;
  await broker.topics.create({ name: 'round', partitions: 1, replicationFactor: 1, configs: {} });
  for (let round = 0; round < 40; round++) {
    await fill(broker, 'round', 50, null);
    await broker.housekeep();
  }
  t.ok(size() < 8_000_000, `20 MB went through a file of ${size()} bytes`);
  for (let round = 0; round < 20; round++) {
    await broker.topics.create({ name: `t${round}`, partitions: 1, replicationFactor: 1, configs: {} });
    await fill(broker, `t${round}`, 50, null);
    await broker.topics.delete([`t${round}`]);
    await broker.housekeep();
  }
  t.ok(size() < 10_000_000, `and 10 MB of deleted topics: ${size()} bytes`);
});
