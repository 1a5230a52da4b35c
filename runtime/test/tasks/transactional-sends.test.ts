import { setImmediate } from 'node:timers/promises';
import { sourceRecord } from '@tributary/api';
import t from 'tap';
import type { Producer } from '../../src/broker/port.ts';
import { TaskMetrics } from '../../src/metrics/task-metrics.ts';
import { ByteBudget } from '../../src/tasks/budget.ts';
import { Reservation } from '../../src/tasks/reservation.ts';
import {
  type Boundary,
  TransactionalSends,
  type TransactionalSendsOptions,
} from '../../src/tasks/transactional-sends.ts';

/** Sends to a producer whose commits take until they are let go. */
function slowCommits(boundary: Boundary) {
  const commits: Array<() => void> = [];
  const producer: Pick<Producer, 'begin' | 'send' | 'commit'> = {
    begin: async () => {},
    send: async () => [],
    commit: () => new Promise((resolve) => commits.push(resolve)),
  };
  const budget = new ByteBudget(1024 * 1024);
  const sends = new TransactionalSends({
    boundary,
    producer,
    budget,
    metrics: new TaskMetrics('source'),
    connector: 'counter',
    transactionalId: 'id',
    intervalMs: 60_000,
    onDurable: null,
    onFailure: (error: Error) => {
      throw error;
    },
  } as unknown as TransactionalSendsOptions);
  const send = async (): Promise<void> => {
    const reservation = await Reservation.take(budget, 1, new AbortController().signal);
    const out = [{ topic: 'numbers', partition: 0, key: null, value: null, timestamp: null, headers: [] }];
    const outgoing = { records: [sourceRecord({ topic: 'numbers' })], offsets: [], out, letters: [] };
    await sends.send(outgoing, reservation, (room) => room);
    sends.endOfBatch();
    reservation.end();
  };
  return { sends, send, commits };
}

/** Lets everything happen that waits for nothing from outside. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await setImmediate();
}

t.test('a source that ends transactions faster than the broker does is not pulled meanwhile', async (t) => {
  const { sends, send, commits } = slowCommits('connector');
  let accepted = 0;
  const source = (async () => {
    for (let n = 0; n < 100; n++) {
      await send();
      sends.commit();
      accepted++;
    }
  })();
  await settle();
  t.equal(accepted, 4);
  commits.shift()!();
  await settle();
  t.equal(accepted, 5, 'one more when one is done');
  const letGo = setInterval(() => commits.shift()?.(), 1);
  await source;
  await sends.drain(true);
  clearInterval(letGo);
  t.equal(accepted, 100);
});

t.test('where each batch is a transaction, those that come during a commit share the next one', async (t) => {
  const { sends, send, commits } = slowCommits('poll');
  for (let n = 0; n < 100; n++) await send();
  await settle();
  t.equal(commits.length, 1);
  commits.shift()!();
  await settle();
  t.equal(commits.length, 1);
  commits.shift()!();
  await sends.drain(true);
  t.equal(commits.length, 0);
});
