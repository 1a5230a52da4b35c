import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text as readText } from 'node:stream/consumers';
import t from 'tap';
import { BrokerUnavailableError } from '../../../src/broker/errors.ts';
import { contents, newFolder, openFolder } from './support.ts';

const FILLER = `${import.meta.dirname}/fixtures/filler.ts`;

t.test(
  'a file that cannot grow fails producers clearly, keeps what was stored, and recovers with retention',
  {
    skip: process.platform === 'win32',
  },
  async (t) => {
    const folder = newFolder(t.testdir());
    // 8 MB: ulimit counts blocks of 512 or 1,024 bytes, as the shell likes.
    const child = spawn(
      'sh',
      ['-c', 'ulimit -f 8192; exec "$0" --conditions=tributary-source "$@"', process.execPath, FILLER, folder],
      {
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    const [output, [code]] = await Promise.all([readText(child.stdout), once(child, 'close')]);
    t.equal(code, 0, 'the process lives on and closes');
    const report = JSON.parse(output) as Record<string, unknown>;
    t.ok((report.calls as number) > 20);
    t.equal(report.retriable, true);
    t.match(report.message, folder);
    t.match(report.message, /free some space|retention/);
    t.equal(report.readable, (report.calls as number) * 2, 'everything acknowledged can be read, and nothing else');
    t.equal(report.recovered, true, 'deleting old records makes room');
    t.equal(report.atEnd, true);
  },
);

t.test("embedded.max.bytes is a limit of one's own", async (t) => {
  const folder = newFolder(t.testdir());
  const broker = await openFolder(folder, { 'embedded.max.bytes': '1000000' });
  t.teardown(() => broker.close());
  await broker.topics.create({ name: 'full', partitions: 1, replicationFactor: 1, configs: {} });
  const record = { topic: 'full', partition: 0, key: null, value: Buffer.alloc(100_000), timestamp: null, headers: [] };
  const producer = await broker.producer({ clientId: 'test' });
  for (let call = 0; call < 9; call++) await producer.send([record]);
  const refused = { message: /embedded\.max\.bytes/ };
  await t.rejects(producer.send([record]), refused);
  await t.rejects(producer.send([record]), BrokerUnavailableError, 'the producer is broken');
  t.equal((await contents(broker, 'full')).length, 9);
  const transactional = await broker.producer({ clientId: 'test', transactionalId: 'x' });
  await transactional.begin();
  await transactional.send([record]);
  await t.rejects(transactional.commit(), refused);
  await transactional.close();
  await broker.topics.delete(['full']);
  await broker.topics.create({ name: 'full', partitions: 1, replicationFactor: 1, configs: {} });
  const next = await broker.producer({ clientId: 'test' });
  await next.send([record]);
  t.equal((await contents(broker, 'full')).length, 1, 'it goes on once there is room');
});

t.test('a transaction beyond its limit can only be aborted', async (t) => {
  const broker = await openFolder(newFolder(t.testdir()), { 'embedded.transaction.max.bytes': '10000' });
  t.teardown(() => broker.close());
  await broker.topics.create({ name: 'topic', partitions: 1, replicationFactor: 1, configs: {} });
  const record = { topic: 'topic', partition: 0, key: null, value: Buffer.alloc(4000), timestamp: null, headers: [] };
  const producer = await broker.producer({ clientId: 'test', transactionalId: 'x' });
  await producer.begin();
  await producer.send([record, record]);
  await t.rejects(producer.send([record]), { message: /embedded\.transaction\.max\.bytes=10000/ });
  await t.rejects(producer.commit(), { code: 'TRANSACTION_ABORTABLE' });
  await producer.abort();
  await producer.begin();
  await producer.send([record]);
  await producer.commit();
  t.equal((await contents(broker, 'topic')).length, 1);
});
