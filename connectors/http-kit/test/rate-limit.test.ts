import type { Clock } from '@tributary/api';
import { RateLimit, retryAfter, Share } from '@tributary/http-kit';
import t from 'tap';

class StandingClock implements Clock {
  time = 1_000_000;
  now(): number {
    return this.time;
  }
  async sleep(milliseconds: number): Promise<void> {
    this.time += milliseconds;
  }
}

const never = new AbortController().signal;

t.test('requests go at the rate, a few at once after a pause', async (t) => {
  const clock = new StandingClock();
  const rate = new RateLimit({ perSecond: 10, burst: 3, clock });
  const from = clock.time;
  for (let i = 0; i < 23; i++) await rate.take(never);
  t.equal(clock.time - from, 2000);
});

t.test('it halves once for all that were on their way, stays closed, and recovers', async (t) => {
  const clock = new StandingClock();
  const rate = new RateLimit({ perSecond: 10, burst: 1, clock });
  const tickets = [await rate.take(never), await rate.take(never), await rate.take(never)];
  for (const ticket of tickets) rate.throttled(ticket, 5000);
  t.equal(rate.perSecond, 5);
  const from = clock.time;
  await rate.take(never);
  t.equal(clock.time - from, 5000);
  for (let i = 0; i < 25; i++) rate.passed();
  t.equal(rate.perSecond, 10);
  for (let i = 0; i < 50; i++) rate.throttled(await rate.take(never), 0);
  t.ok(rate.perSecond > 0.1, 'never down to nothing');
});

t.test('tasks of a process have their part of the rate, however many processes there are', async (t) => {
  const clock = new StandingClock();
  const tasks = 4;
  const join = () =>
    new Share(
      'a connector',
      () => new RateLimit({ perSecond: 8, burst: 1, clock }),
      (rate, users) => rate.setShare(users / tasks),
    );
  const [one, two] = [join(), join()];
  t.equal(one.value, two.value);
  t.equal(one.value.perSecond, 4, 'the other two are elsewhere');
  two.release();
  two.release();
  t.equal(one.value.perSecond, 2);
  one.release();
  const anew = join();
  t.not(anew.value, one.value, 'gone with the last');
  anew.release();
});

t.test('Retry-After is seconds or a date', async (t) => {
  const now = Date.parse('2026-03-02T12:00:00Z');
  t.equal(retryAfter('120', now), 120_000);
  t.equal(retryAfter('Mon, 02 Mar 2026 12:00:30 GMT', now), 30_000);
  t.equal(retryAfter('Mon, 02 Mar 2026 11:00:00 GMT', now), 0);
  t.equal(retryAfter('999999999', now), 3_600_000, 'an hour at most');
  t.equal(retryAfter('soon', now), null);
  t.equal(retryAfter(null, now), null);
});
