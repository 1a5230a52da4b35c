import { KeptMetrics, type MetricValue } from '@tributary/api';
import type { ErrorCounts } from '../pipeline/errors.ts';
import { Histogram, type HistogramData } from './histogram.ts';

/** Sum, count and maximum of durations or sizes, for averages. */
export interface SummaryData {
  readonly sum: number;
  readonly count: number;
  readonly max: number;
}

/** The metrics of one task at one moment: plain data, so that it can cross a thread. Totals count from the task's start. */
export interface TaskMetricsData {
  readonly kind: 'source' | 'sink';
  readonly counters: Readonly<Record<CounterName, number>>;
  readonly gauges: Readonly<Record<GaugeName, number>>;
  readonly summaries: Readonly<Record<SummaryName, SummaryData>>;
  readonly histograms: Readonly<Record<HistogramName, HistogramData>>;
  /** What the plugin counts itself. */
  readonly ofPlugin: readonly MetricValue[];
}

const COUNTERS = [
  'source-record-poll-total',
  'source-record-write-total',
  'sink-record-read-total',
  'sink-record-send-total',
  'offset-commit-completion-total',
  'offset-commit-skip-total',
  'offset-commit-success-total',
  'offset-commit-failure-total',
  'total-record-failures',
  'total-record-errors',
  'total-records-skipped',
  'total-retries',
  'total-errors-logged',
  'deadletterqueue-produce-requests',
  'deadletterqueue-produce-failures',
] as const;
const GAUGES = [
  'source-record-active-count',
  'sink-record-active-count',
  'sink-record-lag-max',
  'partition-count',
  'offset-commit-seq-no',
  'last-error-timestamp',
] as const;
const SUMMARIES = [
  'poll-batch-time-ms',
  'put-batch-time-ms',
  'offset-commit-time-ms',
  'batch-size',
  'transaction-size',
] as const;
const HISTOGRAMS = ['event-to-write-ms', 'event-to-put-ms', 'event-to-commit-ms'] as const;

export type CounterName = (typeof COUNTERS)[number];
export type GaugeName = (typeof GAUGES)[number];
export type SummaryName = (typeof SUMMARIES)[number];
export type HistogramName = (typeof HISTOGRAMS)[number];

function byName<N extends string, T>(names: readonly N[], make: (name: N) => T): Record<N, T> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<N, T>;
}

/** What a task's loop counts. Cheap enough to be called for each batch. */
export class TaskMetrics implements ErrorCounts {
  readonly kind: 'source' | 'sink';
  /** The plugin's own. */
  readonly ofPlugin = new KeptMetrics(() => {
    this.#changes++;
  });
  /** Another number whenever something has changed. */
  #changes = 0;
  readonly #counters = byName(COUNTERS, () => 0);
  readonly #gauges = byName(GAUGES, () => 0);
  readonly #summaries = byName(SUMMARIES, () => ({ sum: 0, count: 0, max: 0 }));
  readonly #histograms = byName(HISTOGRAMS, () => new Histogram());

  constructor(kind: 'source' | 'sink') {
    this.kind = kind;
  }

  get changes(): number {
    return this.#changes;
  }

  count(name: CounterName, by = 1): void {
    this.#counters[name] += by;
    this.#changes++;
  }

  set(name: GaugeName, value: number): void {
    if (this.#gauges[name] === value) return;
    this.#gauges[name] = value;
    this.#changes++;
  }

  change(name: GaugeName, by: number): void {
    this.#gauges[name] += by;
    this.#changes++;
  }

  observe(name: SummaryName, value: number): void {
    const summary = this.#summaries[name];
    summary.sum += value;
    summary.count++;
    if (value > summary.max) summary.max = value;
    this.#changes++;
  }

  latency(name: HistogramName, milliseconds: number, times = 1): void {
    this.#histograms[name].add(Math.max(0, milliseconds), times);
    this.#changes++;
  }

  failure(): void {
    this.count('total-record-failures');
    this.set('last-error-timestamp', Date.now());
  }

  error(): void {
    this.count('total-record-errors');
  }

  skipped(): void {
    this.count('total-records-skipped');
  }

  retried(): void {
    this.count('total-retries');
  }

  logged(): void {
    this.count('total-errors-logged');
  }

  data(): TaskMetricsData {
    return {
      kind: this.kind,
      counters: { ...this.#counters },
      gauges: { ...this.#gauges },
      summaries: byName(SUMMARIES, (name) => ({ ...this.#summaries[name] })),
      histograms: Object.fromEntries(HISTOGRAMS.map((name) => [name, this.#histograms[name].data()])) as Record<
        HistogramName,
        HistogramData
      >,
      ofPlugin: this.ofPlugin.values(),
    };
  }
}
