import type { KeptMetrics, SummaryValue } from '../metrics.ts';

/** The values of counters and gauges, and the count, sum and maximum of summaries. */
export type MetricsByName = Readonly<Record<string, number | SummaryValue>>;

export function byName(metrics: KeptMetrics): MetricsByName {
  return Object.fromEntries(metrics.values().map(({ name, value }) => [name, value]));
}
