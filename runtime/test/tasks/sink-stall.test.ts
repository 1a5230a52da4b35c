/** Sinks that hang or pause themselves: the worker goes on without them, and they without losing their place. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Props } from '@tributary/api';
import { freePorts, sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t, { type Test } from 'tap';
import { openKafka } from '../../src/broker/kafka/index.ts';
import { bytes, record } from '../broker/contract/support.ts';
import { workerProcess } from '../support/process.ts';
import { groupOf, type TestWorker, tempDir, testWorker, until } from '../support/worker.ts';
import { type Book, book, create, FLOW_PLUGINS, FLOW_PROPS, firstOutOfPlace, MIB, still } from './flow-book.ts';

const KAFKA = await skipUnlessAvailable('kafka');
let names = 0;
const name = (what: string): string => `sink-stall-${what}-${process.pid}-${Date.now()}-${++names}`;

async function worker(t: Test, kafka: boolean, props: Props): Promise<TestWorker> {
  const broker = kafka ? { 'bootstrap.servers': await sharedKafka(), ...groupOf(name('group')) } : {};
  return testWorker(t, { ...FLOW_PROPS, ...broker, ...props });
}

/** A topic with numbers that a source still adds to, and a sink that takes them. */
async function neighbours(running: TestWorker, topic: string): Promise<Book> {
  const seen = book(topic, 5_000);
  await create(running, `${topic}-source`, {
    'connector.class': 'FastSource',
    book: topic,
    topic,
    size: '2000',
  });
  await create(running, `${topic}-counts`, { 'connector.class': 'CountingSink', book: topic, topics: topic });
  await until(() => seen.arrived.length === 5_000);
  return seen;
}

/** Another thousand numbers go from the source through the topic to the counting sink. */
async function goOn(running: TestWorker, topic: string, seen: Book): Promise<void> {
  seen.limit += 1_000;
  await running.call('POST', `/connectors/${topic}-source/restart?includeTasks=true`);
  await until(() => seen.arrived.length >= seen.limit);
}

for (const kafka of [false, true]) {
  const where = kafka ? 'on Kafka' : 'on the embedded log';
  const skip = kafka && KAFKA;

  t.test(`a sink whose put never returns is stopped and deleted ${where}, and harms nobody`, { skip }, async (t) => {
    const running = await worker(t, kafka, {
      'task.shutdown.graceful.timeout.ms': '300',
      // Of which three batches of the sink would take all.
      'worker.memory.bytes': String(12 * MIB),
    });
    const topic = name('hung');
    const seen = await neighbours(running, topic);
    const sink = `${topic}-hangs`;
    const offsetsOf = async (): Promise<unknown> => (await running.call('GET', `/connectors/${sink}/offsets`)).json;
    await create(running, sink, { 'connector.class': 'HungSink', book: topic, topics: topic });
    for (let round = 1; round <= 4; round++) {
      await until(() => seen.hung.length === round);
      await goOn(running, topic, seen);
      t.equal((await running.call('PUT', `/connectors/${sink}/stop`)).status, 204);
      await running.untilState(sink, 'STOPPED');
      await until(async () => (await running.call('GET', `/connectors/${sink}/status`)).json.tasks.length === 0);
      // Which works only once nobody is in its group.
      await until(async () => (await running.call('DELETE', `/connectors/${sink}/offsets`)).status === 200);
      t.same(await offsetsOf(), { offsets: [] }, 'nothing was committed');
      await goOn(running, topic, seen);
      await running.call('PUT', `/connectors/${sink}/resume`);
    }
    await until(() => seen.hung.length === 5);
    t.same(seen.hung, [0, 0, 0, 0, 0], 'each time it begins with the first record');
    t.equal((await running.call('DELETE', `/connectors/${sink}`)).status, 204);
    await until(async () => (await running.call('GET', `/connectors/${sink}`)).status === 404);
    await goOn(running, topic, seen);
    t.equal(firstOutOfPlace(seen.arrived), null, 'the other sink had each record once and in order');
  });

  t.test(
    `a sink that pauses its partitions ${where} stays in its group and goes on where it was`,
    { skip },
    async (t) => {
      const running = await worker(t, kafka, {});
      const topic = name('paused');
      const seen = await neighbours(running, topic);
      const own = book(`${topic}-own`);
      let pauses = 0;
      let pausedAt = 0;
      own.onPut = () => {
        const { context } = own;
        if (own.arrived.length < (pauses + 1) * 1_000) return;
        context!.pause(context!.assignment);
        pausedAt = performance.now();
        pauses++;
      };
      await create(running, `${topic}-own`, {
        'connector.class': 'CountingSink',
        book: `${topic}-own`,
        topics: topic,
        'consumer.override.max.poll.records': '100',
        'consumer.override.max.poll.interval.ms': '1000',
      });
      for (let pause = 1; pause <= 3; pause++) {
        await until(() => pauses === pause);
        const arrived = await still(() => own.arrived.length);
        await goOn(running, topic, seen);
        // A member that did not poll would be out of the group by then.
        await until(() => performance.now() > pausedAt + 2_000);
        t.equal(own.arrived.length, arrived, 'nothing comes while its partitions are paused');
        // To be paused and resumed by somebody else does not resume them.
        await running.call('PUT', `/connectors/${topic}-own/pause`);
        await running.untilState(`${topic}-own`, 'PAUSED', 1);
        await running.call('PUT', `/connectors/${topic}-own/resume`);
        await running.untilState(`${topic}-own`, 'RUNNING', 1);
        t.equal(await still(() => own.arrived.length), arrived);
        own.context!.resume(own.context!.assignment);
      }
      own.onPut = undefined;
      await until(() => own.arrived.length >= seen.limit);
      await still(() => own.arrived.length);
      t.equal(own.opened, 1, 'it had its partitions all the time');
      t.equal(firstOutOfPlace(own.arrived), null, 'each record once and in order');
      t.equal(own.arrived.length, seen.limit);
    },
  );
}

