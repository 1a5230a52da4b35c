import t from 'tap';
import { combine, gaussian, hash, mix, uniform } from '../src/random.ts';

const COUNT = 200_000;

t.test('hashes are evenly spread, for counters too', async (t) => {
  const bins = new Array<number>(64).fill(0);
  for (let i = 0; i < COUNT; i++) bins[Math.floor(uniform(combine(42, i)) * 64)]!++;
  const expected = COUNT / 64;
  const chiSquared = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  t.ok(chiSquared < 110, `chi squared of 63 degrees of freedom is ${chiSquared}`);
});

t.test('neighbouring counters have nothing in common', async (t) => {
  let sum = 0;
  for (let i = 0; i < COUNT; i++) sum += (uniform(mix(i)) - 0.5) * (uniform(mix(i + 1)) - 0.5) * 12;
  t.ok(Math.abs(sum / COUNT) < 0.01);
});

t.test('normal numbers have mean 0, variance 1 and the usual tails', async (t) => {
  let [sum, squares, far] = [0, 0, 0];
  for (let i = 0; i < COUNT; i++) {
    const value = gaussian(combine(7, i));
    sum += value;
    squares += value * value;
    if (Math.abs(value) > 2) far++;
  }
  t.ok(Math.abs(sum / COUNT) < 0.01);
  t.ok(Math.abs(squares / COUNT - 1) < 0.02);
  t.ok(Math.abs(far / COUNT - 0.0455) < 0.003);
});

t.test('texts and large numbers have hashes of their own', async (t) => {
  t.not(hash('AAPL'), hash('APAL'));
  t.not(hash(1), hash(2 ** 32 + 1));
  t.equal(hash('AAPL'), hash('AAPL'));
});
