import { Histogram as PromHistogram, Registry } from 'prom-client';
import t from 'tap';
import type { Executor, TaskReport } from '../../src/herder/executor.ts';
import { LATENCY_BUCKETS_MS } from '../../src/metrics/histogram.ts';
import { metricsRegistry } from '../../src/metrics/prometheus.ts';
import { TaskMetrics } from '../../src/metrics/task-metrics.ts';

const NAME = 'of "a" \\ and\nb';

function executor(
  tasks: ReadonlyArray<Pick<TaskReport, 'task' | 'state' | 'metrics'>>,
  connectors = [{ connector: NAME, state: 'RUNNING', type: 'sink', class: 'a.Sink', version: '1' }],
): Executor {
  const shared = { connector: NAME, connectorClass: 'a.Sink', type: 'sink' } as const;
  return {
    report: () => tasks.map((task) => ({ ...shared, ...task })),
    connectorReports: () => connectors,
  } as unknown as Executor;
}

const ESCAPED = 'of \\"a\\" \\\\ and\\nb';

t.test('the text has a sample of each task, of each connector and of the worker', async (t) => {
  const metrics = new TaskMetrics('sink');
  metrics.count('sink-record-read-total', 7);
  const text = await metricsRegistry(
    executor([
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
    'kafka_connect_connect_worker_metrics_task_count 2',
  ])
    t.ok(lines.includes(line), line);
  t.notMatch(text, /task="1"/, 'a task that could not start has no metrics');
  t.notMatch(text, /source_record_poll_total\{/, 'a sink has none of a source');
  t.match(text, /^process_cpu_seconds_total /m);
});

t.test('a task is counted where it runs, also if its connector is on another worker', async (t) => {
  const task = { task: 1, state: 'RUNNING', metrics: new TaskMetrics('sink').data() } as const;
  const lines = (await metricsRegistry(executor([task], [])).metrics()).split('\n');
  for (const line of [
    `kafka_connect_connector_task_metrics_status{connector="${ESCAPED}",task="1",status="RUNNING"} 1`,
    `kafka_connect_connect_worker_metrics_connector_running_task_count{connector="${ESCAPED}"} 1`,
    'kafka_connect_connect_worker_metrics_task_count 1',
    'kafka_connect_connect_worker_metrics_connector_count 0',
  ])
    t.ok(lines.includes(line), line);
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
  const text = await metricsRegistry(executor([{ task: 0, state: 'RUNNING', metrics: metrics.data() }])).metrics();
  const labelsFirst = (line: string): string =>
    line.replace(/\{(le="[^"]*"),(.*)\}/, (_all, le: string, rest: string) => `{${rest},${le}}`);
  const expected = (await registry.metrics()).trimEnd().split('\n').map(labelsFirst);
  t.strictSame(
    text.split('\n').filter((line) => line.includes(name)),
    expected,
  );
});
