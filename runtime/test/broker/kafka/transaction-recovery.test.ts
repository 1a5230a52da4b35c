import t from 'tap';
import { recoveryStep, type SeenTransaction } from '../../../src/broker/kafka/transaction-recovery.ts';

const own = (mayBeOpen: boolean) => ({ producerId: 7n, epoch: 3, mayBeOpen });
const seen = (epoch: number, state: string, producerId = 7n): SeenTransaction => ({ producerId, epoch, state });

t.test('its own transaction is aborted, and what is being ended is waited for', async (t) => {
  t.same(recoveryStep(own(true), seen(3, 'Ongoing')), { type: 'abort' });
  for (const state of ['PrepareCommit', 'PrepareAbort'])
    t.same(recoveryStep(own(true), seen(3, state)), { type: 'wait' });
});

t.test('with nothing open it starts by its own epoch', async (t) => {
  for (const state of ['Empty', 'CompleteCommit', 'CompleteAbort'])
    for (const open of [true, false]) t.same(recoveryStep(own(open), seen(3, state)), { type: 'start', epoch: 3 });
});

t.test('a transaction that the coordinator has ended for its age is no fencing', async (t) => {
  t.same(recoveryStep(own(true), seen(4, 'PrepareAbort')), { type: 'wait' });
  t.same(recoveryStep(own(true), seen(4, 'CompleteAbort')), { type: 'start', epoch: 4 });
});

t.test('another that took over is', async (t) => {
  t.same(recoveryStep(own(false), seen(4, 'Empty')), { type: 'fenced' }, 'while it was idle');
  t.same(recoveryStep(own(true), seen(5, 'Empty')), { type: 'fenced' }, 'while it had a transaction open');
  t.same(recoveryStep(own(true), seen(4, 'Empty')), { type: 'fenced' }, 'after a commit whose answer was lost');
  t.same(recoveryStep(own(false), seen(4, 'CompleteAbort')), { type: 'fenced' }, 'and has aborted one of its own');
  t.same(recoveryStep(own(true), seen(4, 'Ongoing')), { type: 'fenced' }, 'and is busy');
  t.same(recoveryStep(own(true), seen(0, 'Empty', 8n)), { type: 'fenced' }, 'when the epochs were used up');
});

t.test('an id that the coordinator has forgotten can be had again', async (t) => {
  t.same(recoveryStep(own(false), null), { type: 'start', epoch: 3 });
});
