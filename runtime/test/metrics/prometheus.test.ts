import { Histogram as PromHistogram, Registry } from 'prom-client';
import t from 'tap';
import type { TaskReport } from '../../src/herder/executor.ts';
import { LATENCY_BUCKETS_MS } from '../../src/metrics/histogram.ts';
import { metricsRegistry } from '../../src/metrics/prometheus.ts';
import type { WorkerReport } from '../../src/metrics/table.ts';
import { TaskMetrics } from '../../src/metrics/task-metrics.ts';

const NAME = 'of "a" \\ and\nb';

/** A worker with these tasks, of a connector that is here and of one that is on another worker. */
function worker(tasks: ReadonlyArray<Pick<TaskReport, 'task' | 'state' | 'metrics'>>): () => WorkerReport {
  const shared = { connectorClass: 'a.Sink', type: 'sink', restarts: 0 } as const;
  return () => ({
    tasks: [
      ...tasks.map((task) => ({ ...shared, connector: NAME, ...task })),
      { ...shared, connector: 'elsewhere', task: 4, state: 'PAUSED', metrics: null },
    ],
    connectors: [{ connector: NAME, state: 'RUNNING', type: 'sink', class: 'a.Sink', version: '1' }],
    rebalances: {
      protocol: 'sessioned',
      generation: 12,
      leaderUrl: null,
      completed: 4,
      totalMs: 100,
      maxMs: 70,
      rebalancing: true,
      sinceLastMs: 9,
    },
  });
}

const ESCAPED = 'of \\"a\\" \\\\ and\\nb';

t.test('the text has a sample of each task, of each connector and of the worker', async (t) => {
  const metrics = new TaskMetrics('sink');
  metrics.count('sink-record-read-total', 7);
  const text = await metricsRegistry(
    worker([
      { task: 0, state: 'RUNNING', metrics: metrics.data() },
      { task: 1, state: 'FAILED', metrics: null },
    ]),
  ).metrics();
  const lines = text.split('\n');
  for (const line of [
    '# TYPE kafka_connect_sink_task_metrics_sink_record_read_total counter',
    `kafka_connect_sink_task_metrics_sink_record_read_total{connector="${ESCAPED}",task="0"} 7`,
    `kafka_connect_connector_task_metrics_status{connector="${ESCAPED}",task="0",status="RUNNING"} 1`,
    `kafka_connect_connect_worker_metrics_connector_failed_task_count{connector="${ESCAPED}"} 1`,
    'kafka_connect_connect_worker_metrics_connector_paused_task_count{connector="elsewhere"} 1',
    'kafka_connect_connect_worker_metrics_connector_count 1',
    'kafka_connect_connect_worker_metrics_task_count 3',
    'kafka_connect_connect_worker_rebalance_metrics_connect_protocol{protocol="sessioned"} 1',
    'kafka_connect_connect_worker_rebalance_metrics_epoch 12',
    'kafka_connect_connect_worker_rebalance_metrics_completed_rebalances_total 4',
    'kafka_connect_connect_worker_rebalance_metrics_rebalance_avg_time_ms 25',
  ])
    t.ok(lines.includes(line), line);
  t.notMatch(text, /leader_name/, 'the leader is not known');
  t.notMatch(text, /task="1"/, 'a task that could not start has no metrics');
  t.notMatch(text, /source_record_poll_total\{/, 'a sink has none of a source');
  t.match(text, /^process_cpu_seconds_total /m);
});

t.test('the metrics of plugins are shown by name, with the tasks that have them', async (t) => {
  const [one, two] = [new TaskMetrics('sink'), new TaskMetrics('sink')];
  one.ofPlugin.counter('rows-total', 'Rows "written"\nso far.').add(3);
  two.ofPlugin.counter('rows-total', 'Rows.').add(4);
  const time = one.ofPlugin.summary('request-ms', 'Time.');
  time.observe(5);
  time.observe(10);
  one.ofPlugin.gauge('open', 'Open.').set(1.5);
  two.ofPlugin.counter('open', 'Opened.').add();
  const text = await metricsRegistry(
    worker([
      { task: 0, state: 'RUNNING', metrics: one.data() },
      { task: 1, state: 'RUNNING', metrics: two.data() },
    ]),
  ).metrics();
  const of = (task: number): string => `{connector="${ESCAPED}",task="${task}"}`;
  t.match(
    text.slice(text.indexOf('# HELP kafka_connect_plugins')),
    [
      '# HELP kafka_connect_plugins_rows_total Rows "written"\\nso far.',
      '# TYPE kafka_connect_plugins_rows_total counter',
      `kafka_connect_plugins_rows_total${of(0)} 3`,
      `kafka_connect_plugins_rows_total${of(1)} 4`,
      '',
      '# HELP kafka_connect_plugins_request_ms_max Time. The largest.',
      '# TYPE kafka_connect_plugins_request_ms_max gauge',
      `kafka_connect_plugins_request_ms_max${of(0)} 10`,
      '',
      '# HELP kafka_connect_plugins_request_ms_avg Time. The average.',
      '# TYPE kafka_connect_plugins_request_ms_avg gauge',
      `kafka_connect_plugins_request_ms_avg${of(0)} 7.5`,
      '',
      '# HELP kafka_connect_plugins_request_ms_sum Time. The sum.',
      '# TYPE kafka_connect_plugins_request_ms_sum counter',
      `kafka_connect_plugins_request_ms_sum${of(0)} 15`,
      '',
      '# HELP kafka_connect_plugins_request_ms_count Time. How many.',
      '# TYPE kafka_connect_plugins_request_ms_count counter',
      `kafka_connect_plugins_request_ms_count${of(0)} 2`,
      '',
      '# HELP kafka_connect_plugins_open Open.',
      '# TYPE kafka_connect_plugins_open untyped',
      `kafka_connect_plugins_open${of(0)} 1.5`,
      `kafka_connect_plugins_open${of(1)} 1`,
      '',
    ].join('\n'),
  );
});

t.test('a histogram is written as prom-client writes one', async (t) => {
  const [name, help] = [
    'kafka_connect_sink_task_metrics_event_to_put_ms',
    "Milliseconds from a record's timestamp to the sink having taken it.",
  ];
  const registry = new Registry();
  const peer = new PromHistogram({
    name,
    help,
    labelNames: ['connector', 'task'],
    buckets: [...LATENCY_BUCKETS_MS],
    registers: [registry],
  });
  const metrics = new TaskMetrics('sink');
  for (const milliseconds of [0, 1, 3, 250, 1e6]) {
    metrics.latency('event-to-put-ms', milliseconds);
    peer.observe({ connector: NAME, task: '0' }, milliseconds);
  }
  const text = await metricsRegistry(worker([{ task: 0, state: 'RUNNING', metrics: metrics.data() }])).metrics();
  const labelsFirst = (line: string): string =>
    line.replace(/\{(le="[^"]*"),(.*)\}/, (_all, le: string, rest: string) => `{${rest},${le}}`);
  const expected = (await registry.metrics()).trimEnd().split('\n').map(labelsFirst);
  t.strictSame(
    text.split('\n').filter((line) => line.includes(name)),
    expected,
  );
});
