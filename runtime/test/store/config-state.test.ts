import t from 'tap';
import {
  applyConfigRecord,
  type ConfigState,
  connectorNames,
  connectorOf,
  EMPTY_CONFIG_STATE,
} from '../../src/store/config-state.ts';

/** The state after these records, offsets from 0. */
const after = (...records: ReadonlyArray<readonly [key: string, value: unknown]>): ConfigState =>
  records.reduce((state, [key, value], offset) => applyConfigRecord(state, { offset, key, value }), EMPTY_CONFIG_STATE);

const connector = (name: string) => [`connector-${name}`, { properties: { 'connector.class': 'X', name } }] as const;
const task = (name: string, n: number) =>
  [`task-${name}-${n}`, { properties: { 'task.class': 'XTask', name, n: String(n) } }] as const;

t.test('a connector exists from its config record on', (t) => {
  const state = after(connector('a'));
  t.same(connectorNames(state), ['a']);
  t.match(connectorOf(state, 'a'), { targetState: 'STARTED', tasks: [] });
  t.equal(state.offset, 0);
  t.end();
});

t.test('a target state that comes before its connector holds for it', (t) => {
  const state = after(['target-state-a', { state: 'PAUSED', 'state.v2': 'STOPPED' }], connector('a'));
  t.equal(connectorOf(state, 'a')?.targetState, 'STOPPED');
  t.end();
});

t.test('a target state of an old worker, without state.v2, is understood', (t) => {
  t.equal(connectorOf(after(connector('a'), ['target-state-a', { state: 'PAUSED' }]), 'a')?.targetState, 'PAUSED');
  t.end();
});

t.test('task configs hold from the commit record on', (t) => {
  const before = after(connector('a'), task('a', 0), task('a', 1));
  t.same(connectorOf(before, 'a')?.tasks, []);
  const state = after(connector('a'), task('a', 0), task('a', 1), ['commit-a', { tasks: 2 }]);
  t.match(connectorOf(state, 'a'), { inconsistent: false, tasks: [{ n: '0' }, { n: '1' }] });
  t.end();
});

t.test(
  'a commit without the task configs it counts marks the connector as inconsistent, until the next whole set',
  (t) => {
    const records = [connector('a'), task('a', 1), ['commit-a', { tasks: 2 }]] as const;
    t.equal(connectorOf(after(...records), 'a')?.inconsistent, true);
    const mended = after(...records, task('a', 0), ['commit-a', { tasks: 1 }]);
    t.match(connectorOf(mended, 'a'), { inconsistent: false, tasks: [{ n: '0' }] });
    t.end();
  },
);

t.test('a tombstone deletes the connector, and one made anew with the same name starts fresh', (t) => {
  const gone = [
    connector('a'),
    task('a', 0),
    ['commit-a', { tasks: 1 }],
    ['target-state-a', { 'state.v2': 'PAUSED' }],
    ['connector-a', null],
    ['target-state-a', null],
  ] as const;
  t.same(connectorNames(after(...gone)), []);
  t.match(connectorOf(after(...gone, connector('a')), 'a'), { targetState: 'STARTED', tasks: [] });
  t.end();
});

t.test('names with dashes and digits do not confuse task records', (t) => {
  const state = after(connector('a-1'), task('a-1', 0), ['commit-a-1', { tasks: 1 }]);
  t.match(connectorOf(state, 'a-1')?.tasks, [{ name: 'a-1' }]);
  t.end();
});

t.test('unknown and malformed records change nothing but the offset', (t) => {
  const state = after(
    connector('a'),
    ['session-key', { key: 'x' }],
    ['logger-cluster-root', { level: 'INFO' }],
    ['connector-b', 'what?'],
    ['commit-a', {}],
    ['zzz', 1],
  );
  t.same(connectorNames(state), ['a']);
  t.equal(state.offset, 5);
  t.end();
});
