/** A worker that is stopped for longer than its session (SIGSTOP) and goes on: its sinks write nothing that is another's by then. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Props } from '@tributary/api';
import { freePorts, sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t, { type Test } from 'tap';
import { openKafka } from '../../src/broker/kafka/index.ts';
import type { Broker } from '../../src/broker/port.ts';
import { bytes, record, text } from '../broker/contract/support.ts';
import { type WorkerProcess, workerProcess } from '../support/process.ts';
import { groupOf, tempDir, until } from '../support/worker.ts';

const STRING = 'org.apache.kafka.connect.storage.StringConverter';
const PARTITIONS = 2;
const RECORDS = 20_000;
const isBad = (n: number): boolean => n % 500 === 250;

/** A slow sink that writes down what it is asked to do, before it does it; it refuses batches with a bad record. */
const WITNESS = `
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataError, boolean, defineSink, string } from '@tributary/api';
export default defineSink({
  class: 'example.WitnessSink',
  version: '1.0.0',
  config: { file: string({ doc: 'Where to.' }), picky: boolean({ default: false, doc: 'Whether it refuses.' }), ahead: boolean({ default: false, doc: 'Whether the next batch is read meanwhile.' }) },
  start({ file, picky, ahead }) {
    const note = (what, seen) => appendFileSync(file, JSON.stringify({ what, at: Date.now(), seen }) + '\\n');
    return {
      readAhead: ahead,
      open: (partitions) => note('open', partitions.map(({ partition }) => partition)),
      close: (partitions) => note('close', partitions.map(({ partition }) => partition)),
      async put(records) {
        const bad = picky && records.some(({ value }) => value.startsWith('bad'));
        note(bad ? 'refused' : 'put', records.map(({ value }) => Number(value.slice(4))));
        await sleep(10);
        if (bad) throw new DataError('bad');
      },
      flush: () => note('flush', []),
    };
  },
});`;

interface Event {
  readonly what: 'open' | 'close' | 'put' | 'refused' | 'flush';
  readonly at: number;
  readonly seen: readonly number[];
}

const eventsIn = (file: string): readonly Event[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Event)
    : [];

const stored = (events: readonly Event[]): Set<number> =>
  new Set(events.filter(({ what }) => what === 'put').flatMap(({ seen }) => seen));

/** A worker of its own group, with a sink that shares its consumer group with that of other workers. */
class Party {
  readonly file: string;
  readonly worker: WorkerProcess;
  readonly #config: Props;

  private constructor(file: string, worker: WorkerProcess, config: Props) {
    this.file = file;
    this.worker = worker;
    this.#config = config;
  }

  static async start(t: Test, name: string, bootstrap: string, worker: Props, config: Props): Promise<Party> {
    const dir = tempDir(t);
    mkdirSync(join(dir, 'plugins'));
    writeFileSync(join(dir, 'plugins', 'witness.js'), WITNESS);
    const [port] = await freePorts(1);
    const props = {
      'bootstrap.servers': bootstrap,
      'plugin.path': join(dir, 'plugins'),
      'key.converter': STRING,
      'value.converter': STRING,
      'offset.flush.interval.ms': '300',
      ...groupOf(`${name}-${process.pid}-${Date.now()}`),
      ...worker,
    };
    const file = join(dir, 'events.jsonl');
    const process_ = await workerProcess(t, dir, port!, props);
    return new Party(file, process_, { 'connector.class': 'WitnessSink', file, ...config });
  }

  get events(): readonly Event[] {
    return eventsIn(this.file);
  }

  async join(): Promise<void> {
    const response = await fetch(`${this.worker.url}/connectors`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'witness', config: this.#config }),
    });
    if (response.status !== 201) throw new Error(await response.text());
  }
}

