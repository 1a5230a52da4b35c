import type { Test } from 'tap';
import { BrokerError } from '../../../src/broker/errors.ts';
import { type Bench, record } from './support.ts';

export async function topics(t: Test, bench: Bench): Promise<void> {
  const { broker } = bench;

  await t.test('a topic is created once', async (t) => {
    const name = bench.name('topic');
    const spec = { name, partitions: 3, replicationFactor: 1, configs: {} };
    t.equal(await broker.topics.create(spec), true);
    t.equal(await broker.topics.create({ ...spec, partitions: 5 }), false);
    const described = await broker.topics.describe([name]);
    t.equal(described.get(name)?.partitions, 3, 'the second call changed nothing');
  });

  await t.test('of many calls at once that create a topic, one creates it', async (t) => {
    const name = bench.name('topic');
    const spec = { name, partitions: 1, replicationFactor: 1, configs: {} };
    const created = await Promise.all(Array.from({ length: 5 }, () => broker.topics.create(spec)));
    const makers = created.filter(Boolean).length;
    if (bench.options.answersGetLost) t.ok(makers >= 1, 'whoever did not hear the answer may have created it');
    else t.equal(makers, 1);
  });

  await t.test('a description shows the given configs and the defaults', async (t) => {
    const name = await bench.topic(2, { 'cleanup.policy': 'compact', 'min.insync.replicas': '1' });
    const topic = (await broker.topics.describe([name])).get(name);
    t.match(topic, { name, partitions: 2, replicationFactor: 1 });
    t.equal(topic?.configs['cleanup.policy'], 'compact');
    t.equal(topic?.configs['min.insync.replicas'], '1');
    t.ok(topic?.configs['retention.ms'], 'a default');
    t.ok(topic?.configs['max.message.bytes'], 'another default');
    const plain = await bench.topic();
    t.equal((await broker.topics.describe([plain])).get(plain)?.configs['cleanup.policy'], 'delete');
  });

  await t.test('a topic that does not exist is missing in a description and in the list', async (t) => {
    const name = await bench.topic();
    const missing = bench.name('missing');
    const described = await broker.topics.describe([missing, name]);
    t.strictSame([...described.keys()], [name]);
    const list = await broker.topics.list();
    t.ok(list.includes(name));
    t.notOk(list.includes(missing));
    t.notOk(list.includes('__consumer_offsets'));
  });

  await t.test('partitions and replication factor of -1 are the broker defaults', async (t) => {
    const name = bench.name('topic');
    t.equal(await broker.topics.create({ name, partitions: -1, replicationFactor: -1, configs: {} }), true);
    t.ok(((await broker.topics.describe([name])).get(name)?.partitions ?? 0) >= 1);
  });

  await t.test('an impossible topic is refused', async (t) => {
    const spec = { name: 'not/a topic', partitions: 1, replicationFactor: 1, configs: {} };
    await t.rejects(broker.topics.create(spec), BrokerError);
    await t.rejects(broker.topics.create({ ...spec, name: bench.name('topic'), partitions: 0 }), BrokerError);
  });

  await t.test('a deleted topic is gone, and one of the same name starts anew', async (t) => {
    const name = await bench.topic();
    await bench.send([record(name, 'old')]);
    await broker.topics.delete([name, bench.name('missing')]);
    await bench.until('the topic is gone', async () => !(await broker.topics.list()).includes(name));
    t.equal((await broker.topics.describe([name])).size, 0);
    await bench.until('it can be created again', () =>
      broker.topics.create({ name, partitions: 1, replicationFactor: 1, configs: {} }),
    );
    await bench.send([record(name, 'new')]);
    t.strictSame(
      (await bench.contents(name)).map((r) => [r.offset, Buffer.from(r.value!).toString()]),
      [[0, 'new']],
    );
  });

  await t.test('offsets at the beginning and the end are told for every partition', async (t) => {
    const topic = await bench.topic(2);
    t.strictSame(await broker.topics.endOffsets(topic), [
      { topic, partition: 0, offset: 0 },
      { topic, partition: 1, offset: 0 },
    ]);
    await bench.send([record(topic, 'a', { partition: 1 }), record(topic, 'b', { partition: 1 })]);
    t.strictSame(await broker.topics.endOffsets(topic, 'read_committed'), [
      { topic, partition: 0, offset: 0 },
      { topic, partition: 1, offset: 2 },
    ]);
    t.strictSame(await broker.topics.beginningOffsets(topic), [
      { topic, partition: 0, offset: 0 },
      { topic, partition: 1, offset: 0 },
    ]);
  });

  await t.test('offsets of a topic that does not exist are an error that names it', async (t) => {
    const missing = bench.name('missing');
    const expected = { code: 'UNKNOWN_TOPIC_OR_PARTITION', message: new RegExp(missing) };
    await t.rejects(broker.topics.endOffsets(missing), expected);
    await t.rejects(broker.topics.beginningOffsets(missing), expected);
  });
}