t.test('a worker under a stalled sink needs little memory, whatever waits in the topic', { skip: KAFKA }, async (t) => {
  const wanted = Number(process.env['TRIBUTARY_BYTES'] ?? 200 * MIB);
  const bootstrap = await sharedKafka();
  const broker = await openKafka({ configs: { 'bootstrap.servers': bootstrap }, clientId: 'stall' });
  t.teardown(() => broker.close());
  const topic = name('waits');
  const [partitions, value] = [4, bytes('x'.repeat(10_000))];
  await broker.topics.create({ name: topic, partitions, replicationFactor: 1, configs: {} });
  const producer = await broker.producer({ clientId: 'stall' });
  const rounds = Math.ceil(wanted / value.length / partitions / 100);
  for (let round = 0; round < rounds; round++) {
    const batch = Array.from({ length: partitions * 100 }, (_none, i) =>
      record(topic, value, { partition: i % partitions }),
    );
    await producer.send(batch);
  }
  await producer.close();
  const count = rounds * partitions * 100;

  const dir = tempDir(t);
  const [stalls, report] = [join(dir, 'stalled'), join(dir, 'report.json')];
  writeFileSync(stalls, '');
  const [port] = await freePorts(1);
  const running = await workerProcess(t, dir, port!, {
    'bootstrap.servers': bootstrap,
    ...groupOf(name('group')),
    'task.isolation': 'shared',
    'plugin.path': FLOW_PLUGINS,
    'value.converter': 'org.apache.kafka.connect.converters.ByteArrayConverter',
  });
  const rss = (what: 'VmRSS' | 'VmHWM'): number => {
    const status = readFileSync(`/proc/${running.child.pid}/status`, 'utf8');
    return Number(new RegExp(`^${what}:\\s+(\\d+) kB$`, 'm').exec(status)![1]) * 1_024;
  };
  const reported = (): { refused: number; taken: number; wrong: number } => {
    const text = existsSync(report) ? readFileSync(report, 'utf8') : '';
    return text === '' ? { refused: 0, taken: 0, wrong: 0 } : JSON.parse(text);
  };
  const before = rss('VmRSS');
  const answer = await fetch(`${running.url}/connectors`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      name: topic,
      config: { 'connector.class': 'StalledSink', while: stalls, report, topics: topic },
    }),
  });
  t.equal(answer.status, 201);
  await until(() => reported().refused >= 200);
  const stalled = rss('VmHWM');
  rmSync(stalls);
  await until(() => reported().taken >= count);
  const after = rss('VmHWM');
  const mib = (figure: number): string => `${(figure / MIB).toFixed()} MiB`;
  t.comment(
    `${mib(count * value.length)} wait: the worker has ${mib(before)} before, at most ${mib(stalled)} while its sink is stalled, at most ${mib(after)} while it takes them`,
  );
  t.ok(stalled - before < 128 * MIB, `${stalled - before} bytes more while it is stalled`);
  t.ok(after - before < 256 * MIB, `${after - before} bytes more while it takes them`);
  t.match(reported(), { taken: count, wrong: 0 }, 'each record once and in order');
  t.equal(await running.stop(), 0);
});
