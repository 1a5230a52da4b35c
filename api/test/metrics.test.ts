import { ConnectError, KeptMetrics, MAX_METRICS } from '@tributary/api';
import t from 'tap';

t.test('metrics keep what a plugin counts', (t) => {
  const metrics = new KeptMetrics();
  const rows = metrics.counter('rows-written-total', 'Rows.');
  rows.add();
  rows.add(4);
  const open = metrics.gauge('connections-open', 'Connections.');
  open.set(7);
  open.set(-2);
  const time = metrics.summary('request-time-ms', 'Requests.');
  for (const ms of [3, 9, 6]) time.observe(ms);
  metrics.summary('idle-ms', 'Idle.');
  t.strictSame(metrics.values(), [
    { name: 'rows-written-total', doc: 'Rows.', kind: 'counter', value: 5 },
    { name: 'connections-open', doc: 'Connections.', kind: 'gauge', value: -2 },
    { name: 'request-time-ms', doc: 'Requests.', kind: 'summary', value: { count: 3, sum: 18, max: 9 } },
    { name: 'idle-ms', doc: 'Idle.', kind: 'summary', value: { count: 0, sum: 0, max: 0 } },
  ]);
  t.end();
});

t.test('the same name is the same metric, such as in a source that is called again', (t) => {
  const metrics = new KeptMetrics();
  metrics.counter('rows-total', 'Rows.').add(2);
  metrics.counter('rows-total', 'Rows.').add(3);
  t.match(metrics.values(), [{ value: 5 }]);
  t.end();
});

t.test('a name that is taken, or shown by another metric, is refused', (t) => {
  const metrics = new KeptMetrics();
  metrics.counter('rows-total', '');
  metrics.summary('size', '');
  t.throws(() => metrics.gauge('rows-total', ''), /The gauge 'rows-total' would be shown as 'rows-total'/);
  t.throws(() => metrics.gauge('size', ''), /The gauge 'size' would be shown as 'size'/);
  t.throws(() => metrics.gauge('size-max', ''), /another metric's name/);
  metrics.gauge('time-avg', '');
  t.throws(() => metrics.summary('time', ''), /The summary 'time' would be shown as 'time-avg'/);
  t.equal(metrics.values().length, 3);
  t.end();
});

t.test('names are words with hyphens', (t) => {
  const metrics = new KeptMetrics();
  for (const name of [
    '',
    'Rows',
    'rows_total',
    'rows total',
    '-rows',
    'rows-',
    '1-row',
    'a--b',
    'x"} 1\n',
    'a'.repeat(101),
  ])
    t.throws(() => metrics.counter(name, ''), ConnectError, name);
  t.end();
});

t.test('a plugin cannot make metrics without end', (t) => {
  const metrics = new KeptMetrics();
  for (let i = 0; i < MAX_METRICS; i++) metrics.counter(`table-${i}-total`, '');
  t.throws(() => metrics.counter('one-more-total', ''), /'one-more-total' is one too many: a task has 100 at most/);
  metrics.counter('table-0-total', '').add();
  t.equal(metrics.values().length, MAX_METRICS);
  t.end();
});

t.test('what is no number, or goes backwards, is refused', (t) => {
  const metrics = new KeptMetrics();
  const [counter, gauge, summary] = [metrics.counter('a', ''), metrics.gauge('b', ''), metrics.summary('c', '')];
  for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    t.throws(() => counter.add(wrong), /The metric 'a' cannot take/);
    t.throws(() => summary.observe(wrong), /The metric 'c' cannot take/);
  }
  t.throws(() => gauge.set(Number.NaN), /The metric 'b' cannot take NaN: it takes finite numbers$/);
  t.end();
});
