/** Sources that write each record once (KIP-618), on Kafka and on the embedded log. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Props } from '@tributary/api';
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t, { type Test } from 'tap';
import { ProducerFencedError } from '../../src/broker/errors.ts';
import { openKafka } from '../../src/broker/kafka/index.ts';
import { followTopic, topicValues } from '../java/topic-log.ts';
import { groupOf, type TestWorker, testWorker, until } from '../support/worker.ts';

const STRING = 'org.apache.kafka.connect.storage.StringConverter';

const lines = (file: string): string[] => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []);

/**
 * Counts to a limit in batches of ten. It commits by itself where it may, each third batch taken back; and it fails once where it is asked to.
 */
const COUNTER = `
import { boolean, defineSource, int, Schema, string } from '@tributary/api';
let failed = false;
export default defineSource({
  class: 'example.TransactionalCounter',
  version: '1.0.0',
  config: {
    topic: string({ doc: 'Where to.' }),
    limit: int({ default: 100, doc: 'How far.' }),
    'fails.at': int({ default: -1, doc: 'Where it fails once.' }),
  },
  exactlyOnceSupport: () => 'supported',
  canDefineTransactionBoundaries: () => 'supported',
  async *run(config, { offsets, transactions }) {
    const partition = { counter: 'main' };
    const start = ((await offsets.get(partition))?.n ?? -1) + 1;
    for (let first = start; first < config.limit; first += 10) {
      if (first <= config['fails.at'] && config['fails.at'] < first + 10 && !failed) {
        failed = true;
        throw new Error('as asked');
      }
      const numbers = Array.from({ length: Math.min(10, config.limit - first) }, (_none, i) => first + i);
      yield numbers.map((n) => ({ topic: config.topic, value: String(n), valueSchema: Schema.string(), sourcePartition: partition, sourceOffset: { n } }));
      if (first % 30 === 20) transactions?.abort();
      else transactions?.commit();
    }
  },
});`;

const KAFKA = await skipUnlessAvailable('kafka');

async function counterWorker(t: Test, kafka: boolean, id: string, more: Props = {}): Promise<TestWorker> {
  const folder = join(t.testdir(), 'plugins');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'counter.js'), COUNTER);
  const broker: Props = kafka
    ? {
        'bootstrap.servers': await sharedKafka(),
        ...groupOf(id),
        'exactly.once.source.support': 'enabled',
      }
    : {};
  return testWorker(t, {
    ...broker,
    'plugin.path': folder,
    'key.converter': STRING,
    'value.converter': STRING,
    ...more,
  });
}

async function create({ call }: TestWorker, name: string, config: object): Promise<void> {
  const { status, text } = await call('POST', '/connectors', { name, config });
  if (status !== 201) throw new Error(text);
}

for (const kafka of [false, true]) {
  const where = kafka ? 'on Kafka' : 'on the embedded log';
  const idOf = (what: string): string => `eos-${what}-${process.pid}-${Date.now()}`;
  const skip = kafka && KAFKA;

  for (const boundary of ['poll', 'interval'])
    t.test(
      `with boundary ${boundary} ${where} a source that fails and is restarted writes each record once`,
      { skip },
      async (t) => {
        const id = idOf(boundary);
        const worker = await counterWorker(t, kafka, id);
        const output = join(worker.dir, 'out.txt');
        await create(worker, `${id}-src`, {
          'connector.class': 'TransactionalCounter',
          topic: id,
          limit: 500,
          'fails.at': 250,
          'exactly.once.support': 'required',
          'transaction.boundary': boundary,
          'transaction.boundary.interval.ms': 50,
        });
        await create(worker, `${id}-snk`, { 'connector.class': 'FileStreamSink', topics: id, file: output });
        await until(
          async () => (await worker.call('GET', `/connectors/${id}-src/tasks/0/status`)).json?.state === 'FAILED',
        );
        await worker.call('POST', `/connectors/${id}-src/tasks/0/restart`);
        await until(() => lines(output).at(-1) === '499');
        t.same(
          lines(output),
          Array.from({ length: 500 }, (_none, n) => String(n)),
        );
        await worker.restart();
        await worker.untilState(`${id}-src`, 'RUNNING', 1);
        const { json } = await worker.call('GET', `/connectors/${id}-src/offsets`);
        t.same(json.offsets, [{ partition: { counter: 'main' }, offset: { n: 499 } }]);
      },
    );

  t.test(
    `with boundary connector ${where} the source commits and takes back; what it took back does not come again`,
    { skip },
    async (t) => {
      const id = idOf('connector');
      const worker = await counterWorker(t, kafka, id);
      const output = join(worker.dir, 'out.txt');
      await create(worker, `${id}-src`, {
        'connector.class': 'TransactionalCounter',
        topic: id,
        limit: 100,
        'transaction.boundary': 'connector',
      });
      await create(worker, `${id}-snk`, { 'connector.class': 'FileStreamSink', topics: id, file: output });
      const kept = Array.from({ length: 100 }, (_none, n) => n).filter((n) => Math.floor(n / 10) % 3 !== 2);
      await until(() => lines(output).at(-1) === '99');
      t.same(lines(output), kept.map(String));
      await until(async () => {
        const { json } = await worker.call('GET', `/connectors/${id}-src/offsets`);
        return json.offsets[0]?.offset.n === 99;
      });
    },
  );
}

