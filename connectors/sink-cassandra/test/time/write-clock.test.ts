import { isDeepStrictEqual as same } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { WriteClock } from '../../src/time/write-clock.ts';

const WIDTH = 1000;
const MILLIS = 1_700_000_000_000;
const base = (millis: number): number => (MILLIS + millis) * WIDTH;

const timesOf = (bases: readonly (number | null)[], clock = new WriteClock(WIDTH)): number[] =>
  bases.map((own) => clock.next(own));

/** Timestamps that mostly go up, with ties and late ones: few enough of one for all to have room. */
const timestamps = fc.array(fc.integer({ min: 0, max: 30 }).map(base), { maxLength: 90 });

t.test('a record alone at its timestamp is written at that', async (t) => {
  t.same(timesOf([base(0), base(1), base(7)]), [base(0), base(1), base(7)]);
});

t.test('ties are written one after the other, also more of them than there is room for', async (t) => {
  const times = timesOf([...Array.from({ length: 10_000 }, () => base(0)), base(1), base(50)]);
  t.ok(times.every((time, i) => i === 0 || time > times[i - 1]!));
  t.equal(times[9_999], base(0) + 9_999);
  t.equal(times[10_001], base(50), 'once there is room again, the timestamp counts');
});

t.test('a newer timestamp has the later write time, whichever comes first', async () => {
  fc.assert(
    fc.property(timestamps, (bases) => {
      const times = timesOf(bases);
      return bases.every((own, i) => bases.every((other, j) => own <= other || times[i]! > times[j]!));
    }),
    { numRuns: 500 },
  );
});

t.test('of equal timestamps the one with the higher offset has the later write time', async () => {
  fc.assert(
    fc.property(timestamps, (bases) => {
      const times = timesOf(bases);
      return bases.every((own, i) => bases.every((other, j) => own !== other || i <= j || times[i]! > times[j]!));
    }),
    { numRuns: 500 },
  );
});

t.test('what comes late between timestamps that were pushed together has its place between them', async (t) => {
  const clock = new WriteClock(WIDTH);
  const ties = timesOf(
    Array.from({ length: 5_000 }, () => base(0)),
    clock,
  );
  const newer = clock.next(base(3));
  const late = timesOf([base(1), base(1), base(2)], clock);
  t.ok(late[0]! > ties.at(-1)!);
  t.ok(late[1]! > late[0]!);
  t.ok(newer > late[1]!);
});

t.test('a clock goes on from any state as if it had never stopped', async () => {
  fc.assert(
    fc.property(timestamps, fc.nat(90), (bases, cut) => {
      const first = new WriteClock(WIDTH);
      const before = timesOf(bases.slice(0, cut), first);
      const after = timesOf(bases.slice(cut), new WriteClock(WIDTH, first.state));
      return same([...before, ...after], timesOf(bases));
    }),
  );
});

t.test('a record without a timestamp counts as the newest', async (t) => {
  t.same(timesOf([null, null, base(5), null, base(6)]), [0, 1, base(5), base(5) + 1, base(6)]);
});

t.test('a clock in microseconds keeps the order too', async (t) => {
  const clock = new WriteClock(1);
  t.same(timesOf([10, 10, 10, 11, 20], clock), [10, 11, 12, 13, 20]);
});
