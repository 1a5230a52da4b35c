import t from 'tap';
import { isCurrentTask } from '../../src/herder/rightful.ts';
import { applyConfigRecord, EMPTY_CONFIG_STATE } from '../../src/store/config-state.ts';

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
