import { Backoff, backoffMs } from '@tributary/api';
import t from 'tap';

const limits = { firstMs: 100, maxMs: 500 };

t.test('pauses double up to the longest', async (t) => {
  const backoff = new Backoff({ ...limits, random: () => 0.999999 });
  t.same([backoff.next(), backoff.next(), backoff.next(), backoff.next()], [100, 200, 400, 500]);
  t.equal(backoff.attempts, 4);
  backoff.reset();
  t.equal(backoff.next(), 100);
  t.equal(backoffMs(limits, 5000, 0.999999), 500);
});

t.test('they are shortened by up to half by chance', async (t) => {
  t.equal(backoffMs(limits, 1, 0), 50);
  const pause = new Backoff(limits).next();
  t.ok(pause >= 50 && pause <= 100);
});
