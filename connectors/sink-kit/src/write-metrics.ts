import type { Counter, Gauge, PluginMetrics, Summary } from '@tributary/api';

/** What every sink on a store counts. */
export interface WriteMetrics {
  readonly written: Counter;
  readonly errant: Counter;
  readonly retries: Counter;
  readonly down: Gauge;
  readonly batch: Summary;
  readonly timeMs: Summary;
}

export function writeMetrics(metrics: PluginMetrics): WriteMetrics {
  return {
    written: metrics.counter('store-record-write-total', 'Records that the store has acknowledged.'),
    errant: metrics.counter('store-record-errant-total', 'Records that cannot be stored.'),
    retries: metrics.counter('store-write-retry-total', 'Writes that failed and are tried again.'),
    down: metrics.gauge('store-down', '1 while the store cannot be reached, else 0.'),
    batch: metrics.summary('store-write-records', 'Records written at once.'),
    timeMs: metrics.summary('store-write-time-ms', 'Milliseconds that a write took.'),
  };
}
