import type { RunningConnectorReport, TaskReport } from '../herder/executor.ts';
import type { RebalanceReport } from '../herder/membership.ts';
import type { CounterName, GaugeName, HistogramName, SummaryName, TaskMetricsData } from './task-metrics.ts';

/**
 * The metrics, by the groups and attributes of Java Connect (ConnectMetricsRegistry), named in Prometheus as the usual JMX exporter
 * rules name those: `kafka_connect_<group>_<attribute>`. Java's `-rate` attributes are left to `rate()` over the totals.
 */
export type Metric = TaskMetric | ConnectorMetric | ConnectorTasksMetric | WorkerMetric;

interface Base {
  readonly group: string;
  readonly attribute: string;
  readonly type: 'counter' | 'gauge';
  readonly doc: string;
}

export interface TaskMetric extends Base {
  readonly scope: 'task';
  readonly kinds: ReadonlyArray<'source' | 'sink'>;
  value(metrics: TaskMetricsData, report: TaskReport): number;
  /** Further labels, for metrics that tell something in words. */
  labels?(report: TaskReport): Record<string, string>;
}

/** Of a connector that is on this worker. */
export interface ConnectorMetric extends Base {
  readonly scope: 'connector';
  value(report: RunningConnectorReport): number;
  labels?(report: RunningConnectorReport): Record<string, string>;
}

/** Of a connector that has tasks on this worker, wherever it is itself. */
export interface ConnectorTasksMetric extends Base {
  readonly scope: 'tasks of connector';
  value(tasks: readonly TaskReport[]): number;
}

/** All that is on this worker. */
export interface WorkerReport {
  readonly connectors: readonly RunningConnectorReport[];
  readonly tasks: readonly TaskReport[];
  /** Null: the worker is alone. */
  readonly rebalances: RebalanceReport | null;
}

export interface WorkerMetric extends Base {
  readonly scope: 'worker';
  /** Null: there is none. */
  value(report: WorkerReport): number | null;
  labels?(report: WorkerReport): Record<string, string>;
}

export interface HistogramMetric {
  readonly group: string;
  readonly attribute: string;
  readonly name: HistogramName;
  readonly kind: 'source' | 'sink';
  readonly doc: string;
}

const BOTH = ['source', 'sink'] as const;
const SOURCE = ['source'] as const;
const SINK = ['sink'] as const;
type Kinds = TaskMetric['kinds'];

const counter = (group: string, name: CounterName, kinds: Kinds, doc: string): TaskMetric => ({
  scope: 'task',
  group,
  attribute: name,
  type: 'counter',
  kinds,
  doc,
  value: ({ counters }) => counters[name],
});

const gauge = (group: string, name: GaugeName, kinds: Kinds, doc: string): TaskMetric => ({
  scope: 'task',
  group,
  attribute: name,
  type: 'gauge',
  kinds,
  doc,
  value: ({ gauges }) => gauges[name],
});

function summary(
  group: string,
  name: SummaryName,
  attributes: readonly [max: string, avg: string],
  kinds: Kinds,
  what: string,
): TaskMetric[] {
  const base = { scope: 'task', group, type: 'gauge', kinds } as const;
  return [
    {
      ...base,
      attribute: attributes[0],
      doc: `The largest ${what} since the task started.`,
      value: ({ summaries }) => summaries[name].max,
    },
    {
      ...base,
      attribute: attributes[1],
      doc: `The average ${what} since the task started.`,
      value: ({ summaries }) => (summaries[name].count === 0 ? 0 : summaries[name].sum / summaries[name].count),
    },
  ];
}

const share =
  (part: CounterName, rest: CounterName) =>
  ({ counters }: TaskMetricsData): number => {
    const all = counters[part] + counters[rest];
    return all === 0 ? 0 : counters[part] / all;
  };

const TASK = 'connector_task_metrics';
const SOURCE_TASK = 'source_task_metrics';
const SINK_TASK = 'sink_task_metrics';
const ERRORS = 'task_error_metrics';

const inState = (tasks: readonly TaskReport[], state: string): number =>
  tasks.filter((task) => task.state === state).length;

const connectorTasks = (state: string): ConnectorTasksMetric => ({
  scope: 'tasks of connector',
  group: 'connect_worker_metrics',
  attribute: `connector-${state.toLowerCase()}-task-count`,
  type: 'gauge',
  doc: `The tasks of the connector on this worker that are ${state}.`,
  value: (tasks) => inState(tasks, state),
});