t.test(
  'a source that asks for exactly-once is refused where the worker or the connector cannot',
  { skip: KAFKA },
  async (t) => {
    const id = `eos-refused-${process.pid}-${Date.now()}`;
    const worker = await counterWorker(t, true, id, { 'exactly.once.source.support': 'disabled' });
    const config = { 'connector.class': 'FileStreamSource', file: join(worker.dir, 'in.txt'), topic: id };
    const required = await worker.call('POST', '/connectors', {
      name: `${id}-a`,
      config: { ...config, 'exactly.once.support': 'required' },
    });
    t.match(required.json, {
      error_code: 400,
      message: /This worker does not have exactly-once source support enabled\./,
    });
    const bounded = await worker.call('POST', '/connectors', {
      name: `${id}-b`,
      config: { ...config, 'transaction.boundary': 'connector' },
    });
    t.match(bounded.json, { error_code: 400, message: /does not support connector-defined transaction boundaries/ });
  },
);

t.test(
  'a task that is fenced by a zombie takes over again, and writes each record once',
  { skip: KAFKA },
  async (t) => {
    const id = `eos-fenced-${process.pid}-${Date.now()}`;
    const worker = await counterWorker(t, true, id);
    const input = join(worker.dir, 'in.txt');
    writeFileSync(input, 'one\n');
    await create(worker, `${id}-src`, { 'connector.class': 'FileStreamSource', file: input, topic: id });
    await worker.untilState(`${id}-src`, 'RUNNING', 1);
    const broker = await openKafka({ configs: { 'bootstrap.servers': await sharedKafka() }, clientId: 'test' });
    t.teardown(() => broker.close());
    const zombie = await broker.producer({ clientId: 'test', transactionalId: `${id}-${id}-src-0` });
    t.teardown(() => zombie.close());
    writeFileSync(input, 'one\ntwo\n');
    await until(async () => (await topicValues(broker, id).catch((): string[] => [])).includes('two'));
    t.same(await topicValues(broker, id), ['one', 'two']);
    await worker.untilState(`${id}-src`, 'RUNNING', 1);
    t.ok(
      worker.log.some((line) =>
        /The producer of the task was fenced by another one; the task starts again: .* has taken over the transactional id/.test(
          line,
        ),
      ),
    );
  },
);

t.test(
  'offsets of a stopped source are altered only once its tasks that were left behind cannot write',
  { skip: KAFKA },
  async (t) => {
    const id = `eos-alter-${process.pid}-${Date.now()}`;
    const name = `${id}-src`;
    const worker = await counterWorker(t, true, id);
    const offsets = async (): Promise<unknown> =>
      (await worker.call('GET', `/connectors/${name}/offsets`)).json.offsets;
    const broker = await openKafka({ configs: { 'bootstrap.servers': await sharedKafka() }, clientId: 'test' });
    t.teardown(() => broker.close());
    const configs = followTopic(broker, `${id}-configs`);
    const fencings = async (): Promise<unknown> => {
      await configs.readToEnd();
      return configs.records.filter(({ key }) => key === `tasks-fencing-${name}`).map(({ value }) => value);
    };
    await create(worker, name, { 'connector.class': 'TransactionalCounter', topic: id, limit: 10 });
    await until(async () => isDeepStrictEqual(await offsets(), [{ partition: { counter: 'main' }, offset: { n: 9 } }]));
    await worker.call('PUT', `/connectors/${name}/stop`);
    await worker.untilState(name, 'STOPPED');
    t.same(await fencings(), ['{"task-count":1}']);

    const zombie = await broker.producer({ clientId: 'test', transactionalId: `${id}-${name}-0` });
    t.teardown(() => zombie.close(0));
    await zombie.begin();
    const [key, value] = [JSON.stringify([name, { counter: 'main' }]), '{"n":7}'].map((text) => Buffer.from(text));
    const late = { topic: `${id}-offsets`, partition: null, key: key!, value: value!, timestamp: null, headers: [] };
    await zombie.send([late]);
    const altered = [{ partition: { counter: 'main' }, offset: { n: 4 } }];
    const answer = await worker.call('PATCH', `/connectors/${name}/offsets`, { offsets: altered });
    t.match(answer.json, { message: /have been altered successfully/ });
    await t.rejects(zombie.commit(), ProducerFencedError);
    t.same(await offsets(), altered);
    t.same(await fencings(), ['{"task-count":1}', '{"task-count":0}']);

    await worker.call('PUT', `/connectors/${name}/resume`);
    await until(async () => (await topicValues(broker, id)).length > 10);
    t.same(await topicValues(broker, id), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 5, 6, 7, 8, 9].map(String));
    await worker.call('PUT', `/connectors/${name}/stop`);
    await worker.untilState(name, 'STOPPED');
    t.match((await worker.call('DELETE', `/connectors/${name}/offsets`)).json, {
      message: /have been reset successfully/,
    });
    t.same(await offsets(), []);
  },
);
