import { setTimeout as delay } from 'node:timers/promises';
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import { Kafka, logLevel } from 'kafkajs';
import t from 'tap';
import { Cluster } from '../../../src/broker/kafka/cluster.ts';
import { openKafka } from '../../../src/broker/kafka/index.ts';
import { Membership } from '../../../src/broker/kafka/membership.ts';
import { clientSettings } from '../../../src/broker/kafka/settings.ts';
import { Bench, Member, numbered, positionsAfter, record } from '../contract/support.ts';

t.test('group membership', { skip: await skipUnlessAvailable('kafka') }, async (t) => {
  const bootstrap = await sharedKafka();
  const configs = { 'bootstrap.servers': bootstrap };
  const open = () => openKafka({ configs, clientId: 'membership' });
  const broker = await open();
  t.teardown(() => broker.close());
  const bench = new Bench(broker, open, {});

  await t.test('a member that works longer than its session timeout stays in the group', async (t) => {
    const topic = await bench.topic();
    await bench.send(numbered('v', 5).map((value) => record(topic, value)));
    const consumer = bench.consumer(t, { topics: [topic], sessionTimeoutMs: 6_000, heartbeatIntervalMs: 500 });
    const records = await bench.take(consumer, 5);
    const { generation } = consumer.membership!;
    await delay(8_000);
    await consumer.commit(positionsAfter(records));
    await consumer.poll({ maxRecords: 1, timeoutMs: 10 });
    t.equal(consumer.membership?.generation, generation);
  });

  await t.test('a static member that comes back has its partitions without a rebalance', async (t) => {
    const topic = await bench.topic(2);
    const groupId = bench.name('static');
    const options = { groupId, topics: [topic], heartbeatIntervalMs: 200 };
    const one = new Member(bench, t, { ...options, groupInstanceId: 'one' });
    const two = new Member(bench, t, { ...options, groupInstanceId: 'two' });
    await bench.until('both have one', () => one.held.length === 1 && two.held.length === 1);
    const { held } = two;
    const { generation } = one.consumer.membership!;
    await two.leave();
    const again = new Member(bench, t, { ...options, groupInstanceId: 'two' });
    await bench.until('it is back', () => again.held.length === 1);
    t.strictSame(again.held, held);
    t.equal(one.consumer.membership?.generation, generation);
    one.check();
  });

  await t.test(
    'of two members with the same group.instance.id the first gives up in the end, and says why',
    async (t) => {
      const topic = await bench.topic();
      const options = {
        groupId: bench.name('static'),
        topics: [topic],
        groupInstanceId: 'me',
        heartbeatIntervalMs: 200,
      };
      const first = new Member(bench, t, options);
      await bench.until('the first has the partition', () => first.held.length === 1);
      const second = new Member(bench, t, options);
      await bench.until('the second has it', () => second.held.length === 1);
      await bench.until('the first has noticed', () => {
        try {
          first.check();
          return false;
        } catch (error) {
          t.match(error, { code: 'FENCED_INSTANCE_ID', message: /group\.instance\.id me/ });
          return true;
        }
      });
      t.match(first.events, [/^assigned/, /^lost/]);
      await bench.until('the second keeps it', () => second.held.length === 1);
      second.check();
    },
  );

  await t.test('a member that asks whether it is in learns at once that another has its place', async (t) => {
    const groupId = bench.name('confirm');
    const join = async () => {
      const member = broker.member!({
        clientId: 'test',
        groupId,
        groupInstanceId: 'me',
        protocolType: 'connect',
        sessionTimeoutMs: 45_000,
        rebalanceTimeoutMs: 45_000,
        heartbeatIntervalMs: 40_000,
        protocols: () => [{ name: 'test', metadata: Buffer.alloc(0) }],
        assign: ({ members }) => new Map(members.map(({ memberId }) => [memberId, Buffer.alloc(0)])),
        onChange: () => {},
      });
      t.teardown(() => member.close(true));
      t.equal(await member.confirm(), false, 'before it has joined');
      await member.join();
      return member;
    };
    const first = await join();
    t.equal(await first.confirm(), true);
    const second = await join();
    t.equal(first.state, 'stable', 'it does not know yet');
    t.equal(await first.confirm(), false);
    t.equal(first.state, 'lost');
    t.equal(await second.confirm(), true);
  });

  await t.test('partitions that are added to a topic are read too', async (t) => {
    const topic = await bench.topic(1);
    const member = new Member(bench, t, { topics: [topic], metadataMaxAgeMs: 200, heartbeatIntervalMs: 200 });
    await bench.until('it has the first', () => member.held.length === 1);
    const admin = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
    await admin.disconnect();
    await bench.until('it has all', () => member.held.length === 3);
    await bench.send([record(topic, 'new', { partition: 2 })]);
    await bench.until('the record has come', () => member.records.length === 1);
    member.check();
  });

  for (const [kind, groupInstanceId] of [
    ['consumer', undefined],
    ['static member', 'two'],
  ] as const)
    await t.test(`a ${kind} that is closed while it joins leaves the group at once`, async (t) => {
      const topic = await bench.topic(2);
      const groupId = bench.name('closing');
      let release = (): void => {};
      const one = new Member(bench, t, {
        groupId,
        topics: [topic],
        heartbeatIntervalMs: 200,
        onRevoked: () =>
          new Promise((resolve) => {
            release = resolve;
          }),
      });
      await bench.until('the first has all', () => one.held.length === 2);
      const two = bench.consumer(t, { groupId, topics: [topic], groupInstanceId });
      await two.poll({ maxRecords: 1, timeoutMs: 100 });
      await bench.until('the first is asked to give up', () => one.events.length === 2);
      await two.close(true);
      release();
      await bench.until('the first has all again', () => one.held.length === 2 && one.events.length === 3);
      await one.leave();
    });

  await t.test('workers can meet in a group of another protocol type', async (t) => {
    const groupId = bench.name('workers');
    const worker = async (name: string) => {
      const cluster = new Cluster(clientSettings(configs, name));
      await cluster.connect();
      const changes: string[] = [];
      const membership: Membership = new Membership(cluster, {
        clientId: name,
        groupId,
        groupInstanceId: null,
        protocolType: 'connect',
        sessionTimeoutMs: 10_000,
        rebalanceTimeoutMs: 10_000,
        heartbeatIntervalMs: 200,
        maxIdleMs: Number.POSITIVE_INFINITY,
        protocols: () => [{ name: 'sessioned', metadata: Buffer.from(name) }],
        assign: ({ protocol, members }) =>
          new Map(
            members.map(({ memberId, metadata }) => [
              memberId,
              Buffer.from(`${protocol}: ${metadata} of ${members.length}`),
            ]),
          ),
        onChange: () => changes.push(membership.state),
      });
      t.teardown(async () => {
        await membership.close();
        cluster.close();
      });
      return { membership, changes };
    };
    const one = await worker('one');
    t.match(await one.membership.join(), {
      leader: true,
      protocol: 'sessioned',
      assignment: Buffer.from('sessioned: one of 1'),
    });
    const two = await worker('two');
    const joining = two.membership.join();
    await bench.until('the first is told', () => one.changes.includes('rebalancing'));
    t.equal((await one.membership.join()).assignment.toString(), 'sessioned: one of 2');
    t.equal((await joining).assignment.toString(), 'sessioned: two of 2');
    await two.membership.close();
    await bench.until('the first is told again', () => one.changes.length === 2);
    one.membership.requestRejoin('no effect: it rebalances already');
    t.equal((await one.membership.join()).assignment.toString(), 'sessioned: one of 1');
    one.membership.requestRejoin('own wish');
    t.equal(one.membership.state, 'rebalancing');
  });
});