const rebalance = (
  attribute: string,
  type: WorkerMetric['type'],
  doc: string,
  value: (rebalances: RebalanceReport) => number | null,
  labels?: (rebalances: RebalanceReport) => Record<string, string>,
): WorkerMetric => ({
  scope: 'worker',
  group: 'connect_worker_rebalance_metrics',
  attribute,
  type,
  doc,
  value: ({ rebalances }) => rebalances && value(rebalances),
  ...(labels && { labels: ({ rebalances }) => (rebalances ? labels(rebalances) : {}) }),
});

export const METRICS: readonly Metric[] = [
  {
    scope: 'connector',
    group: 'connector_metrics',
    attribute: 'status',
    type: 'gauge',
    doc: 'Always 1; the label tells the state, the class, the type and the version of the connector.',
    value: () => 1,
    labels: ({ state, class: className, type, version }) => ({
      status: state,
      connector_class: className,
      connector_type: type,
      connector_version: version,
    }),
  },
  {
    scope: 'task',
    group: TASK,
    attribute: 'status',
    type: 'gauge',
    kinds: BOTH,
    doc: 'Always 1; the label tells the state of the task.',
    value: () => 1,
    labels: ({ state }) => ({ status: state }),
  },
  {
    scope: 'task',
    group: TASK,
    attribute: 'restart-attempts-total',
    type: 'counter',
    kinds: BOTH,
    doc: 'How often the task was started again by itself (tasks.restart.policy).',
    value: (_metrics, { restarts }) => restarts,
  },
  ...summary(TASK, 'batch-size', ['batch-size-max', 'batch-size-avg'], BOTH, 'number of records in a batch'),
  ...summary(
    TASK,
    'offset-commit-time-ms',
    ['offset-commit-max-time-ms', 'offset-commit-avg-time-ms'],
    BOTH,
    'time to commit offsets, in milliseconds',
  ),
  {
    scope: 'task',
    group: TASK,
    attribute: 'offset-commit-success-percentage',
    type: 'gauge',
    kinds: BOTH,
    doc: 'The share of offset commits that succeeded, from 0 to 1.',
    value: share('offset-commit-success-total', 'offset-commit-failure-total'),
  },
  {
    scope: 'task',
    group: TASK,
    attribute: 'offset-commit-failure-percentage',
    type: 'gauge',
    kinds: BOTH,
    doc: 'The share of offset commits that failed, from 0 to 1.',
    value: share('offset-commit-failure-total', 'offset-commit-success-total'),
  },
  counter(SOURCE_TASK, 'source-record-poll-total', SOURCE, 'Records that the source gave, before any transform.'),
  counter(SOURCE_TASK, 'source-record-write-total', SOURCE, 'Records that are durable in Kafka, after the transforms.'),
  gauge(SOURCE_TASK, 'source-record-active-count', SOURCE, 'Records on their way to Kafka.'),
  ...summary(
    SOURCE_TASK,
    'poll-batch-time-ms',
    ['poll-batch-max-time-ms', 'poll-batch-avg-time-ms'],
    SOURCE,
    'time the source took for a batch, in milliseconds',
  ),
  ...summary(
    SOURCE_TASK,
    'transaction-size',
    ['transaction-size-max', 'transaction-size-avg'],
    SOURCE,
    'number of records in a transaction',
  ),
  counter(SINK_TASK, 'sink-record-read-total', SINK, 'Records read from Kafka, before any transform.'),
  counter(SINK_TASK, 'sink-record-send-total', SINK, 'Records that the sink took, after the transforms.'),
  gauge(
    SINK_TASK,
    'sink-record-active-count',
    SINK,
    'Records that the sink took and whose offsets are not committed yet.',
  ),
  gauge(
    SINK_TASK,
    'sink-record-lag-max',
    SINK,
    'The largest number of records by which the task is behind the end of a partition.',
  ),
  gauge(SINK_TASK, 'partition-count', SINK, 'Partitions that the task has.'),
  gauge(SINK_TASK, 'offset-commit-seq-no', SINK, 'The number of the last offset commit.'),
  counter(SINK_TASK, 'offset-commit-completion-total', SINK, 'Offset commits that were completed.'),
  counter(SINK_TASK, 'offset-commit-skip-total', SINK, 'Offset commits that were due but had nothing to commit.'),
  ...summary(
    SINK_TASK,
    'put-batch-time-ms',
    ['put-batch-max-time-ms', 'put-batch-avg-time-ms'],
    SINK,
    'time the sink took for a batch, in milliseconds',
  ),
  counter(ERRORS, 'total-record-failures', BOTH, 'Attempts to process a record that failed.'),
  counter(ERRORS, 'total-record-errors', BOTH, 'Records that failed for good.'),
  counter(ERRORS, 'total-records-skipped', BOTH, 'Records that failed and were passed by.'),
  counter(ERRORS, 'total-retries', BOTH, 'Attempts to process a record again.'),
  counter(ERRORS, 'total-errors-logged', BOTH, 'Tolerated errors that were logged.'),
  counter(ERRORS, 'deadletterqueue-produce-requests', BOTH, 'Records sent to the dead letter queue.'),
  counter(
    ERRORS,
    'deadletterqueue-produce-failures',
    BOTH,
    'Records that could not be written to the dead letter queue.',
  ),
  gauge(ERRORS, 'last-error-timestamp', BOTH, 'When a record last failed, in milliseconds since the epoch.'),
  ...['RUNNING', 'PAUSED', 'FAILED', 'UNASSIGNED', 'RESTARTING'].map(connectorTasks),
  {
    scope: 'tasks of connector',
    group: 'connect_worker_metrics',
    attribute: 'connector-total-task-count',
    type: 'gauge',
    doc: 'The tasks of the connector on this worker.',
    value: (tasks) => tasks.length,
  },
  {
    scope: 'worker',
    group: 'connect_worker_metrics',
    attribute: 'connector-count',
    type: 'gauge',
    doc: 'Connectors on this worker.',
    value: ({ connectors }) => connectors.length,
  },
  {
    scope: 'worker',
    group: 'connect_worker_metrics',
    attribute: 'task-count',
    type: 'gauge',
    doc: 'Tasks on this worker.',
    value: ({ tasks }) => tasks.length,
  },
  {
    scope: 'worker',
    group: 'connect_worker_metrics',
    attribute: 'task-failed-count',
    type: 'gauge',
    doc: 'Failed tasks on this worker.',
    value: ({ tasks }) => inState(tasks, 'FAILED'),
  },
  rebalance(
    'connect-protocol',
    'gauge',
    'Always 1; the label tells the protocol of the group.',
    () => 1,
    ({ protocol }) => ({ protocol }),
  ),
  rebalance(
    'leader-name',
    'gauge',
    'Always 1; the label tells where the leader is.',
    ({ leaderUrl }) => (leaderUrl === null ? null : 1),
    ({ leaderUrl }) => ({ leader: leaderUrl ?? '' }),
  ),
  rebalance('epoch', 'gauge', 'The generation of the last rebalance.', ({ generation }) => generation),
  rebalance(
    'completed-rebalances-total',
    'counter',
    'Rebalances that this worker has been through.',
    ({ completed }) => completed,
  ),
  rebalance('rebalancing', 'gauge', '1 while a rebalance is under way.', ({ rebalancing }) => Number(rebalancing)),
  rebalance('rebalance-max-time-ms', 'gauge', 'The longest time that a rebalance took.', ({ maxMs }) => maxMs),
  rebalance('rebalance-avg-time-ms', 'gauge', 'The average time that a rebalance took.', ({ totalMs, completed }) =>
    completed === 0 ? 0 : totalMs / completed,
  ),
  rebalance(
    'time-since-last-rebalance-ms',
    'gauge',
    'How long ago the last one was.',
    ({ sinceLastMs }) => sinceLastMs,
  ),
];

export const HISTOGRAM_METRICS: readonly HistogramMetric[] = [
  {
    group: SOURCE_TASK,
    attribute: 'event-to-write-ms',
    name: 'event-to-write-ms',
    kind: 'source',
    doc: "Milliseconds from a record's timestamp to its being durable in Kafka.",
  },
  {
    group: SINK_TASK,
    attribute: 'event-to-put-ms',
    name: 'event-to-put-ms',
    kind: 'sink',
    doc: "Milliseconds from a record's timestamp to the sink having taken it.",
  },
  {
    group: SINK_TASK,
    attribute: 'event-to-commit-ms',
    name: 'event-to-commit-ms',
    kind: 'sink',
    doc: "Milliseconds from a record's timestamp to the commit of its offset, after the sink's flush.",
  },
];

/** `kafka_connect_<group>_<attribute>`, in Prometheus' alphabet. */
export function prometheusName(group: string, attribute: string): string {
  return `kafka_connect_${group}_${attribute}`.replaceAll('-', '_');
}
