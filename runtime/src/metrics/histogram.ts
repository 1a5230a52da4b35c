/** The upper bounds of latency buckets, in milliseconds. */
export const LATENCY_BUCKETS_MS: readonly number[] = [
  1, 2, 5, 10, 20, 50, 100, 200, 300, 400, 500, 750, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000,
];

/** A histogram as plain data: `counts[i]` values were at most `LATENCY_BUCKETS_MS[i]` and more than the bucket before; the last one is the rest. */
export interface HistogramData {
  readonly counts: readonly number[];
  readonly sum: number;
  readonly count: number;
}

/** Counts latencies in buckets; adding one costs a few nanoseconds. */
export class Histogram {
  readonly #counts = new Array<number>(LATENCY_BUCKETS_MS.length + 1).fill(0);
  #sum = 0;
  #count = 0;

  add(milliseconds: number, times = 1): void {
    let bucket = 0;
    while (bucket < LATENCY_BUCKETS_MS.length && milliseconds > LATENCY_BUCKETS_MS[bucket]!) bucket++;
    this.#counts[bucket]! += times;
    this.#sum += milliseconds * times;
    this.#count += times;
  }

  data(): HistogramData {
    return { counts: [...this.#counts], sum: this.#sum, count: this.#count };
  }
}

/** The value below which the given share (0 to 1) of the values lie, interpolated within its bucket; null without values. */
export function quantile(data: HistogramData, share: number): number | null {
  if (data.count === 0) return null;
  let rank = share * data.count;
  for (let i = 0; i < data.counts.length; i++) {
    const inBucket = data.counts[i]!;
    if (rank <= inBucket && inBucket > 0) {
      const low = i === 0 ? 0 : LATENCY_BUCKETS_MS[i - 1]!;
      const high = LATENCY_BUCKETS_MS[i] ?? low;
      return low + (high - low) * (rank / inBucket);
    }
    rank -= inBucket;
  }
  return LATENCY_BUCKETS_MS.at(-1)!;
}

/** What came between two states of the same histogram. */
export function difference(now: HistogramData, before: HistogramData | undefined): HistogramData {
  if (!before) return now;
  return {
    counts: now.counts.map((count, i) => count - before.counts[i]!),
    sum: now.sum - before.sum,
    count: now.count - before.count,
  };
}
