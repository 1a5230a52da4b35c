import { join } from 'node:path';
import t from 'tap';
import { openEmbedded } from '../../src/broker/embedded/index.ts';
import { alone } from '../../src/herder/alone.ts';
import { EVERYTHING, NOTHING } from '../../src/herder/plan.ts';
import { isCurrentTask, mayWrite } from '../../src/herder/rightful.ts';
import { applyConfigRecord, EMPTY_CONFIG_STATE } from '../../src/store/config-state.ts';
import { ConfigStore } from '../../src/store/config-store.ts';
import { ensureInternalTopic } from '../../src/store/internal-topic.ts';
import { testLogger } from '../support/logger.ts';
import { tempDir } from '../support/worker.ts';

const SET = [
  ['connector-a', { properties: { name: 'a' } }],
  ['task-a-0', { properties: {} }],
  ['task-a-1', { properties: {} }],
  ['commit-a', { tasks: 2 }],
] as const;
/** The offset at which the set is committed. */
const COMMITTED = 3;

const after = (...records: ReadonlyArray<readonly [key: string, value: unknown]>) =>
  [...SET, ...records].reduce(
    (state, [key, value], offset) => applyConfigRecord(state, { offset, key, value }),
    EMPTY_CONFIG_STATE,
  );
const task = (n: number) => ({ connector: 'a', task: n });

t.test('a task is the one to run until another set of task configs is committed', (t) => {
  t.ok(isCurrentTask(after(), task(1), COMMITTED));
  t.ok(
    isCurrentTask(after(['target-state-a', { 'state.v2': 'PAUSED' }], ['task-a-0', { properties: {} }]), task(1), 3),
  );
  t.notOk(isCurrentTask(after(['task-a-0', { properties: {} }], ['commit-a', { tasks: 1 }]), task(0), COMMITTED));
  t.notOk(isCurrentTask(after(['commit-a', { tasks: 0 }]), task(0), COMMITTED), 'its connector was stopped');
  t.end();
});

t.test('a task of a connector that is gone, or was made anew since, is not', (t) => {
  t.notOk(isCurrentTask(after(['connector-a', null]), task(0), COMMITTED));
  t.notOk(isCurrentTask(after(['connector-a', null], ...SET), task(0), COMMITTED));
  t.end();
});

t.test('a task of a set that is not complete is not', (t) => {
  t.notOk(isCurrentTask(after(['task-a-0', { properties: {} }], ['commit-a', { tasks: 2 }]), task(0), COMMITTED + 2));
  t.end();
});

t.test('a task is answered after all that is in the config topic, and once the group has spoken', async (t) => {
  const configs = { 'bootstrap.servers': `embedded:${join(tempDir(t), 'log')}` };
  const broker = await openEmbedded({ configs, clientId: 'test' });
  t.teardown(() => broker.close());
  await ensureInternalTopic(broker, { name: 'configs', partitions: 1, replicationFactor: 1, configs: {} }, '', true);
  const options = { leaderTransactionalId: null, log: testLogger, onLoggerLevel: () => {} };
  const [mine, another] = ['mine', 'another'].map((name) => new ConfigStore(broker, 'configs', name, options));
  await another!.putConnector('a', { name: 'a' }, null);
  await another!.putTasks('a', [{ name: 'a' }]);
  const { tasksOffset } = another!.state.connectors.get('a')!;
  let confirmed: boolean[] = [];
  let assignment = EVERYTHING;
  const membership = {
    ...alone('http://here:8083'),
    get assignment() {
      return assignment;
    },
    confirm: async () => confirmed.shift() ?? true,
  };
  const ask = () => mayWrite(mine!, membership)({ connector: 'a', task: 0 }, tasksOffset);
  t.equal(await ask(), true);
  confirmed = [false, true];
  t.equal(await ask(), true);
  t.same(confirmed, [], 'the group was asked again');
  assignment = NOTHING;
  t.equal(await ask(), false);
  assignment = EVERYTHING;
  await another!.putTasks('a', [{ name: 'a' }]);
  t.equal(await ask(), false, 'another set was committed');
  await Promise.all([mine!.close(), another!.close()]);
});
