import t from 'tap';
import { EVERYTHING, needsRebalance, plan, type Running } from '../../src/herder/plan.ts';
import { applyConfigRecord, type ConfigState, connectorOf, EMPTY_CONFIG_STATE } from '../../src/store/config-state.ts';

const IDLE: Running = { connectors: new Map(), tasks: [] };

function state(...records: ReadonlyArray<readonly [string, unknown]>): ConfigState {
  return records.reduce(
    (now, [key, value], offset) => applyConfigRecord(now, { offset, key, value }),
    EMPTY_CONFIG_STATE,
  );
}

const CONNECTOR = ['connector-a', { properties: { name: 'a' } }] as const;
const TASKS = [
  ['task-a-0', { properties: { n: '0' } }],
  ['task-a-1', { properties: { n: '1' } }],
  ['commit-a', { tasks: 2 }],
] as const;
const target = (to: string) => ['target-state-a', { 'state.v2': to }] as const;

/** All that the state wants, as if it ran. */
function runningAll(now: ConfigState, paused = false): Running {
  const entry = connectorOf(now, 'a')!;
  return {
    connectors: new Map([['a', { config: entry.config, targetState: entry.targetState }]]),
    tasks: entry.tasks.map((config, task) => ({ connector: 'a', task, config, paused })),
  };
}

t.test('a new connector is started, and its tasks', (t) => {
  t.same(plan(state(CONNECTOR, ...TASKS), IDLE), [
    { type: 'start-connector', connector: 'a' },
    { type: 'start-task', connector: 'a', task: 0 },
    { type: 'start-task', connector: 'a', task: 1 },
  ]);
  t.end();
});

t.test('nothing is to be done when everything runs as wanted', (t) => {
  const now = state(CONNECTOR, ...TASKS);
  t.same(plan(now, runningAll(now)), []);
  t.end();
});

t.test('a pause reaches connector and tasks, a resume too', (t) => {
  const now = state(CONNECTOR, ...TASKS);
  const paused = state(CONNECTOR, ...TASKS, target('PAUSED'));
  const before = {
    ...runningAll(paused),
    connectors: new Map([['a', { config: connectorOf(paused, 'a')!.config, targetState: 'STARTED' as const }]]),
  };
  t.same(
    plan(paused, before).map(({ type }) => type),
    ['pause-task', 'pause-task', 'change-connector'],
  );
  t.same(
    plan(now, { ...runningAll(now, true) }).map(({ type }) => type),
    ['resume-task', 'resume-task'],
  );
  t.end();
});

t.test('a stopped connector keeps no task', (t) => {
  const before = state(CONNECTOR, ...TASKS);
  const now = [['commit-a', { tasks: 0 }] as const, target('STOPPED')].reduce(
    (s, [key, value]) => applyConfigRecord(s, { offset: 9, key, value }),
    before,
  );
  t.match(plan(now, runningAll(before)), [
    { type: 'stop-task', task: 0, destroyed: true },
    { type: 'stop-task', task: 1, destroyed: true },
    { type: 'change-connector', targetState: 'STOPPED' },
  ]);
  t.end();
});

t.test('a deleted connector takes its tasks with it', (t) => {
  const before = state(CONNECTOR, ...TASKS);
  const now = applyConfigRecord(before, { offset: 9, key: 'connector-a', value: null });
  t.match(plan(now, runningAll(before)), [
    { type: 'stop-task', destroyed: true },
    { type: 'stop-task', destroyed: true },
    { type: 'stop-connector', destroyed: true },
  ]);
  t.end();
});

t.test('tasks with a new config are stopped and started, and those of a smaller set are destroyed', (t) => {
  const before = state(CONNECTOR, ...TASKS);
  const now = [['task-a-0', { properties: { n: 'new' } }] as const, ['commit-a', { tasks: 1 }] as const].reduce(
    (s, [key, value]) => applyConfigRecord(s, { offset: 9, key, value }),
    before,
  );
  t.same(plan(now, runningAll(before)), [
    { type: 'stop-task', connector: 'a', task: 0, destroyed: false },
    { type: 'stop-task', connector: 'a', task: 1, destroyed: true },
    { type: 'start-task', connector: 'a', task: 0 },
  ]);
  t.end();
});

t.test('only what is assigned to this worker is started, and what no longer is, is stopped', (t) => {
  const now = state(CONNECTOR, ...TASKS);
  const mine = {
    offset: Number.POSITIVE_INFINITY,
    hasConnector: () => false,
    hasTask: (_: string, task: number) => task === 1,
  };
  t.same(plan(now, IDLE, mine), [{ type: 'start-task', connector: 'a', task: 1 }]);
  t.match(plan(now, runningAll(now), mine), [
    { type: 'stop-task', task: 0, destroyed: false },
    { type: 'stop-connector', connector: 'a', destroyed: false },
  ]);
  t.end();
});

t.test(
  'a set of tasks that was committed after the assignment waits for the next one; its predecessors are stopped',
  (t) => {
    const [before, after] = [state(CONNECTOR, ...TASKS), state(CONNECTOR, ...TASKS, ...TASKS)];
    const mine = { ...EVERYTHING, offset: before.offset };
    t.equal(needsRebalance(before, mine), false);
    t.equal(needsRebalance(after, mine), true);
    t.same(plan(after, runningAll(before), mine), [
      { type: 'stop-task', connector: 'a', task: 0, destroyed: false },
      { type: 'stop-task', connector: 'a', task: 1, destroyed: false },
      { type: 'start-connector', connector: 'a' },
    ]);
    t.same(
      plan(after, { ...runningAll(after), tasks: [] }, { ...EVERYTHING, offset: after.offset }).map(({ type }) => type),
      ['start-task', 'start-task'],
    );
    t.end();
  },
);
