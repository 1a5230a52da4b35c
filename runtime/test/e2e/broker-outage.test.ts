/** A broker that is killed and stays away for longer than every timeout of the clients: tasks go on by themselves when it is back. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Props } from '@tributary/api';
import { kafka, skipUnlessAvailable } from '@tributary/services';
import t, { type Test } from 'tap';
import { openKafka } from '../../src/broker/kafka/index.ts';
import { text } from '../broker/contract/support.ts';
import { groupOf, type TestWorker, testWorker, until } from '../support/worker.ts';

const STRING = 'org.apache.kafka.connect.storage.StringConverter';
const NUMBERS = 6_000;
const isBad = (n: number): boolean => n % 100 === 50;

/** Counts slowly, from where the offsets say. */
const COUNTER = `
import { setTimeout as sleep } from 'node:timers/promises';
import { defineSource, int, Schema, string } from '@tributary/api';
export default defineSource({
  class: 'example.SlowCounter',
  version: '1.0.0',
  config: { topic: string({ doc: 'Where to.' }), limit: int({ doc: 'How far.' }) },
  exactlyOnceSupport: () => 'supported',
  async *run({ topic, limit }, { offsets, signal }) {
    const sourcePartition = { counter: 'main' };
    const start = ((await offsets.get(sourcePartition))?.n ?? -1) + 1;
    for (let first = start; first < limit; first += 20) {
      const numbers = Array.from({ length: Math.min(20, limit - first) }, (_none, i) => first + i);
      yield numbers.map((n) => ({
        topic, value: String(n), valueSchema: Schema.string(), sourcePartition, sourceOffset: { n },
      }));
      await sleep(5, undefined, { signal });
    }
  },
});`;

/** Appends numbers to a file; it cannot take those that end in 50. */
const PICKY = `
import { appendFileSync } from 'node:fs';
import { DataError, defineSink, string } from '@tributary/api';
export default defineSink({
  class: 'example.PickySink',
  version: '1.0.0',
  config: { file: string({ doc: 'Where to.' }) },
  start: ({ file }, { reportErrant }) => ({
    put(records) {
      const good = records.filter((record) => {
        const bad = Number(record.value) % 100 === 50;
        if (bad) reportErrant(record, new DataError('no'));
        return !bad;
      });
      if (good.length > 0) appendFileSync(file, good.map(({ value }) => value + '\\n').join(''));
    },
  }),
});`;

/** So short that an outage of seconds is longer than all of them. */
const IMPATIENT: Props = {
  'producer.override.request.timeout.ms': '1000',
  'producer.override.delivery.timeout.ms': '1500',
  'producer.override.max.block.ms': '1500',
  'producer.override.transaction.timeout.ms': '2000',
  'producer.override.default.api.timeout.ms': '1500',
};

const numbersIn = (file: string): number[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1).map(Number) : [];

async function create({ call }: TestWorker, name: string, config: Props): Promise<void> {
  const { status, text } = await call('POST', '/connectors', { name, config });
  if (status !== 201) throw new Error(text);
}

async function contentsOf(bootstrap: string, topic: string): Promise<number[]> {
  const broker = await openKafka({ configs: { 'bootstrap.servers': bootstrap }, clientId: 'test' });
  const found: number[] = [];
  const reader = broker.reader({
    clientId: 'test',
    topic,
    onRecords: (records) => found.push(...records.map(({ value }) => Number(text(value)))),
    onError: (error) => {
      throw error;
    },
  });
  await reader.readToEnd();
  await reader.close();
  await broker.close();
  return found;
}

/** @param seen what the worker says before the broker comes back */
async function outage(
  t: Test,
  worker: Props,
  connector: Props,
  seen: readonly string[],
): Promise<{ topic: number[]; letters: number[] }> {
  const server = await kafka({
    jit: 'quick',
    properties: {
      'group.min.session.timeout.ms': '1000',
      'transaction.abort.timed.out.transaction.cleanup.interval.ms': '200',
    },
  });
  t.teardown(() => server.stop());
  const folder = join(t.testdir(), 'plugins');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'counter.js'), COUNTER);
  writeFileSync(join(folder, 'picky.js'), PICKY);
  const running = await testWorker(t, {
    'bootstrap.servers': server.bootstrap,
    ...groupOf('outage'),
    'plugin.path': folder,
    'key.converter': STRING,
    'value.converter': STRING,
    ...worker,
  });
  const file = join(running.dir, 'out.txt');
  await create(running, 'counter', {
    'connector.class': 'SlowCounter',
    topic: 'numbers',
    limit: String(NUMBERS),
    ...connector,
  });
  await create(running, 'picky', {
    'connector.class': 'PickySink',
    topics: 'numbers',
    file,
    'consumer.override.session.timeout.ms': '2000',
    'consumer.override.heartbeat.interval.ms': '200',
    'errors.tolerance': 'all',
    'errors.deadletterqueue.topic.name': 'letters',
    'errors.deadletterqueue.topic.replication.factor': '1',
    ...IMPATIENT,
  });
  await until(() => numbersIn(file).length > 500);
  await server.kill();
  const logged = (part: string): boolean => running.log.some((line) => line.includes(part));
  await until(() => ['Partitions were lost', ...seen].every(logged));
  await server.restart();
  await until(() => new Set(numbersIn(file)).size === NUMBERS - NUMBERS / 100);
  await running.untilState('counter', 'RUNNING', 1);
  await running.untilState('picky', 'RUNNING', 1);
  t.notOk(logged('The task has failed'), 'no task has failed');
  const letters = NUMBERS / 100;
  await until(async () => new Set(await contentsOf(server.bootstrap, 'letters')).size === letters);
  return {
    topic: await contentsOf(server.bootstrap, 'numbers'),
    letters: await contentsOf(server.bootstrap, 'letters'),
  };
}

t.test(
  'a broker that is away for longer than clients wait',
  { skip: await skipUnlessAvailable('kafka') },
  async (t) => {
    const all = Array.from({ length: NUMBERS }, (_none, n) => n);

    const ONCE: Props = { 'exactly.once.source.support': 'enabled' };

    await t.test('nothing is lost', async (t) => {
      const { topic } = await outage(t, {}, IMPATIENT, ['the task starts again', 'waits for the broker']);
      t.same(
        [...new Set(topic)].sort((a, b) => a - b),
        all,
      );
    });

    await t.test('with exactly-once support each record and each dead letter is there once, in order', async (t) => {
      const { topic, letters } = await outage(t, ONCE, IMPATIENT, ['the task starts again']);
      t.same(topic, all);
      t.same(letters, all.filter(isBad));
    });

    await t.test('so it is where the broker may end a transaction before the client gives it up', async (t) => {
      const connector = {
        'transaction.boundary': 'interval',
        'transaction.boundary.interval.ms': '1500',
        'producer.override.transaction.timeout.ms': '2000',
      };
      const { topic, letters } = await outage(t, ONCE, connector, []);
      t.same(topic, all);
      t.same(letters, all.filter(isBad));
    });
  },
);
