/** Who may write to the config topic of several workers, on Kafka. */
import { sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t, { type Test } from 'tap';
import { openKafka } from '../../src/broker/kafka/index.ts';
import type { Broker } from '../../src/broker/port.ts';
import { connectorOf } from '../../src/store/config-state.ts';
import { ConfigStore } from '../../src/store/config-store.ts';
import { PrivilegeLostError } from '../../src/store/fenced-writer.ts';
import { ensureInternalTopic } from '../../src/store/internal-topic.ts';
import { testLogger } from '../support/logger.ts';
import { until } from '../support/worker.ts';

const skip = await skipUnlessAvailable('kafka');

interface Cluster {
  readonly topic: string;
  /** The config store of another worker of the same cluster. */
  worker(): Promise<ConfigStore>;
  end(): Promise<number>;
}

async function cluster(t: Test): Promise<Cluster> {
  const topic = `fenced-${process.pid}-${Date.now()}`;
  const open = async (): Promise<Broker> => {
    const broker = await openKafka({ configs: { 'bootstrap.servers': await sharedKafka() }, clientId: 'test' });
    t.teardown(() => broker.close());
    return broker;
  };
  const broker = await open();
  await ensureInternalTopic(broker, { name: topic, partitions: 1, replicationFactor: 1, configs: {} }, 'key', true);
  return {
    topic,
    async worker() {
      const store = new ConfigStore(await open(), topic, 'test', {
        leaderTransactionalId: `connect-cluster-${topic}`,
        log: testLogger,
        onLoggerLevel: () => {},
      });
      await store.refresh();
      return store;
    },
    end: async () => (await broker.topics.endOffsets(topic))[0]!.offset,
  };
}

t.test(
  'a leader that was deposed without knowing cannot write, and its successor is not disturbed',
  { skip },
  async (t) => {
    const { worker, end } = await cluster(t);
    const [deposed, successor] = [await worker(), await worker()];
    await deposed.claimWritePrivileges();
    await deposed.putConnector('a', { name: 'a' }, null);
    await successor.claimWritePrivileges();
    t.ok(deposed.hasWritePrivileges, 'it does not know');
    await t.rejects(deposed.putTasks('a', [{ of: 'deposed' }]), {
      name: 'PrivilegeLostError',
      message: /^Failed to write to config topic; this may be .* safely retried: another worker has become the leader$/,
    });
    t.notOk(deposed.hasWritePrivileges, 'now it does');
    const before = await end();
    await t.rejects(deposed.putFencing('a', 1), PrivilegeLostError);
    t.equal(await end(), before);
    await successor.putTasks('a', [{ of: 'successor' }]);
    await deposed.refresh();
    for (const store of [deposed, successor]) t.same(connectorOf(store.state, 'a')?.tasks, [{ of: 'successor' }]);
  },
);

t.test(
  'a worker that has not claimed the privilege writes target states and levels, and nothing else',
  { skip },
  async (t) => {
    const { worker } = await cluster(t);
    const [leader, other] = [await worker(), await worker()];
    await leader.claimWritePrivileges();
    await leader.putConnector('a', { name: 'a' }, 'STOPPED');
    await other.putTargetState('a', 'PAUSED');
    await other.putLoggerLevel('root', 'INFO');
    await leader.refresh();
    t.equal(connectorOf(leader.state, 'a')?.targetState, 'PAUSED');
    for (const write of [
      () => other.putConnector('b', {}, null),
      () => other.removeConnector('a'),
      () => other.putTasks('a', []),
      () => other.putFencing('a', 0),
      () => other.putRestart('a', true, false),
    ])
      await t.rejects(write(), { name: 'PrivilegeLostError', message: /can only be written by the leader/ });
  },
);

t.test('a leader that was fenced by a zombie claims the privilege again', { skip }, async (t) => {
  const { worker } = await cluster(t);
  const [leader, zombie] = [await worker(), await worker()];
  await leader.claimWritePrivileges();
  await zombie.claimWritePrivileges();
  await t.rejects(leader.putConnector('a', { name: 'a' }, null), PrivilegeLostError);
  await leader.claimWritePrivileges();
  await leader.putConnector('a', { name: 'a' }, null);
  await t.rejects(zombie.removeConnector('a'), PrivilegeLostError);
  await until(() => connectorOf(zombie.state, 'a') !== undefined);
});

t.test('what belongs together is one transaction: all of it is there, or nothing', { skip }, async (t) => {
  const { worker, end } = await cluster(t);
  const leader = await worker();
  await leader.claimWritePrivileges();
  const added = async (write: () => Promise<void>): Promise<number> => {
    const before = await end();
    await write();
    return (await end()) - before;
  };
  const MARKER = 1;
  t.equal(await added(() => leader.putConnector('a', { name: 'a' }, 'PAUSED')), 2 + MARKER);
  t.equal(await added(() => leader.putTasks('a', [{ n: '0' }, { n: '1' }])), 3 + MARKER);
  t.equal(await added(() => leader.removeConnector('a')), 2 + MARKER);
});
