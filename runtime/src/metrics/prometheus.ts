import { collectDefaultMetrics, type Metric as PromMetric, Registry } from 'prom-client';
import type { Executor } from '../herder/executor.ts';
import { LATENCY_BUCKETS_MS } from './histogram.ts';
import { type ConnectorReport, HISTOGRAM_METRICS, METRICS, type Metric, prometheusName } from './table.ts';
import { TaskMetrics } from './task-metrics.ts';

interface Sample {
  readonly labels: Record<string, string | number>;
  readonly value: number;
  readonly metricName?: string;
}

/** A metric whose values are taken from the tasks when somebody asks, instead of being kept twice. */
function computed(name: string, help: string, type: string, samples: () => readonly Sample[]): PromMetric {
  const metric = {
    name,
    help,
    type,
    aggregator: 'sum',
    collect() {},
    get: async () => ({ name, help, type, aggregator: 'sum', values: samples() }),
    reset() {},
    labels: () => metric,
    remove() {},
  };
  return metric as unknown as PromMetric;
}

/** Metrics that are asked for together are computed from one report, not from one each. Milliseconds. */
const REPORT_LASTS_MS = 100;

function reporter(executor: Executor): () => readonly ConnectorReport[] {
  let reports: readonly ConnectorReport[] = [];
  let made = Number.NEGATIVE_INFINITY;
  return () => {
    const now = performance.now();
    if (now - made > REPORT_LASTS_MS) {
      reports = reportsOf(executor);
      made = now;
    }
    return reports;
  };
}

function reportsOf(executor: Executor): readonly ConnectorReport[] {
  const tasks = executor.report();
  return executor
    .connectorReports()
    .map((connector) => ({ ...connector, tasks: tasks.filter((task) => task.connector === connector.connector) }));
}

function samplesOf(metric: Metric, reports: readonly ConnectorReport[]): readonly Sample[] {
  if (metric.scope === 'worker') return [{ labels: {}, value: metric.value(reports) }];
  if (metric.scope === 'connector') {
    return reports.map((report) => ({
      labels: { connector: report.connector, ...metric.labels?.(report) },
      value: metric.value(report),
    }));
  }
  return reports.flatMap(({ tasks }) =>
    tasks.flatMap((report) => {
      if (report.type === 'unknown' || !metric.kinds.includes(report.type)) return [];
      const metrics = report.metrics ?? new TaskMetrics(report.type).data();
      return [
        {
          labels: { connector: report.connector, task: report.task, ...metric.labels?.(report) },
          value: metric.value(metrics, report),
        },
      ];
    }),
  );
}

function histogramSamples(
  base: string,
  kind: 'source' | 'sink',
  name: (typeof HISTOGRAM_METRICS)[number]['name'],
  reports: readonly ConnectorReport[],
): readonly Sample[] {
  return reports.flatMap(({ tasks }) =>
    tasks.flatMap(({ connector, task, metrics }) => {
      if (metrics?.kind !== kind) return [];
      const { counts, sum, count } = metrics.histograms[name];
      const labels = { connector, task };
      let below = 0;
      const buckets = LATENCY_BUCKETS_MS.map((le, i) => {
        below += counts[i]!;
        return { metricName: `${base}_bucket`, labels: { ...labels, le }, value: below };
      });
      return [
        ...buckets,
        { metricName: `${base}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
        { metricName: `${base}_sum`, labels, value: sum },
        { metricName: `${base}_count`, labels, value: count },
      ];
    }),
  );
}

/** A Prometheus registry over the table of metrics and the process's own. */
export function metricsRegistry(executor: Executor): Registry {
  const registry = new Registry();
  const reports = reporter(executor);
  collectDefaultMetrics({ register: registry });
  for (const metric of METRICS) {
    const name = prometheusName(metric.group, metric.attribute);
    registry.registerMetric(computed(name, metric.doc, metric.type, () => samplesOf(metric, reports())));
  }
  for (const { group, attribute, name, kind, doc } of HISTOGRAM_METRICS) {
    const base = prometheusName(group, attribute);
    registry.registerMetric(computed(base, doc, 'histogram', () => histogramSamples(base, kind, name, reports())));
  }
  return registry;
}
