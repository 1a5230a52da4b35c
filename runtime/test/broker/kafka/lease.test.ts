import t from 'tap';
import { Lease, type Moment } from '../../../src/broker/kafka/lease.ts';

/** A lease of 6,000 ms of silence and 60,000 ms of a rebalance, with clocks that are set by hand. */
function lease() {
  const now = { steady: 1_000, wall: 5_000_000 };
  const moment = (): Moment => ({ ...now });
  const made = new Lease(6_000, 60_000, moment);
  return {
    made,
    moment,
    pass(steady: number, wall = steady) {
      now.steady += steady;
      now.wall += wall;
    },
  };
}

t.test('there is none before the group was heard, and none when it has ended', async (t) => {
  const { made, moment } = lease();
  t.equal(made.leftMs, 0);
  made.heard(moment(), true);
  t.equal(made.leftMs, 6_000);
  made.end();
  t.equal(made.leftMs, 0);
});

t.test('it counts from when the request was sent, not from when the answer came', async (t) => {
  const { made, moment, pass } = lease();
  const sentAt = moment();
  pass(5_000);
  made.heard(sentAt, true);
  t.equal(made.leftMs, 1_000);
  pass(1_000);
  t.equal(made.leftMs, 0);
});

t.test('a machine that slept has been silent although its steady clock stood still', async (t) => {
  const { made, moment, pass } = lease();
  made.heard(moment(), true);
  pass(10, 600_000);
  t.ok(made.leftMs < 0);
});

t.test('a clock that is put back does not make it longer', async (t) => {
  const { made, moment, pass } = lease();
  made.heard(moment(), true);
  pass(7_000, -3_600_000);
  t.ok(made.leftMs < 0);
});

t.test('answers that want the member to rejoin keep it no longer than the rebalance timeout', async (t) => {
  const { made, moment, pass } = lease();
  made.heard(moment(), true);
  for (let waited = 0; waited < 57_000; waited += 3_000) {
    pass(3_000);
    made.heard(moment(), false);
  }
  t.equal(made.leftMs, 3_000);
  pass(3_000);
  made.heard(moment(), false);
  t.equal(made.leftMs, 0);
});
