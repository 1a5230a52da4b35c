import t from 'tap';
import { LaneCheck, type Stretch, violations } from '../src/lane-check.ts';
import { Stretches } from '../src/stretches.ts';

function check(stretches: readonly Stretch[], numbers: readonly number[]) {
  const lane = new LaneCheck(0, stretches);
  for (const number of numbers) lane.add(number);
  return lane.report();
}

const UP_TO_5 = [{ from: 0, to: 5 }];

t.test('each number once and in order is what exactly-once means', async (t) => {
  t.same(violations(check(UP_TO_5, [0, 1, 2, 3, 4, 5]), true), []);
});

t.test('a missing number is a violation in any case', async (t) => {
  const report = check(UP_TO_5, [0, 1, 3, 4, 5]);
  t.same(violations(report, true), ['lane 0 lacks 1 numbers: 2']);
  t.same(violations(report, false), ['lane 0 lacks 1 numbers: 2']);
});

t.test('a number that comes again is a violation with exactly-once only', async (t) => {
  const report = check(UP_TO_5, [0, 1, 2, 1, 2, 3, 4, 5]);
  t.same(violations(report, true), ['lane 0 has 2 doubles: 1, 2', 'lane 0 is out of order 1 times']);
  t.same(violations(report, false), []);
});

t.test('after a rewind numbers are expected again, from there and only once more', async (t) => {
  const stretches = new Stretches(1);
  stretches.rewound(0, 3, 1);
  const expected = stretches.until(0, 5);
  t.same(violations(check(expected, [0, 1, 2, 3, 1, 2, 3, 4, 5]), true), []);
  t.same(violations(check(expected, [0, 1, 2, 3, 4, 5]), true), ['lane 0 lacks 3 numbers: 1, 2, 3']);
  t.same(violations(check(expected, [0, 1, 2, 1, 2, 3, 3, 4, 5]), true), ['lane 0 is out of order 2 times']);
});

t.test('a source that was reset before it wrote anything owes nothing twice', async (t) => {
  const stretches = new Stretches(1);
  stretches.rewound(0, -1, 0);
  t.same(violations(check(stretches.until(0, 2), [0, 1, 2]), true), []);
});
