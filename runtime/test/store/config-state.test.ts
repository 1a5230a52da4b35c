import t from 'tap';
import { configChange, isEmpty } from '../../src/store/config-change.ts';
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

t.test(
  'a connector that was deleted leaves behind how many of its tasks may still write, and a new one has them fenced',
  (t) => {
    const records = [
      connector('a'),
      task('a', 0),
      task('a', 1),
      ['commit-a', { tasks: 2 }],
      ['tasks-fencing-a', { 'task-count': 2 }],
      ['connector-a', null],
      ['target-state-a', null],
      connector('a'),
      task('a', 0),
      ['commit-a', { tasks: 1 }],
    ] as const;
    t.match(connectorOf(after(...records), 'a'), { fencedTasks: 2, pendingFencing: true });
    t.end();
  },
);

t.test('tasks of a connector whose records compaction has removed do not come to a new one of its name', (t) => {
  const rest = [task('a', 0), ['commit-a', { tasks: 1 }], connector('a')] as const;
  t.match(connectorOf(after(...rest), 'a'), { tasks: [], inconsistent: false });
  t.end();
});

t.test('the offset of the work moves on as connectors come and go and sets of tasks are committed', (t) => {
  const records = [
    [connector('a'), 0],
    [task('a', 0), 0],
    [['commit-a', { tasks: 1 }], 2],
    [connector('a'), 2],
    [['target-state-a', { state: 'PAUSED' }], 2],
    [['tasks-fencing-a', { 'task-count': 1 }], 2],
    [['commit-a', { tasks: 7 }], 6],
    [['connector-b', null], 6],
    [['connector-a', null], 8],
    [['target-state-a', null], 8],
    [['connector-a', null], 8],
  ] as const;
  records.forEach(([_record, offset], i) => {
    t.equal(after(...records.slice(0, i + 1).map(([record]) => record)).workOffset, offset, `after record ${i}`);
  });
  t.end();
});

t.test('a connector has the offset at which its tasks were committed', (t) => {
  const records = [connector('a'), connector('b'), task('a', 0), ['commit-a', { tasks: 1 }], connector('a')] as const;
  t.equal(connectorOf(after(...records), 'a')?.tasksOffset, 3);
  t.equal(connectorOf(after(...records), 'b')?.tasksOffset, -1);
  t.end();
});

t.test('what a batch of records has changed is told by kind', (t) => {
  const before = after(connector('a'), connector('b'), connector('c'));
  const apply = (...records: ReadonlyArray<readonly [key: string, value: unknown]>) =>
    records.reduce((state, [key, value], i) => applyConfigRecord(state, { offset: 3 + i, key, value }), before);
  const changed = configChange(
    before,
    apply(
      connector('a'),
      task('b', 0),
      ['commit-b', { tasks: 1 }],
      ['target-state-b', { 'state.v2': 'STOPPED' }],
      ['target-state-c', { 'state.v2': 'STARTED' }],
      connector('d'),
    ),
  );
  t.same(changed, { connectors: ['a', 'd'], tasks: ['b'], targetStates: ['b'], restarts: [] });
  t.ok(
    isEmpty(configChange(before, apply(['session-key', {}], task('c', 0), ['tasks-fencing-c', { 'task-count': 1 }]))),
  );
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

t.test('the last session key holds, and a malformed one changes nothing', (t) => {
  const key = (text: string) =>
    ['session-key', { key: btoa(text), algorithm: 'HmacSHA256', 'creation-timestamp': 5 }] as const;
  t.equal(after(connector('a')).sessionKey, null);
  for (const last of [null, { key: 5 }, 'x']) {
    const { sessionKey } = after(key('first'), key('second'), ['session-key', last]);
    t.match(sessionKey, { algorithm: 'HmacSHA256', createdAt: 5 });
    t.equal(sessionKey?.key.export().toString(), 'second');
  }
  t.end();
});
