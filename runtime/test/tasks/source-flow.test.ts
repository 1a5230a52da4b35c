/** Sources that are faster than the broker, or are paused under load: little is held, and each record comes once and in order. */
import type { Props } from '@tributary/api';
import { skipUnlessAvailable } from '@tributary/services';
import t, { type Test } from 'tap';
import { type FaultPlan, NO_FAULTS } from '../broker/fault-proxy.ts';
import { type ProxiedKafka, proxiedKafka } from '../broker/kafka/proxied-kafka.ts';
import { groupOf, type TestWorker, testWorker, until } from '../support/worker.ts';
import { book, create, FLOW_PROPS, firstOutOfPlace, held, MIB, still } from './flow-book.ts';

const PRODUCE = 0;
const END_TXN = 26;
/** Records and bytes that a task may have on their way (`InFlight`). */
const MOST_RECORDS = 8_000;
const MOST_BYTES = 16 * MIB;

let names = 0;
const name = (what: string): string => `source-flow-${what}-${process.pid}-${++names}`;

const kafkaWorker = (t: Test, { bootstrap }: ProxiedKafka, exactlyOnce: boolean, props: Props = {}) =>
  testWorker(t, {
    ...FLOW_PROPS,
    'bootstrap.servers': bootstrap,
    ...groupOf(name('group')),
    'exactly.once.source.support': exactlyOnce ? 'enabled' : 'disabled',
    ...props,
  });

const source = (topic: string, props: Props = {}): Props => ({
  'connector.class': 'FastSource',
  book: topic,
  topic,
  ...props,
});
const sink = (topic: string): Props => ({ 'connector.class': 'CountingSink', book: topic, topics: topic });

/** Pauses (once: stops) the source again and again under load, and looks that nothing comes meanwhile. */
async function pauseOften(t: Test, running: TestWorker, props: Props = {}): Promise<void> {
  const topic = name('pause');
  const seen = book(topic);
  await create(running, `${topic}-sink`, sink(topic));
  await create(running, topic, source(topic, { ...props, batch: '50' }));
  for (let round = 1; round <= 6; round++) {
    const before = seen.arrived.length;
    await until(() => seen.arrived.length >= before + 2_000);
    const stop = round === 4;
    await running.call('PUT', `/connectors/${topic}/${stop ? 'stop' : 'pause'}`);
    await running.untilState(topic, stop ? 'STOPPED' : 'PAUSED');
    const [pulled, arrived] = [await still(() => seen.pulled), await still(() => seen.arrived.length)];
    t.ok(arrived <= pulled, `${arrived} of ${pulled} have come`);
    t.equal(await still(() => seen.arrived.length), arrived, 'nothing is written meanwhile');
    t.equal(seen.pulled, pulled, 'nothing is pulled meanwhile');
    await running.call('PUT', `/connectors/${topic}/resume`);
    await running.untilState(topic, 'RUNNING', 1);
  }
  seen.limit = seen.pulled + 1_000;
  await until(() => seen.arrived.length >= seen.limit);
  await running.call('PUT', `/connectors/${topic}/stop`);
  await running.untilState(topic, 'STOPPED');
  await still(() => seen.arrived.length);
  t.equal(firstOutOfPlace(seen.arrived), null, 'each record once and in order');
  t.equal(seen.arrived.length, seen.limit);
}

