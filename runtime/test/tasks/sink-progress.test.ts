import { RetriableError, type TopicPartitionOffset } from '@tributary/api';
import t from 'tap';
import { CommitFailedError } from '../../src/broker/errors.ts';
import type { GroupConsumer } from '../../src/broker/port.ts';
import { TaskMetrics } from '../../src/metrics/task-metrics.ts';
import { SinkProgress } from '../../src/tasks/sink-progress.ts';

const at = (partition: number, offset: number): TopicPartitionOffset => ({ topic: 't', partition, offset });
const PARTITIONS = [at(0, 0), at(1, 0)].map(({ topic, partition }) => ({ topic, partition }));

/** The progress of a sink in two partitions: it took records 5 to 9 of the first, and holds those from 3 on of the second. */
function progress(fails: { flush?: Error; letters?: Error; commit?: Error; silent?: 'before' | 'in flush' }) {
  const calls: unknown[] = [];
  let silent = fails.silent === 'before';
  const consumer = {
    membership: null,
    get leaseMs() {
      return silent ? 0 : 1;
    },
    seek: (offsets: readonly TopicPartitionOffset[]) => void calls.push(['seek', offsets]),
    async commit(offsets: readonly TopicPartitionOffset[]) {
      if (fails.commit) throw fails.commit;
      calls.push(['commit', offsets]);
    },
  } as unknown as GroupConsumer;
  const note = (): void => {};
  const made = new SinkProgress({
    consumer,
    plugin: () => ({
      async flush() {
        if (fails.flush) throw fails.flush;
        if (fails.silent) calls.push(['flush']);
        silent = fails.silent === 'in flush';
      },
    }),
    letters: {
      dueAt: Number.POSITIVE_INFINITY,
      async commitWith() {
        if (fails.letters) throw fails.letters;
        return false;
      },
      async abort() {
        calls.push(['abort']);
      },
    },
    metrics: new TaskMetrics('sink'),
    log: { trace: note, debug: note, info: note, warn: note, error: note },
    intervalMs: 1_000,
  });
  made.began(at(0, 5));
  made.took([], [at(0, 10)]);
  made.began(at(1, 3));
  return { made, calls };
}

t.test('a flush that fails for a while takes all partitions back, those whose batch is held too', async (t) => {
  const { made, calls } = progress({ flush: new RetriableError('busy') });
  t.equal(await made.commit(PARTITIONS), 'back');
  t.same(calls, [['abort'], ['seek', [at(0, 5), at(1, 3)]]]);
});

t.test('so do dead letters that were taken back with the offsets', async (t) => {
  const { made, calls } = progress({ letters: new CommitFailedError('the group has moved on') });
  t.equal(await made.commit(PARTITIONS), 'back');
  t.same(calls, [['seek', [at(0, 5), at(1, 3)]]]);
});

t.test('offsets alone that cannot be committed take nothing back', async (t) => {
  const { made, calls } = progress({ commit: new CommitFailedError('the group has moved on') });
  t.equal(await made.commit(PARTITIONS), 'forward');
  t.same(calls, []);
});

t.test('what will not pass is thrown', async (t) => {
  await t.rejects(progress({ flush: new Error('broken') }).made.commit(PARTITIONS), { message: 'broken' });
});

t.test('what was committed is where it goes back to', async (t) => {
  const fails: { flush?: Error } = {};
  const { made, calls } = progress(fails);
  t.equal(await made.commit(PARTITIONS), 'forward');
  made.took([], [at(0, 20)]);
  fails.flush = new RetriableError('busy');
  t.equal(await made.commit(PARTITIONS), 'back');
  t.same(calls, [['commit', [at(0, 10)]], ['abort'], ['seek', [at(0, 10), at(1, 3)]]]);
});

t.test('nothing is flushed or committed while the group is not heard; it is tried again soon', async (t) => {
  const { made, calls } = progress({ silent: 'before' });
  made.request();
  t.equal(await made.commit(PARTITIONS), 'forward');
  t.same(calls, []);
  t.ok(made.dueAt > performance.now() && made.dueAt < performance.now() + 1_000);
});

t.test('a flush during which the group falls silent is not committed', async (t) => {
  const { made, calls } = progress({ silent: 'in flush' });
  t.equal(await made.commit(PARTITIONS), 'forward');
  t.same(calls, [['flush']]);
});
