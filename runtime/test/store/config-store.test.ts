/** The config store on the embedded log: what it tells of records that it or others write. */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openEmbedded } from '../../src/broker/embedded/index.ts';
import type { Broker } from '../../src/broker/port.ts';
import type { ConfigChange } from '../../src/store/config-change.ts';
import { ConfigStore } from '../../src/store/config-store.ts';
import { ensureInternalTopic } from '../../src/store/internal-topic.ts';
import { testLogger } from '../support/logger.ts';
import { tempDir, until } from '../support/worker.ts';

const TOPIC = 'configs';

async function openLog(t: Test): Promise<Broker> {
  const folder = join(tempDir(t), 'log');
  const broker = await openEmbedded({ configs: { 'bootstrap.servers': `embedded:${folder}` }, clientId: 'test' });
  t.teardown(() => broker.close());
  await ensureInternalTopic(broker, { name: TOPIC, partitions: 1, replicationFactor: 1, configs: {} }, 'key', true);
  return broker;
}

function openStore(broker: Broker): ConfigStore {
  return new ConfigStore(broker, TOPIC, 'test', {
    log: testLogger,
    leaderTransactionalId: null,
    onLoggerLevel: () => {},
  });
}

t.test('a store tells what others and itself have written since it was started, once it is in its state', async (t) => {
  const broker = await openLog(t);
  const [writer, follower] = [openStore(broker), openStore(broker)];
  await writer.putConnector('old', { name: 'old' }, null);
  await writer.putRestart('old', true, false);
  const told: Array<readonly [ConfigChange, tasks: number | undefined]> = [];
  follower.onChange((change) => told.push([change, follower.state.connectors.get('new')?.tasks.length]));
  await follower.refresh();
  t.equal(follower.state.offset, 1);
  t.same(told, [], 'nothing of what was there before');

  await writer.putConnector('new', { name: 'new' }, 'PAUSED');
  await writer.putTasks('new', [{ n: '0' }, { n: '1' }]);
  await writer.putRestart('new', true, true);
  await writer.putFencing('new', 2);
  await follower.putTargetState('old', 'STOPPED');
  await until(() => told.some(([{ targetStates }]) => targetStates.includes('old')));
  const all = (of: (change: ConfigChange) => readonly unknown[]) => told.flatMap(([change]) => of(change));
  t.same(new Set(all((change) => change.connectors)), new Set(['new']));
  t.same(new Set(all((change) => change.tasks)), new Set(['new']));
  t.same(
    all((change) => change.restarts),
    [{ connector: 'new', includeTasks: true, onlyFailed: true }],
  );
  t.equal(told.find(([{ tasks }]) => tasks.includes('new'))?.[1], 2);
  t.same(writer.state, follower.state);
  await Promise.all([writer.close(), follower.close()]);
});
