import t from 'tap';
import { type Anomaly, anomalyIn, priceFactor } from '../src/anomalies.ts';

const many = (probability: number): Anomaly[] =>
  Array.from({ length: 30_000 }, (_, minute) => anomalyIn(7, minute, probability)).filter(
    (anomaly) => anomaly !== null,
  );

t.test('anomalies come at the set rate, each kind as often as the others', async (t) => {
  const anomalies = many(0.1);
  t.ok(Math.abs(anomalies.length / 3000 - 1) < 0.06, `${anomalies.length} of 3000`);
  for (const kind of ['spike', 'flash_crash', 'volume_surge']) {
    const part = anomalies.filter((anomaly) => anomaly.kind === kind).length / anomalies.length;
    t.ok(Math.abs(part - 1 / 3) < 0.03, `${part} are ${kind}`);
  }
  t.equal(many(0).length, 0);
  t.equal(many(1).length, 30_000);
});

t.test('an anomaly lies within its minute', async (t) => {
  t.ok(many(1).every(({ from, until }) => from >= 0 && from < until && until <= 60_000));
});

t.test('a spike jumps by 1 to 3 % and falls back; a flash crash falls by 5 to 10 % and recovers', async (t) => {
  for (const anomaly of many(1)) {
    const { kind, from, until, strength } = anomaly;
    if (kind === 'spike') {
      if (Math.abs(strength) < 0.0099 || Math.abs(strength) > 0.031) t.fail(`a spike of ${strength}`);
      if (priceFactor(anomaly, from) !== 1 + strength) t.fail('a spike that does not jump');
    } else if (kind === 'flash_crash') {
      if (strength > -0.05 || strength < -0.1) t.fail(`a crash of ${strength}`);
      const lowest = priceFactor(anomaly, from + (until - from) / 3);
      if (Math.abs(lowest - 1 - strength) > 1e-9) t.fail(`a crash to ${lowest}`);
      if (priceFactor(anomaly, from) !== 1) t.fail('a crash that jumps');
    } else if (strength < 10 || strength > 30) t.fail(`a surge of ${strength}`);
    if (Math.abs(priceFactor(anomaly, until) - 1) > 1e-9) t.fail(`${kind} does not end where it began`);
  }
});
