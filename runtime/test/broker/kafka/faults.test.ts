import { setTimeout as delay } from 'node:timers/promises';
import type { TopicPartitionOffset } from '@tributary/api';
import { skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { openKafka } from '../../../src/broker/kafka/index.ts';
import type { Broker, Producer, RecordToSend } from '../../../src/broker/port.ts';
import { Bench, gate, Member, numbered, positionsAfter, record, text } from '../contract/support.ts';
import { type Fault, NO_FAULTS, randomFaults } from '../fault-proxy.ts';
import { proxiedKafka } from './proxied-kafka.ts';

t.test('over faults of network and broker', { skip: await skipUnlessAvailable('kafka') }, async (t) => {
  const FAULTS: readonly Fault[] = ['cutBefore', 'cutAfter', 'cutWithin', 'swallow', 50];
  const PRODUCE = 0;
  const END_TXN = 26;
  const HEARTBEAT = 12;

  const { kafka, proxy, bootstrap, stop } = await proxiedKafka();
  const configs = { 'request.timeout.ms': '1000', 'retry.backoff.ms': '10', 'retry.backoff.max.ms': '100' };
  const open = (): Promise<Broker> =>
    openKafka({ configs: { ...configs, 'bootstrap.servers': bootstrap }, clientId: 'faults' });
  const broker = await open();
  const bench = new Bench(broker, open, { patienceMs: 60_000 });
  t.teardown(async () => {
    await broker.close();
    await stop();
  });
  t.afterEach(() => {
    proxy.plan = NO_FAULTS;
  });

  /** Sends numbered records to the partitions in turn, several calls under way at once. */
  async function produce(
    producer: Producer,
    topic: string,
    count: number,
    partitions: number,
  ): Promise<TopicPartitionOffset[]> {
    const calls: Promise<readonly TopicPartitionOffset[]>[] = [];
    for (let from = 0; from < count; from += 100) {
      const records = Array.from(
        { length: Math.min(100, count - from) },
        (_, i): RecordToSend => record(topic, `${from + i}`, { partition: (from + i) % partitions }),
      );
      calls.push(producer.send(records));
      if (calls.length % 8 === 0) await Promise.race([calls.at(-8), delay(20)]);
    }
    return (await Promise.all(calls)).flat();
  }

  /** What each partition holds, in order. */
  async function held(topic: string, partitions: number): Promise<number[][]> {
    proxy.plan = NO_FAULTS;
    const records = await bench.contents(topic);
    return Array.from({ length: partitions }, (_, partition) =>
      records.filter((r) => r.partition === partition).map((r) => Number(text(r.value))),
    );
  }

  const expected = (count: number, partitions: number): number[][] =>
    Array.from({ length: partitions }, (_, partition) =>
      Array.from({ length: count }, (_, index) => index).filter((index) => index % partitions === partition),
    );

  for (const seed of [1, 2, 3]) {
    await t.test(
      `produced records are neither lost, doubled nor out of order over faults (seed ${seed})`,
      async (t) => {
        const topic = await bench.topic(3);
        const producer = await bench.producer(t);
        const random = randomFaults(seed, 0.3, FAULTS);
        proxy.plan = (request) => (request.apiKey === PRODUCE ? random(request) : null);
        const places = await produce(producer, topic, 12_000, 3);
        t.equal(places.length, 12_000);
        t.strictSame(await held(topic, 3), expected(12_000, 3));
        t.strictSame(
          [0, 1, 2].map((partition) => places.filter((at) => at.partition === partition).map((at) => at.offset)),
          Array.from({ length: 3 }, () => Array.from({ length: 4_000 }, (_, offset) => offset)),
          'each record is told its own offset, also when the broker had it already',
        );
      },
    );
  }

  await t.test('a request whose answer is lost is stored once', async (t) => {
    const topic = await bench.topic();
    const producer = await bench.producer(t);
    let once = true;
    proxy.plan = ({ apiKey }) => {
      if (apiKey !== PRODUCE || !once) return null;
      once = false;
      return 'cutAfter';
    };
    t.strictSame(await producer.send([record(topic, '0')]), [{ topic, partition: 0, offset: 0 }]);
    t.strictSame(await held(topic, 1), [[0]]);
  });

  await t.test('transactions are whole over faults, committed or aborted', async (t) => {
    const topic = await bench.topic(2);
    const producer = await bench.producer(t, { transactionalId: bench.name('tx') });
    proxy.plan = randomFaults(4, 0.1, FAULTS);
    const committed: number[] = [];
    for (let number = 0; number < 40; number++) {
      await producer.begin();
      const records = [0, 1].map((partition) => record(topic, `${number}`, { partition }));
      await Promise.all([producer.send(records), producer.send(records)]);
      if (number % 3 === 2) await producer.abort();
      else {
        await producer.commit();
        committed.push(number, number);
      }
    }
    proxy.plan = NO_FAULTS;
    await bench.settled(topic, committed.length * 2);
    t.strictSame(await held(topic, 2), [committed, committed]);
  });

  await t.test('a commit whose answer is lost is committed once and the producer goes on', async (t) => {
    const topic = await bench.topic();
    const producer = await bench.producer(t, { transactionalId: bench.name('tx') });
    for (const fault of ['cutAfter', 'cutBefore', 'swallow'] as const) {
      let once = true;
      proxy.plan = ({ apiKey }) => {
        if (apiKey !== END_TXN || !once) return null;
        once = false;
        return fault;
      };
      await producer.begin();
      await producer.send([record(topic, '1')]);
      await producer.commit();
    }
    await bench.settled(topic, 3);
    t.strictSame(await held(topic, 1), [[1, 1, 1]]);
  });

  await t.test('records are read and copied exactly once over faults', async (t) => {
    const from = await bench.topic(3);
    const to = await bench.topic(3);
    const groupId = bench.name('group');
    const source = await bench.producer(t);
    await produce(source, from, 3_000, 3);
    const consumer = bench.consumer(t, { groupId, topics: [from], heartbeatIntervalMs: 200, sessionTimeoutMs: 30_000 });
    const producer = await bench.producer(t, { transactionalId: bench.name('tx') });
    proxy.plan = randomFaults(5, 0.05, FAULTS);
    let copied = 0;
    await bench.until('all is copied', async () => {
      const records = await consumer.poll({ maxRecords: 100, timeoutMs: 1_000 });
      if (records.length === 0) return false;
      await producer.begin();
      await producer.send(records.map((r) => record(to, r.value, { partition: r.partition })));
      await producer.sendOffsets(positionsAfter(records), consumer.membership!);
      await producer.commit();
      copied += records.length;
      return copied >= 3_000;
    });
    await bench.settled(to, 3_000);
    t.strictSame(await held(to, 3), expected(3_000, 3));
  });

  await t.test('a reader follows over faults and sees every record once, in order', async (t) => {
    const topic = await bench.topic();
    const producer = await bench.producer(t);
    const { reader, seen, errors } = bench.reader(t, { topic });
    await reader.readToEnd();
    proxy.plan = randomFaults(6, 0.15, FAULTS);
    for (let round = 0; round < 20; round++) {
      await producer.send(numbered('', 50).map((n) => record(topic, `${round * 50 + Number(n)}`)));
      await reader.readToEnd();
      t.equal(seen.length, (round + 1) * 50);
    }
    t.strictSame(
      seen.map((r) => Number(text(r.value))),
      Array.from({ length: 1_000 }, (_, index) => index),
    );
    t.strictSame(errors, []);
  });

  await t.test('a broker that is killed and comes back loses, doubles and reorders nothing', async (t) => {
    const topic = await bench.topic(3);
    const producer = await bench.producer(t);
    const consumer = bench.consumer(t, { topics: [topic], heartbeatIntervalMs: 500 });
    const { seen, reader } = bench.reader(t, { topic });
    const halfway = gate();
    let sent = 0;
    const sending = (async () => {
      for (; sent < 30_000; sent += 100) {
        if (sent === 6_000) halfway.open();
        const records = numbered('', 100).map((n) =>
          record(topic, `${sent + Number(n)}`, { partition: (sent + Number(n)) % 3 }),
        );
        await producer.send(records);
      }
    })();
    await halfway.opened;
    await kafka.kill();
    await kafka.restart();
    await sending;
    await reader.readToEnd();
    t.strictSame(await held(topic, 3), expected(30_000, 3));
    t.equal(seen.length, 30_000);
    const taken = await bench.take(consumer, 30_000);
    t.equal(new Set(taken.map((r) => text(r.value))).size, 30_000);
  });

  await t.test(
    'a member that cannot reach its coordinator for the session timeout loses its partitions, and comes back',
    async (t) => {
      const topic = await bench.topic();
      const member = new Member(bench, t, { topics: [topic], sessionTimeoutMs: 6_000, heartbeatIntervalMs: 300 });
      await bench.until('it has the partition', () => member.held.length === 1);
      proxy.plan = ({ apiKey }) => (apiKey === HEARTBEAT ? 'cutBefore' : null);
      await bench.until('it has lost it', () => member.events.length === 2);
      proxy.plan = NO_FAULTS;
      await bench.until('it has it again', () => member.held.length === 1);
      t.match(member.events, [/^assigned/, /^lost/, /^assigned/]);
      member.check();
    },
  );

  await t.test('deliveryTimeoutMs ends waiting for a broker that does not answer', async (t) => {
    const topic = await bench.topic();
    const producer = await bench.producer(t, { deliveryTimeoutMs: 1_500 });
    proxy.plan = ({ apiKey }) => (apiKey === PRODUCE ? 'swallow' : null);
    await t.rejects(producer.send([record(topic, 'x')]), {
      code: 'BROKER_UNAVAILABLE_ERROR',
      message: /delivery\.timeout\.ms/,
    });
    await t.rejects(
      producer.send([record(topic, 'x')]),
      { message: /delivery\.timeout\.ms/ },
      'the producer is broken then',
    );
  });
});
