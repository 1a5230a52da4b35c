import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import t from 'tap';
import { BrokerUnavailableError } from '../../../src/broker/errors.ts';
import { connectBroker, serveBroker } from '../../../src/broker/remote/index.ts';
import { contents, newFolder, openFolder } from '../embedded/support.ts';

t.test(
  'a worker thread reads and writes the log of the main thread; when it dies, what it had open is let go',
  async (t) => {
    const broker = await openFolder(newFolder(t.testdir()));
    t.teardown(() => broker.close());
    for (const name of ['in', 'out']) {
      await broker.topics.create({ name, partitions: 1, replicationFactor: 1, configs: {} });
    }
    const { port1, port2 } = new MessageChannel();
    serveBroker(broker, port1);
    const worker = new Worker(`${import.meta.dirname}/fixtures/thread.ts`, {
      workerData: { port: port2 },
      transferList: [port2],
      execArgv: ['--conditions=tributary-source'],
    });
    const producer = await broker.producer({ clientId: 'test' });
    const value = Buffer.from('through the thread');
    await producer.send([{ topic: 'in', partition: 0, key: null, value, timestamp: 7, headers: [] }]);
    t.strictSame(await once(worker, 'message'), [1]);
    t.strictSame(await broker.groups.committed('thread'), [{ topic: 'in', partition: 0, offset: 1 }]);
    await t.rejects(broker.groups.deleteGroup('thread'), { code: 'NON_EMPTY_GROUP' });
    await worker.terminate();
    while ((await broker.topics.endOffsets('out', 'read_committed'))[0]!.offset < 2) await new Promise(setImmediate);
    const records = await contents(broker, 'out');
    t.strictSame(
      records.map((r) => [r.offset, r.timestamp, Buffer.from(r.value!).toString()]),
      [[0, 7, 'through the thread']],
      'its open transaction is aborted',
    );
    await broker.groups.deleteGroup('thread');
  },
);

t.test('when the main thread stops serving, calls fail with an error that can be retried', async (t) => {
  const broker = await openFolder(newFolder(t.testdir()));
  t.teardown(() => broker.close());
  const { port1, port2 } = new MessageChannel();
  const stop = serveBroker(broker, port1);
  const remote = await connectBroker(port2);
  const consumer = remote.consumer({ clientId: 'test', groupId: 'g', topics: ['missing'] });
  const polled = consumer.poll({ maxRecords: 1, timeoutMs: 600_000 });
  const stopped = remote.topics.list().then(() => stop());
  await t.rejects(polled);
  await stopped;
  await t.rejects(
    (async () => {
      for (;;) await remote.topics.list();
    })(),
    BrokerUnavailableError,
  );
  await remote.close();
});
