/** Source tasks with exactly-once that ask whether they may write, in each place where tasks run, on Kafka. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t, { type Test } from 'tap';
import { clientKeys } from '../../src/broker/client-keys.ts';
import { ProducerFencedError } from '../../src/broker/errors.ts';
import { openKafka } from '../../src/broker/kafka/index.ts';
import type { Broker, Producer } from '../../src/broker/port.ts';
import { builtIn } from '../../src/built-in.ts';
import { parseWorkerConfig } from '../../src/config/worker-config.ts';
import { openLoggers } from '../../src/logging/output.ts';
import { openRegistry } from '../../src/plugins/registry.ts';
import { ensureInternalTopic } from '../../src/store/internal-topic.ts';
import { OffsetStore } from '../../src/store/offset-store.ts';
import type { HostedTask } from '../../src/tasks/host.ts';
import { openHost } from '../../src/tasks/open-host.ts';
import { topicValues } from '../java/topic-log.ts';
import { testLogger } from '../support/logger.ts';
import { groupOf, tempDir, until } from '../support/worker.ts';

const skip = await skipUnlessAvailable('kafka');
const STRING = 'org.apache.kafka.connect.storage.StringConverter';
const ENDED = /taken over by another worker/;

interface Bench {
  readonly broker: Broker;
  readonly topic: string;
  readonly file: string;
  /** What the task has told, and asked. */
  readonly told: readonly string[];
  readonly log: readonly string[];
  /** Starts the task; the answers to its questions are in turn these, then the last one again. */
  start(...answers: readonly boolean[]): HostedTask;
  answer(next: boolean): void;
  /** Another producer with the task's transactional id. */
  rival(): Promise<Producer>;
}

async function bench(t: Test, isolation: string): Promise<Bench> {
  const id = `may-write-${isolation}-${process.pid}-${Date.now()}`;
  const props = {
    'bootstrap.servers': await sharedKafka(),
    ...groupOf(id),
    'exactly.once.source.support': 'enabled',
    'task.isolation': isolation,
    'value.converter': STRING,
    'key.converter': STRING,
    'header.converter': 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
  };
  const { config } = parseWorkerConfig(props, clientKeys);
  const brokerOptions = { configs: props, clientId: id };
  const broker = await openKafka(brokerOptions);
  t.teardown(() => broker.close());
  const offsetsTopic = config['offset.storage.topic'];
  await ensureInternalTopic(
    broker,
    { name: offsetsTopic, partitions: 1, replicationFactor: 1, configs: {} },
    '',
    false,
  );
  const places = { pluginPath: [], from: [process.cwd()] };
  const registry = await openRegistry({ ...places, builtIn });
  const log: string[] = [];
  const loggers = openLoggers({ level: 'INFO', format: 'json', write: (line) => log.push(line) });
  const host = openHost({
    config,
    brokerOptions,
    broker,
    registry,
    places,
    offsets: new OffsetStore(broker, offsetsTopic, 'test', testLogger),
    log: testLogger,
    logsOf: ({ id: task, kind }) => loggers.ofTask({ ...task, kind, connectorClass: 'FileStreamSource' }),
  });
  t.teardown(() => host.close());
  const file = join(tempDir(t), 'in.txt');
  writeFileSync(file, 'one\n');
  const told: string[] = [];
  let answers: boolean[] = [];
  const taskProps = { 'connector.class': 'FileStreamSource', name: 'src', topic: id, file };
  return {
    broker,
    topic: id,
    file,
    told,
    log,
    start(...given) {
      answers = [...given];
      const task = host.start(
        {
          id: { connector: 'src', task: 0 },
          kind: 'source',
          connectorProps: taskProps,
          taskProps,
          paused: false,
          settings: {
            workerProps: props,
            offsetFlushIntervalMs: 100,
            offsetFlushTimeoutMs: 5_000,
            topicCreation: true,
          },
        },
        {
          running: () => told.push('running'),
          paused: () => told.push('paused'),
          failed: (trace) => told.push(`failed: ${trace}`),
          topic: () => {},
          async mayWrite() {
            told.push('asked');
            return answers.length > 1 ? answers.shift()! : answers[0]!;
          },
        },
      );
      t.teardown(() => task.stop(1_000));
      return task;
    },
    answer(next) {
      answers = [next];
    },
    async rival() {
      const producer = await broker.producer({ clientId: 'rival', transactionalId: `${id}-src-0` });
      t.teardown(() => producer.close(0));
      return producer;
    },
  };
}

/** @throws if the task has failed instead */
function ended({ told, log }: Bench): boolean {
  const failure = told.find((word) => word.startsWith('failed'));
  if (failure) throw new Error(failure);
  return log.some((line) => ENDED.test(line));
}

/** @throws ProducerFencedError */
async function write(producer: Producer, { topic }: Bench): Promise<void> {
  await producer.begin();
  const [key, value] = [Buffer.from('key'), null];
  await producer.send([{ topic: `${topic}-offsets`, partition: 0, key, value, timestamp: null, headers: [] }]);
  await producer.commit();
}

t.test('a task that may not write ends without a word, and without fencing the one that may', { skip }, async (t) => {
  const b = await bench(t, 'shared');
  const rightful = await b.rival();
  b.start(false);
  await until(() => ended(b));
  await write(rightful, b);
  t.same(b.told, ['asked']);
});

t.test('a task that was overtaken while it opened its producer writes nothing', { skip }, async (t) => {
  const b = await bench(t, 'shared');
  const earlier = await b.rival();
  b.start(true, false);
  await until(() => ended(b));
  t.same(b.told, ['asked', 'asked']);
  t.same(await b.broker.topics.describe([b.topic]), new Map());
  await t.rejects(write(earlier, b), ProducerFencedError);
});

t.test('a task that was fenced by a zombie goes on where it was', { skip }, async (t) => {
  const b = await bench(t, 'shared');
  b.start(true);
  await until(async () => (await b.broker.topics.endOffsets(b.topic).catch(() => []))[0]?.offset === 2);
  await b.rival();
  appendFileSync(b.file, 'two\n');
  await until(async () => (await topicValues(b.broker, b.topic)).length > 1);
  await b.rival();
  appendFileSync(b.file, 'three\n');
  await until(async () => (await topicValues(b.broker, b.topic)).length > 2);
  t.same(await topicValues(b.broker, b.topic), ['one', 'two', 'three']);
  t.notOk(b.told.some((word) => word.startsWith('failed')));
});

for (const isolation of ['shared', 'thread', 'process']) {
  t.test(
    `a zombie with task.isolation=${isolation} that is fenced by its successor ends without a word, and does not fence it`,
    { skip, timeout: 60_000 },
    async (t) => {
      const b = await bench(t, isolation);
      b.start(true);
      await until(() => b.told.includes('running'));
      b.answer(false);
      const successor = await b.rival();
      appendFileSync(b.file, 'two\n');
      await until(() => ended(b));
      await write(successor, b);
      t.same(b.told, ['asked', 'asked', 'running', 'asked']);
    },
  );
}