async function zombie(t: Test, bootstrap: string, broker: Broker, worker: Props, config: Props): Promise<string> {
  const topic = `zombie-${process.pid}-${Date.now()}`;
  await broker.topics.create({ name: topic, partitions: PARTITIONS, replicationFactor: 1, configs: {} });
  const producer = await broker.producer({ clientId: 'zombie' });
  await producer.send(
    Array.from({ length: RECORDS }, (_none, n) =>
      record(topic, bytes(`${isBad(n) ? 'bad ' : 'ok  '}${n}`), { partition: n % PARTITIONS }),
    ),
  );
  await producer.close();
  const sink = {
    topics: topic,
    'consumer.override.group.id': topic,
    'consumer.override.session.timeout.ms': '6000',
    'consumer.override.heartbeat.interval.ms': '500',
    'consumer.override.max.poll.records': '100',
    'errors.deadletterqueue.topic.name': `${topic}-dlq`,
    'errors.deadletterqueue.topic.replication.factor': '1',
    ...config,
  };
  const first = await Party.start(t, 'first', bootstrap, worker, sink);
  const second = await Party.start(t, 'second', bootstrap, worker, sink);
  await first.join();
  await until(() => stored(first.events).size > 500);

  first.worker.child.kill('SIGSTOP');
  const before = first.events.length;
  await second.join();
  // The other has all partitions, and is past what the first had put.
  const taken = stored(first.events);
  await until(() => [...stored(second.events)].filter((n) => !taken.has(n)).length > 500);
  t.ok(
    second.events.some(({ what, seen }) => what === 'open' && seen.length === PARTITIONS),
    'the other has taken over all partitions',
  );
  first.worker.child.kill('SIGCONT');
  await until(() => first.events.slice(before).some(({ what }) => what === 'open'));
  const after = first.events.slice(before);
  t.same(
    after.slice(0, after.findIndex(({ what }) => what === 'close') + 1).map(({ what }) => what),
    ['close'],
    'when it goes on, the first thing it does is to give up what it had',
  );
  const expected = RECORDS - (config['picky'] ? RECORDS / 500 : 0);
  await until(() => stored([...first.events, ...second.events]).size === expected);
  t.equal(await first.worker.stop(), 0);
  t.equal(await second.worker.stop(), 0);
  return topic;
}

/** The values in the dead letter queue. */
async function lettersOf(broker: Broker, topic: string): Promise<string[]> {
  const found: string[] = [];
  const reader = broker.reader({
    clientId: 'letters',
    topic: `${topic}-dlq`,
    onRecords: (records) => found.push(...records.map(({ value }) => text(value) ?? '')),
    onError: (error) => {
      throw error;
    },
  });
  await reader.readToEnd();
  await reader.close();
  return found;
}

t.test(
  'a sink that was stopped for longer than its session',
  { skip: await skipUnlessAvailable('kafka') },
  async (t) => {
    const bootstrap = await sharedKafka();
    const broker = await openKafka({ configs: { 'bootstrap.servers': bootstrap }, clientId: 'zombie' });
    t.teardown(() => broker.close());
    const bad = Array.from({ length: RECORDS }, (_none, n) => n).filter(isBad);

    for (const ahead of ['false', 'true'])
      await t.test(`puts nothing of what it still holds (read ahead: ${ahead})`, async (t) => {
        await zombie(t, bootstrap, broker, {}, { ahead });
      });

    await t.test('goes on with no part of a batch that it was dividing', async (t) => {
      const topic = await zombie(t, bootstrap, broker, {}, { picky: 'true', 'errors.tolerance': 'all' });
      t.same(new Set(await lettersOf(broker, topic)), new Set(bad.map((n) => `bad ${n}`)), 'no dead letter is missing');
    });

    await t.test('has each dead letter once where exactly-once support is on', async (t) => {
      const topic = await zombie(
        t,
        bootstrap,
        broker,
        { 'exactly.once.source.support': 'enabled' },
        { picky: 'true', ahead: 'true', 'errors.tolerance': 'all' },
      );
      t.same((await lettersOf(broker, topic)).sort(), bad.map((n) => `bad ${n}`).sort());
    });
  },
);
