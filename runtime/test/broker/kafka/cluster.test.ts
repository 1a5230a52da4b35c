import { setTimeout as delay } from 'node:timers/promises';
import { kafka, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { openKafka } from '../../../src/broker/kafka/index.ts';
import { Bench, gate, Member, numbered, record, text } from '../contract/support.ts';

t.test('a cluster of three brokers', { skip: await skipUnlessAvailable('kafka') }, async (t) => {
  const cluster = await kafka({ brokers: 3, jit: 'quick' });
  const configs = { 'bootstrap.servers': cluster.bootstrap, 'request.timeout.ms': '5000' };
  const open = () => openKafka({ configs, clientId: 'cluster' });
  const broker = await open();
  const bench = new Bench(broker, open, { patienceMs: 90_000 });
  t.teardown(async () => {
    await broker.close();
    await cluster.stop();
  });
  const PARTITIONS = 6;
  const replicated = async () => {
    const name = bench.name('replicated');
    await broker.topics.create({ name, partitions: PARTITIONS, replicationFactor: 3, configs: {} });
    return name;
  };

  await t.test('a request reaches the leaders of all partitions', async (t) => {
    const topic = await replicated();
    t.match((await broker.topics.describe([topic])).get(topic), { partitions: PARTITIONS, replicationFactor: 3 });
    const places = await bench.send(
      numbered('', 600).map((n) => record(topic, n, { partition: Number(n) % PARTITIONS })),
    );
    t.strictSame(
      places.map((place) => place.offset),
      Array.from({ length: 600 }, (_, index) => Math.floor(index / PARTITIONS)),
    );
    t.equal((await bench.contents(topic)).length, 600);
  });

  await t.test('a broker that is killed leaves nothing lost, doubled or out of order', async (t) => {
    const topic = await replicated();
    const producer = await bench.producer(t);
    const transactional = await bench.producer(t, { transactionalId: bench.name('tx') });
    const copies = await replicated();
    const member = new Member(bench, t, { topics: [topic], heartbeatIntervalMs: 500 });
    const { seen, reader } = bench.reader(t, { topic });
    await bench.until('the member has all', () => member.held.length === PARTITIONS);
    const under = gate();
    let going = true;
    let sent = 0;
    let committed = 0;
    const sending = (async () => {
      for (; going; sent += 120) {
        const from = sent;
        await producer.send(
          numbered('', 120).map((n) => record(topic, `${from + Number(n)}`, { partition: Number(n) % PARTITIONS })),
        );
        if (sent === 1_200) under.open();
        // The brokers have a test machine to share.
        await delay(10);
      }
    })();
    const committing = (async () => {
      for (; going; committed += PARTITIONS) {
        await transactional.begin();
        await transactional.send(
          numbered('', PARTITIONS).map((n) => record(copies, `${committed + Number(n)}`, { partition: Number(n) })),
        );
        await transactional.commit();
        await delay(50);
      }
    })();
    await under.opened;
    // By whom partitions, groups and transactions are led is spread over the brokers: the kill hits some of each.
    const [node] = cluster.brokers;
    node!.signal('SIGKILL');
    await bench.until('it is dead', () => !node!.running);
    const before = sent;
    await bench.until('sending goes on without it', () => sent > before + 1_200);
    const copied = committed;
    await bench.until('transactions go on without it', () => committed > copied);
    going = false;
    await sending;
    await committing;
    await reader.readToEnd();
    const inOrder = (records: readonly { partition: number; value: Uint8Array | null }[]) =>
      Array.from({ length: PARTITIONS }, (_, partition) =>
        records.filter((r) => r.partition === partition).map((r) => Number(text(r.value))),
      );
    const expected = (count: number) =>
      Array.from({ length: PARTITIONS }, (_, partition) =>
        Array.from({ length: count }, (_, index) => index).filter((index) => index % PARTITIONS === partition),
      );
    t.strictSame(inOrder(seen), expected(sent));
    t.ok(committed > 0);
    await bench.settled(copies, committed);
    t.strictSame(inOrder(await bench.contents(copies)), expected(committed));
    await bench.until('the member has all', () => new Set(member.records.map((r) => text(r.value))).size === sent);
    member.check();
  });
});
