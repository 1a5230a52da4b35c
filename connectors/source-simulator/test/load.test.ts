import t from 'tap';
import { intradayCurve, type Load, loadAt, SECONDS, ticksBefore } from '../src/load.ts';

const MINUTE = 29_500_000;
const load = (profile: Load['profile'], rate = 100, period = 600): Load => ({ profile, rate, period, phase: 0 });

function ticksOf(load: Load, minutes: number): number {
  const before = new Float64Array(SECONDS + 1);
  let total = 0;
  for (let i = 0; i < minutes; i++) {
    ticksBefore(load, MINUTE + i, before);
    total += before[SECONDS]!;
  }
  return total;
}

t.test('a constant rate is kept exactly, fractions of a tick a second included', async (t) => {
  t.equal(ticksOf(load('constant', 1000), 10), 600_000);
  t.equal(ticksOf(load('constant', 0.25), 1000), 15_000);
  t.equal(ticksOf(load('constant', 1 / 3), 60), 1200);
  t.equal(ticksOf(load('constant', 1_000_000), 1), 60_000_000);
});

t.test('slow streams take turns', async (t) => {
  const before = [0, 1, 2, 3].map((stream) => {
    const into = new Float64Array(SECONDS + 1);
    ticksBefore({ ...load('constant', 0.25), phase: stream / 4 }, MINUTE, into);
    return into;
  });
  const bySecond = Array.from({ length: SECONDS }, (_, s) =>
    before.reduce((sum, own) => sum + own[s + 1]! - own[s]!, 0),
  );
  t.strictSame(bySecond, new Array(SECONDS).fill(1), 'four streams with a tick every four seconds make one a second');
});

t.test('a ramp grows from a tenth to the whole within each period', async (t) => {
  const ramp = load('ramp');
  t.equal(loadAt(ramp, 0), 0.1);
  t.equal(loadAt(ramp, 300), 0.55);
  t.ok(loadAt(ramp, 599) > 0.99);
  t.equal(loadAt(ramp, 600), 0.1);
  t.ok(Math.abs(ticksOf(ramp, 10) / 60_000 - 0.55) < 0.01);
});

t.test('a burst has the whole rate in the first tenth of each period', async (t) => {
  const burst = load('burst');
  t.strictSame(
    [0, 59, 60, 599, 600].map((second) => loadAt(burst, second)),
    [1, 1, 0.1, 0.1, 1],
  );
  t.ok(Math.abs(ticksOf(burst, 10) / 60_000 - 0.19) < 0.01);
});

t.test('the intraday curve is high at both ends of the day and low at noon, with mean 1', async (t) => {
  const day = Array.from({ length: 1440 }, (_, minute) => intradayCurve(minute * 60));
  t.ok(Math.abs(day.reduce((a, b) => a + b, 0) / day.length - 1) < 0.01);
  t.ok(day[0]! > 2 && day[1439]! > 2 && day[720]! < 0.5);
  t.equal(loadAt(load('intraday'), 0), 1);
  t.ok(Math.abs(ticksOf(load('intraday'), 1440) / 8_640_000 - 1 / intradayCurve(0)) < 0.01);
});
