/** Sinks on Kafka that share a group, are paused, or take nothing for long: each record once, and little of what waits in memory. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Props } from '@tributary/api';
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import { Kafka, logLevel } from 'kafkajs';
import t, { type Test } from 'tap';
import { openKafka } from '../../src/broker/kafka/index.ts';
import type { Broker } from '../../src/broker/port.ts';
import { bytes, record } from '../broker/contract/support.ts';
import { groupOf, type TestWorker, testWorker, until } from '../support/worker.ts';

const STRING = 'org.apache.kafka.connect.storage.StringConverter';
const MIB = 1_048_576;

/** Shows the test what it is asked to do; it takes nothing while it is closed. */
const OPEN_BOOK = `
import { setTimeout as sleep } from 'node:timers/promises';
import { RetriableError, defineSink, string } from '@tributary/api';
export default defineSink({
  class: 'example.OpenBookSink',
  version: '1.0.0',
  config: { book: string({ doc: 'The name of the book.' }) },
  start({ book: name }, context) {
    const book = globalThis.openBooks.get(name);
    let unflushed = 0;
    return {
      readAhead: book.readAhead,
      async put(records) {
        book.puts++;
        if (book.closed) {
          context.retryAfter(20);
          throw new RetriableError('closed');
        }
        await sleep(1);
        unflushed += records.length;
        for (const { originalPartition, originalOffset } of records) book.seen.push(originalPartition + '@' + originalOffset);
      },
      flush() { unflushed = 0; },
      close: (partitions) => book.closings.push({ partitions: partitions.length, unflushed }),
    };
  },
});`;

interface Book {
  /** Whether the next batch is read while the sink has one in hand. */
  readonly readAhead: boolean;
  closed: boolean;
  puts: number;
  readonly seen: string[];
  readonly closings: Array<{ readonly partitions: number; readonly unflushed: number }>;
}

const books = new Map<string, Book>();
Object.assign(globalThis, { openBooks: books });

function book(name: string, readAhead = false): Book {
  const made: Book = { readAhead, closed: false, puts: 0, seen: [], closings: [] };
  books.set(name, made);
  return made;
}

async function create({ call }: TestWorker, name: string, config: Props): Promise<void> {
  const { status, text } = await call('POST', '/connectors', { name, config });
  if (status !== 201) throw new Error(text);
}

const fill = async (broker: Broker, topic: string, partitions: number, each: number, size = 10): Promise<void> => {
  const producer = await broker.producer({ clientId: 'fill' });
  for (let partition = 0; partition < partitions; partition++)
    for (let sent = 0; sent < each; sent += 1_000) {
      const value = bytes('x'.repeat(size));
      const count = Math.min(1_000, each - sent);
      await producer.send(Array.from({ length: count }, () => record(topic, value, { partition })));
    }
  await producer.close();
};

const everyPlace = (partitions: number, each: number): string[] =>
  Array.from({ length: partitions }, (_p, partition) =>
    Array.from({ length: each }, (_o, offset) => `${partition}@${offset}`),
  ).flat();

