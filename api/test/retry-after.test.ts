import { retryAfterMs } from '@tributary/api';
import t from 'tap';

t.test('Retry-After is a number of seconds or a date', async (t) => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0);
  t.equal(retryAfterMs('120'), 120_000);
  t.equal(retryAfterMs('3', now), 3000);
  t.equal(retryAfterMs('0.5'), 500);
  t.equal(retryAfterMs('Thu, 01 Jan 2026 12:00:05 GMT', now), 5000);
  t.equal(retryAfterMs('Thu, 01 Jan 2026 11:00:00 GMT', now), 0);
  t.equal(retryAfterMs('soon'), null);
  t.equal(retryAfterMs(''), null);
  t.equal(retryAfterMs(undefined), null);
  t.equal(retryAfterMs(null, now), null);
});
