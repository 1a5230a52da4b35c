import t from 'tap';
import { ConnectionPool } from '../../../src/broker/kafka/connection-pool.ts';
import type { ConnectionSet } from '../../../src/broker/kafka/connection-set.ts';
import { TransientFault } from '../../../src/broker/kafka/faults.ts';

/** Counts who is asked, in the place of connections. */
function counted() {
  const sets: Array<{ asked: number; closed: boolean }> = [];
  const open = (): ConnectionSet => {
    const set = { asked: 0, closed: false };
    sets.push(set);
    return {
      get: async () => {
        set.asked++;
      },
      close: () => {
        set.closed = true;
      },
    } as unknown as ConnectionSet;
  };
  return { sets, open };
}

t.test('many clients share a few connections evenly', async (t) => {
  const { sets, open } = counted();
  const pool = new ConnectionPool(2, open);
  const leases = Array.from({ length: 6 }, () => pool.lease());
  await Promise.all(leases.map((lease) => lease.get(1)));
  t.strictSame(
    sets.map(({ asked }) => asked),
    [3, 3],
  );
});

t.test('connections close with the last of their users, and with the pool', async (t) => {
  const { sets, open } = counted();
  const pool = new ConnectionPool(1, open);
  const [first, second] = [pool.lease(), pool.lease()];
  first.close();
  first.close();
  t.equal(sets[0]!.closed, false);
  await t.rejects(first.get(1), TransientFault);
  await second.get(1);
  second.close();
  t.equal(sets[0]!.closed, true);
  pool.lease();
  pool.close();
  t.strictSame(
    sets.map(({ closed }) => closed),
    [true, true],
  );
});