t.test('a source on Kafka', { skip: await skipUnlessAvailable('kafka') }, async (t) => {
  const kafka = await proxiedKafka();
  const { proxy } = kafka;
  t.teardown(() => kafka.stop());
  t.afterEach(() => {
    proxy.plan = NO_FAULTS;
    proxy.letGo();
  });
  const holding =
    (...apiKeys: readonly number[]): FaultPlan =>
    ({ apiKey, clientId }) =>
      clientId.startsWith('connector-producer-') && apiKeys.includes(apiKey) ? 'hold' : null;

  interface Stall {
    readonly what: string;
    readonly exactlyOnce?: boolean;
    readonly held: number;
    readonly memory?: number;
    readonly size: number;
    readonly limit: number;
    readonly props?: Props;
  }
  const stalls: readonly Stall[] = [
    { what: 'large records', held: PRODUCE, size: 10_000, limit: 6_000 },
    { what: 'large records and little memory', held: PRODUCE, memory: 4 * MIB, size: 10_000, limit: 6_000 },
    { what: 'small records', held: PRODUCE, size: 20, limit: 60_000 },
    { what: 'large records, exactly once', exactlyOnce: true, held: PRODUCE, size: 10_000, limit: 6_000 },
    {
      what: 'large records and little memory, exactly once',
      exactlyOnce: true,
      held: PRODUCE,
      memory: 4 * MIB,
      size: 10_000,
      limit: 6_000,
    },
    { what: 'small records, exactly once', exactlyOnce: true, held: PRODUCE, size: 20, limit: 60_000 },
    { what: 'transactions that do not end', exactlyOnce: true, held: END_TXN, size: 10_000, limit: 6_000 },
  ];
  for (const { what, exactlyOnce = false, held: api, memory = 64 * MIB, size, limit, props = {} } of stalls)
    await t.test(`is not pulled while the broker takes nothing (${what})`, async (t) => {
      const topic = name('stall');
      const seen = book(topic, limit);
      const running = await kafkaWorker(t, kafka, exactlyOnce, { 'worker.memory.bytes': String(memory) });
      const before = held();
      proxy.plan = holding(api);
      await create(running, topic, source(topic, { size: String(size), ...props }));
      await until(() => proxy.holding > 0);
      const pulled = await still(() => seen.pulled);
      const grown = held() - before;
      t.comment(
        `${pulled} records, ${((pulled * size) / MIB).toFixed(1)} MiB, were pulled; ${(grown / MIB).toFixed(1)} MiB are held`,
      );
      const bytes = Math.min(memory, MOST_BYTES);
      // A batch waits for room; another one was written before a transaction that does not end.
      const most = Math.min(MOST_RECORDS, bytes / size) + (api === END_TXN ? 300 : 100);
      t.ok(pulled > 0 && pulled <= most, `${pulled} of at most ${most} records were pulled`);
      t.ok(grown < 3 * bytes + 24 * MIB, `${grown} bytes are held`);
      proxy.plan = NO_FAULTS;
      proxy.letGo();
      await create(running, `${topic}-sink`, sink(topic));
      await until(() => seen.arrived.length >= limit && seen.durable >= limit);
      await still(() => seen.arrived.length);
      t.equal(firstOutOfPlace(seen.arrived), null, 'each record once and in order');
      t.equal(seen.arrived.length, limit);
      t.match((await running.call('GET', `/connectors/${topic}/status`)).json, { tasks: [{ state: 'RUNNING' }] });
      t.notOk(
        running.log.some((line) => /started again/.test(line)),
        'the source ran through',
      );
    });

  for (const exactlyOnce of [false, true])
    await t.test(
      `is not pulled either if most of its records are dropped${exactlyOnce ? ', exactly once' : ''}`,
      async (t) => {
        const topic = name('dropped');
        const [limit, every] = [400_000, 1_000];
        const seen = book(topic, limit);
        const running = await kafkaWorker(t, kafka, exactlyOnce);
        proxy.plan = holding(PRODUCE);
        await create(
          running,
          topic,
          source(topic, {
            every: String(every),
            transforms: 'drop',
            'transforms.drop.type': 'org.apache.kafka.connect.transforms.Filter',
            'transforms.drop.predicate': 'empty',
            predicates: 'empty',
            'predicates.empty.type': 'org.apache.kafka.connect.transforms.predicates.RecordIsTombstone',
          }),
        );
        await until(() => proxy.holding > 0);
        const pulled = await still(() => seen.pulled);
        t.ok(pulled > 0 && pulled <= MOST_RECORDS + 100, `${pulled} records were pulled`);
        proxy.plan = NO_FAULTS;
        proxy.letGo();
        await create(running, `${topic}-sink`, sink(topic));
        await until(() => seen.arrived.length >= limit / every && seen.durable >= limit);
        await still(() => seen.arrived.length);
        t.equal(firstOutOfPlace(seen.arrived, every), null, 'each record once and in order');
        t.equal(seen.arrived.length, limit / every);
      },
    );

  await t.test('is paused and resumed under load without losing its place', async (t) =>
    pauseOften(t, await kafkaWorker(t, kafka, false)),
  );
  for (const boundary of ['poll', 'interval'])
    await t.test(`is paused and resumed so exactly once, too (boundary ${boundary})`, async (t) =>
      pauseOften(t, await kafkaWorker(t, kafka, true), {
        'transaction.boundary': boundary,
        ...(boundary === 'interval' ? { 'transaction.boundary.interval.ms': '50' } : {}),
      }),
    );
});

t.test('a source on the embedded log', async (t) => {
  await t.test('is not pulled faster than the log writes', async (t) => {
    for (const [memory, size, limit] of [
      [64 * MIB, 10_000, 20_000],
      [4 * MIB, 10_000, 20_000],
      [64 * MIB, 20, 200_000],
    ] as const) {
      const topic = name('fast');
      const seen = book(topic, limit);
      const running = await testWorker(t, { ...FLOW_PROPS, 'worker.memory.bytes': String(memory) });
      await create(running, topic, source(topic, { size: String(size) }));
      await until(() => seen.durable >= limit);
      t.comment(`At most ${seen.most} records of ${size} bytes were on their way`);
      const most = Math.min(MOST_RECORDS, Math.min(memory, MOST_BYTES) / size) + 200;
      t.ok(seen.most > 0 && seen.most <= most, `${seen.most} of at most ${most} records were on their way`);
      await create(running, `${topic}-sink`, sink(topic));
      await until(() => seen.arrived.length >= limit);
      await still(() => seen.arrived.length);
      t.equal(firstOutOfPlace(seen.arrived), null, 'each record once and in order');
      t.equal(seen.arrived.length, limit);
    }
  });

  await t.test('is paused and resumed under load without losing its place', async (t) =>
    pauseOften(t, await testWorker(t, FLOW_PROPS)),
  );
});