t.test('sinks on Kafka', { skip: await skipUnlessAvailable('kafka') }, async (t) => {
  const bootstrap = await sharedKafka();
  const broker = await openKafka({ configs: { 'bootstrap.servers': bootstrap }, clientId: 'flow' });
  t.teardown(() => broker.close());
  const name = (what: string): string => `flow-${what}-${process.pid}-${Date.now()}`;

  async function worker(t: Test): Promise<TestWorker> {
    const folder = join(t.testdir(), 'plugins');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'open-book.js'), OPEN_BOOK);
    return testWorker(t, {
      'bootstrap.servers': bootstrap,
      ...groupOf(name('group')),
      'task.isolation': 'shared',
      'plugin.path': folder,
      'key.converter': STRING,
      'value.converter': STRING,
      // Nothing is committed but when partitions go.
      'offset.flush.interval.ms': '600000',
    });
  }

  await t.test(
    'commit what they have before partitions go to another member, so that no record comes twice',
    async (t) => {
      const topic = name('handover');
      await broker.topics.create({ name: topic, partitions: 2, replicationFactor: 1, configs: {} });
      await fill(broker, topic, 2, 10_000);
      const running = await worker(t);
      const [one, two] = [book(`${topic}-one`), book(`${topic}-two`, true)];
      const sink = (book: string): Props => ({
        'connector.class': 'OpenBookSink',
        book,
        topics: topic,
        'consumer.override.group.id': topic,
        'consumer.override.heartbeat.interval.ms': '100',
        'consumer.override.metadata.max.age.ms': '200',
        'consumer.override.max.poll.records': '50',
      });
      await create(running, `${topic}-one`, sink(`${topic}-one`));
      await until(() => one.seen.length > 500);
      await create(running, `${topic}-two`, sink(`${topic}-two`));
      await until(() => two.seen.length > 500);
      t.same(one.closings[0], { partitions: 2, unflushed: 0 }, 'all was flushed before the partitions went');
      const admin = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] });
      await admin.disconnect();
      await until(() => one.closings.length > 1 && two.closings.length > 0);
      await until(async () => (await broker.topics.endOffsets(topic)).length === 4);
      await fill(broker, topic, 4, 1_000);
      const all = [...everyPlace(2, 11_000), ...everyPlace(4, 1_000).filter((place) => !/^[01]@/.test(place))].sort();
      await until(() => new Set([...one.seen, ...two.seen]).size >= all.length);
      t.same([...one.seen, ...two.seen].sort(), all, 'each record once');
      t.ok([...one.closings, ...two.closings].every(({ unflushed }) => unflushed === 0));
    },
  );

  for (const readAhead of [false, true])
    await t.test(
      `are paused and resumed again and again without losing their place (read ahead: ${readAhead})`,
      async (t) => {
        const topic = name('pause');
        await broker.topics.create({ name: topic, partitions: 2, replicationFactor: 1, configs: {} });
        await fill(broker, topic, 2, 10_000);
        const running = await worker(t);
        const seen = book(topic, readAhead);
        await create(running, topic, {
          'connector.class': 'OpenBookSink',
          book: topic,
          topics: topic,
          'consumer.override.max.poll.records': '100',
        });
        for (let pauses = 1; pauses <= 5; pauses++) {
          await until(() => seen.seen.length >= pauses * 2_000);
          await running.call('PUT', `/connectors/${topic}/pause`);
          await running.untilState(topic, 'PAUSED', 1);
          await running.call('PUT', `/connectors/${topic}/resume`);
          await running.untilState(topic, 'RUNNING', 1);
        }
        await until(() => seen.seen.length >= 20_000);
        t.same(seen.seen.toSorted(), everyPlace(2, 10_000).sort(), 'each record once');
      },
    );

  await t.test('hold a few megabytes of a topic of hundreds while they take nothing', async (t) => {
    const topic = name('stall');
    await broker.topics.create({ name: topic, partitions: 4, replicationFactor: 1, configs: {} });
    const [each, size] = [6_000, 10_000];
    await fill(broker, topic, 4, each, size);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const running = await worker(t);
    const stalled = book(topic, true);
    stalled.closed = true;
    collect();
    const before = process.memoryUsage();
    await create(running, topic, { 'connector.class': 'OpenBookSink', book: topic, topics: topic });
    await until(() => stalled.puts >= 200);
    collect();
    const held = process.memoryUsage();
    const grown = held.arrayBuffers + held.heapUsed - before.arrayBuffers - before.heapUsed;
    t.comment(`${((4 * each * size) / MIB).toFixed()} MiB wait, ${(grown / MIB).toFixed()} MiB are held`);
    t.ok(grown < 64 * MIB, `${grown} bytes are held`);
    stalled.closed = false;
    await until(() => stalled.seen.length >= 4 * each);
    t.same(stalled.seen.toSorted(), everyPlace(4, each).sort(), 'each record once');
  });
});
