import { setImmediate } from 'node:timers/promises';
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { RunningConnectorReport, TaskReport } from '../herder/executor.ts';
import { LATENCY_BUCKETS_MS } from './histogram.ts';
import { pluginFamilies } from './plugin-metrics.ts';
import {
  HISTOGRAM_METRICS,
  type HistogramMetric,
  METRICS,
  type Metric,
  prometheusName,
  type WorkerReport,
} from './table.ts';

/** So long the text is worked at in one go, in milliseconds: of a thousand tasks it has tens of thousands of lines. */
const SLICE_MS = 5;

/** Writes the metrics in the text format of Prometheus. */
export interface MetricsText {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** A connector or a task, with the labels that all of its samples have. */
interface Labelled<T> {
  readonly labels: string;
  readonly report: T;
}

interface Reports {
  readonly worker: WorkerReport;
  readonly connectors: ReadonlyArray<Labelled<RunningConnectorReport>>;
  readonly tasks: ReadonlyArray<Labelled<TaskReport>>;
  readonly byConnector: ReadonlyArray<Labelled<readonly TaskReport[]>>;
}

/** The table of metrics, with values taken from the tasks when somebody asks, and the process's own metrics. */
export function metricsRegistry(report: () => WorkerReport): MetricsText {
  const ofProcess = new Registry();
  collectDefaultMetrics({ register: ofProcess });
  return {
    contentType: ofProcess.contentType,
    async metrics() {
      const text = [await ofProcess.metrics()];
      const reports = reportsOf(report());
      let began = performance.now();
      for (const make of families(reports)) {
        text.push(make());
        if (performance.now() - began < SLICE_MS) continue;
        await setImmediate();
        began = performance.now();
      }
      return text.join('\n');
    },
  };
}

function* families(reports: Reports): Generator<() => string> {
  for (const metric of METRICS) yield () => family(metric, reports);
  for (const metric of HISTOGRAM_METRICS) yield () => histogramFamily(metric, reports);
  const ofPlugins = reports.tasks.map(({ labels, report }) => ({ labels, metrics: report.metrics?.ofPlugin ?? [] }));
  for (const { name, doc, type, samples } of pluginFamilies(ofPlugins))
    yield () =>
      `${[...head(name, doc, type), ...samples.map(({ labels, value }) => sample(name, labels, value))].join('\n')}\n`;
}

function reportsOf(worker: WorkerReport): Reports {
  const ofConnector = (name: string): string => label('connector', name);
  return {
    worker,
    connectors: worker.connectors.map((report) => ({ labels: ofConnector(report.connector), report })),
    tasks: worker.tasks.map((report) => ({
      labels: `${ofConnector(report.connector)},${label('task', String(report.task))}`,
      report,
    })),
    byConnector: [...Map.groupBy(worker.tasks, ({ connector }) => connector)].map(([name, report]) => ({
      labels: ofConnector(name),
      report,
    })),
  };
}

function family(metric: Metric, { worker, connectors, tasks, byConnector }: Reports): string {
  const name = prometheusName(metric.group, metric.attribute);
  const lines = head(name, metric.doc, metric.type);
  if (metric.scope === 'worker') {
    const value = metric.value(worker);
    if (value === null) return '';
    lines.push(sample(name, more(metric.labels?.(worker)).slice(1), value));
  } else if (metric.scope === 'connector') {
    for (const { labels, report } of connectors)
      lines.push(sample(name, labels + more(metric.labels?.(report)), metric.value(report)));
  } else if (metric.scope === 'tasks of connector') {
    for (const { labels, report } of byConnector) lines.push(sample(name, labels, metric.value(report)));
  } else {
    for (const { labels, report } of tasks) {
      const { metrics } = report;
      if (metrics && metric.kinds.includes(metrics.kind))
        lines.push(sample(name, labels + more(metric.labels?.(report)), metric.value(metrics, report)));
    }
  }
  return `${lines.join('\n')}\n`;
}

function histogramFamily({ group, attribute, name, kind, doc }: HistogramMetric, { tasks }: Reports): string {
  const base = prometheusName(group, attribute);
  const lines = head(base, doc, 'histogram');
  for (const { labels, report } of tasks) {
    if (report.metrics?.kind !== kind) continue;
    const { counts, sum, count } = report.metrics.histograms[name];
    let below = 0;
    LATENCY_BUCKETS_MS.forEach((le, i) => {
      below += counts[i]!;
      lines.push(`${base}_bucket{${labels},le="${le}"} ${below}`);
    });
    lines.push(
      `${base}_bucket{${labels},le="+Inf"} ${count}`,
      `${base}_sum{${labels}} ${sum}`,
      `${base}_count{${labels}} ${count}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

const head = (name: string, doc: string, type: string): string[] => [
  `# HELP ${name} ${escaped(doc)}`,
  `# TYPE ${name} ${type}`,
];

const sample = (name: string, labels: string, value: number): string =>
  labels === '' ? `${name} ${value}` : `${name}{${labels}} ${value}`;

const more = (labels: Readonly<Record<string, string>> | undefined): string =>
  labels === undefined
    ? ''
    : Object.entries(labels)
        .map(([key, value]) => `,${label(key, value)}`)
        .join('');

const label = (key: string, value: string): string => `${key}="${escaped(value).replaceAll('"', '\\"')}"`;

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
