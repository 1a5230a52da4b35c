import t from 'tap';
import { difference, Histogram, LATENCY_BUCKETS_MS, quantile } from '../../src/metrics/histogram.ts';

t.test('values count in the bucket whose bound they do not exceed', (t) => {
  const histogram = new Histogram();
  histogram.add(1);
  histogram.add(1.5, 3);
  histogram.add(10_000_000);
  const { counts, count, sum } = histogram.data();
  t.equal(counts[LATENCY_BUCKETS_MS.indexOf(1)], 1);
  t.equal(counts[LATENCY_BUCKETS_MS.indexOf(2)], 3);
  t.equal(counts.at(-1), 1);
  t.equal(count, 5);
  t.equal(sum, 10_000_005.5);
  t.end();
});

t.test('a quantile lies in the bucket of its rank', (t) => {
  const histogram = new Histogram();
  for (let i = 0; i < 99; i++) histogram.add(15);
  histogram.add(450);
  const p50 = quantile(histogram.data(), 0.5)!;
  t.ok(p50 > 10 && p50 <= 20, String(p50));
  const p999 = quantile(histogram.data(), 0.999)!;
  t.ok(p999 > 400 && p999 <= 500, String(p999));
  t.equal(quantile(new Histogram().data(), 0.5), null);
  t.end();
});

t.test('the difference of two states is what came between', (t) => {
  const histogram = new Histogram();
  histogram.add(5);
  const before = histogram.data();
  histogram.add(50);
  t.equal(difference(histogram.data(), before).count, 1);
  t.equal(difference(histogram.data(), before).sum, 50);
  t.end();
});
