import t from 'tap';
import { EPOCH, STEPS, walkAt, walkWithin } from '../src/walk.ts';

const KEY = 12345;
const variance = (values: readonly number[]): number => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
};
const differences = (values: ArrayLike<number>): number[] =>
  Array.from({ length: values.length - 1 }, (_, i) => values[i + 1]! - values[i]!);

t.test('a minute ends where the next one begins, in an epoch and over its end', async (t) => {
  const a = new Float64Array(STEPS + 1);
  const b = new Float64Array(STEPS + 1);
  for (const minute of [0, 1, 29_000_123, 1771 * EPOCH - 1, 1771 * EPOCH]) {
    walkWithin(KEY, minute, a);
    walkWithin(KEY, minute + 1, b);
    t.equal(a[STEPS], b[0], `minute ${minute}`);
  }
});

t.test('the variance is 1 a minute, between minutes and within them', async (t) => {
  const from = 29_000_000;
  const minutes = Array.from({ length: 20_001 }, (_, i) => walkAt(KEY, from + i));
  t.ok(Math.abs(variance(differences(minutes)) - 1) < 0.05, `${variance(differences(minutes))} a minute`);
  const within = new Float64Array(STEPS + 1);
  const steps: number[] = [];
  for (let i = 0; i < 500; i++) {
    walkWithin(KEY, from + i, within);
    steps.push(...differences(within));
  }
  t.ok(Math.abs(variance(steps) * STEPS - 1) < 0.05, `${variance(steps) * STEPS} a minute, in steps`);
  const hours = Array.from({ length: 5000 }, (_, i) => walkAt(KEY, from + 60 * i));
  t.ok(
    Math.abs(variance(differences(hours)) / 60 - 1) < 0.1,
    `${variance(differences(hours)) / 60} a minute, over hours`,
  );
});

t.test('the walk does not stray however long it lasts', async (t) => {
  const values = Array.from({ length: 5000 }, (_, i) => walkAt(KEY, i * 6007));
  t.ok(Math.max(...values.map(Math.abs)) < 5 * Math.sqrt(EPOCH));
});

t.test('walks with other keys are independent', async (t) => {
  const moves = (key: number): number[] =>
    differences(Array.from({ length: 10_001 }, (_, i) => walkAt(key, 29_000_000 + i)));
  const [a, b] = [moves(1), moves(2)];
  const correlation = a.reduce((sum, value, i) => sum + value * b[i]!, 0) / a.length;
  t.ok(Math.abs(correlation) < 0.04, String(correlation));
});
