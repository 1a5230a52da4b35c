import fc from 'fast-check';
import t from 'tap';
import { type RestartPolicy, restartAfter } from '../../src/herder/restart-policy.ts';

const policies: fc.Arbitrary<RestartPolicy> = fc.record({
  backoffMs: fc.integer({ min: 1, max: 1_000_000 }),
  backoffMaxMs: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  maxAttempts: fc.integer({ min: -1, max: 50 }),
});
const chances = fc.double({ min: 0, max: 1, noNaN: true });
const brief = (attempts: number) => ({ attempts, ranMs: 0 });

t.test('a pause is the doubled one before it, a fifth more or less, and never longer than the longest', (t) => {
  fc.assert(
    fc.property(policies, fc.nat(200), chances, (policy, attempts, chance) => {
      const next = restartAfter({ ...policy, maxAttempts: -1 }, brief(attempts), chance)!;
      const pause = Math.min(policy.backoffMs * 2 ** attempts, policy.backoffMaxMs);
      return (
        next.attempt === attempts + 1 &&
        next.delayMs <= policy.backoffMaxMs &&
        next.delayMs >= Math.floor(pause * 0.8) &&
        next.delayMs <= Math.ceil(pause * 1.2)
      );
    }),
  );
  t.end();
});

t.test('what never runs well is started as often as the limit says, and then no more', (t) => {
  fc.assert(
    fc.property(policies, chances, (policy, chance) => {
      let attempts = 0;
      for (let round = 0; round < 60; round++) {
        const next = restartAfter(policy, brief(attempts), chance);
        if (!next) break;
        attempts = next.attempt;
      }
      return attempts === (policy.maxAttempts < 0 ? 60 : policy.maxAttempts);
    }),
  );
  t.end();
});

t.test('what ran as long as the longest pause has recovered: its attempts start over', (t) => {
  fc.assert(
    fc.property(policies, fc.nat(200), fc.nat(1_000), chances, (policy, attempts, more, chance) => {
      const failure = { attempts, ranMs: policy.backoffMaxMs + more };
      t.same(restartAfter(policy, failure, chance), restartAfter(policy, brief(0), chance));
    }),
    { numRuns: 50 },
  );
  t.end();
});

t.test('the pauses of the defaults', (t) => {
  const policy = { backoffMs: 5_000, backoffMaxMs: 300_000, maxAttempts: -1 };
  t.same(
    [0, 1, 2, 3, 4, 5, 6, 7].map((attempts) => restartAfter(policy, brief(attempts), 0.5)!.delayMs),
    [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000],
  );
  t.end();
});
