import { RetriableError, type SinkRecord } from '@tributary/api';
import t from 'tap';
import { TaskMetrics } from '../../src/metrics/task-metrics.ts';
import { type Batch, HeldBatch } from '../../src/tasks/held-batch.ts';
import { STOPPED } from '../../src/tasks/interrupt.ts';
import { Puts } from '../../src/tasks/puts.ts';

const batch = (from: number, count = 2): Batch => ({
  records: Array.from({ length: count }, (_, i) => {
    const place = { originalTopic: 't', originalPartition: 0, originalOffset: from + i };
    return { value: from + i, timestamp: null, ...place } as SinkRecord;
  }),
  reaches: [{ topic: 't', partition: 0, offset: from + count }],
});

/** A sink whose puts end when the test says so. */
function sink({ readAhead, mayPut = () => true }: { readAhead: boolean; mayPut?: () => boolean }) {
  const calls: Array<{ readonly values: readonly unknown[]; readonly end: PromiseWithResolvers<void> }> = [];
  const told: unknown[] = [];
  const prepared: unknown[] = [];
  const held = new HeldBatch();
  const say = (message: string): void => void told.push(message);
  const puts = new Puts({
    plugin: () => ({
      readAhead,
      prepare(records) {
        prepared.push(records[0]!.value);
        throw new Error('not now');
      },
      put(records) {
        const end = Promise.withResolvers<void>();
        calls.push({ values: records.map(({ value }) => value), end });
        return end.promise;
      },
    }),
    errant: null,
    reported: new WeakSet(),
    mayPut,
    check() {},
    interrupted: (error) => error === STOPPED,
    wake: () => void told.push('wake'),
    held,
    progress: { took: (_records, reaches) => void told.push(reaches[0]!.offset) },
    letters: undefined,
    metrics: new TaskMetrics('sink'),
    log: { trace: say, debug: say, info: say, warn: say, error: say },
  });
  return { puts, calls, told, held, prepared };
}

/** Whether something has come to its end, when everything that could has. */
async function over(promise: Promise<unknown>): Promise<boolean> {
  let is = false;
  const done = (): void => {
    is = true;
  };
  promise.then(done, done);
  await new Promise((resolve) => setImmediate(resolve));
  return is;
}

t.test('without reading ahead a batch is done before the next one is read', async (t) => {
  const { puts, calls, told } = sink({ readAhead: false });
  const given = puts.give(batch(0));
  t.notOk(await over(given));
  calls[0]!.end.resolve();
  await given;
  t.same(told, [2]);
});

t.test('with reading ahead the next batch may be read, and is put when the one before is done', async (t) => {
  const { puts, calls, told, prepared } = sink({ readAhead: true });
  let room = 2;
  await puts.give(batch(0), () => room--);
  t.same(prepared, [], 'what is put at once need not be prepared');
  const second = puts.give(batch(2), () => room--);
  t.same([prepared, told.splice(0)], [[2], ['A batch could not be prepared: not now']]);
  t.notOk(await over(second));
  t.equal(calls.length, 1, 'never two at the same time');
  t.same([told, room], [[], 2]);
  calls[0]!.end.resolve();
  await second;
  t.same([told, room], [[2], 1]);
  t.notOk(await over(puts.settled()));
  calls[1]!.end.resolve();
  await puts.settled();
  t.same(
    calls.map(({ values }) => values),
    [
      [0, 1],
      [2, 3],
    ],
  );
  t.same([told, room], [[2, 4], 0]);
});

t.test('records gather only while the sink has a batch in hand', async (t) => {
  const { puts, calls } = sink({ readAhead: true });
  await puts.gather();
  await puts.give(batch(0));
  await puts.gather();
  t.equal(calls.length, 1, 'and no longer than it takes to read the next batch in time');
  calls[0]!.end.resolve();
  await puts.settled();
});

t.test('what the sink could not take is held with what was read behind it, and comes again before it', async (t) => {
  const { puts, calls, told, held } = sink({ readAhead: true });
  let room = 2;
  await puts.give(batch(0), () => room--);
  const second = puts.give(batch(2), () => room--);
  held.pauseFor(0);
  calls[0]!.end.reject(new RetriableError('busy'));
  await second;
  t.equal(calls.length, 1);
  t.equal(room, 0, 'what is held takes no room from others');
  t.match(told, [/prepared/, 'wake', /The sink could not take 2 records and gets them again in 0 ms: busy/]);
  const again = held.take()!;
  t.same(again.reaches, [{ topic: 't', partition: 0, offset: 4 }]);
  await puts.give(again);
  t.same(calls[1]!.values, [0, 1, 2, 3]);
  calls[1]!.end.resolve();
  await puts.settled();
  t.equal(told.at(-1), 4);
});

t.test('partitions that go take with them what was read of them', async (t) => {
  const held = new HeldBatch();
  held.pauseFor(0);
  held.hold(batch(0));
  const other = { originalTopic: 't', originalPartition: 1, originalOffset: 7 } as SinkRecord;
  held.append({ records: [other], reaches: [{ topic: 't', partition: 1, offset: 8 }] });
  held.forget([{ topic: 't', partition: 0 }]);
  t.same(held.take(), { records: [other], reaches: [{ topic: 't', partition: 1, offset: 8 }] });
});

t.test('a failure ends the wait for records, is told with its batch, and nothing is put behind it', async (t) => {
  const { puts, calls, told } = sink({ readAhead: true });
  let room = 2;
  const first = batch(0);
  await puts.give(first, () => room--);
  const error = new TypeError('broken');
  calls[0]!.end.reject(error);
  await t.rejects(puts.settled(), error);
  t.same(told, ['wake']);
  await t.rejects(
    puts.give(batch(2), () => room--),
    error,
  );
  t.equal(calls.length, 1);
  t.equal(room, 0);
  t.equal(puts.failedWith(error), first);
  t.equal(puts.failedWith(new Error('another')), undefined);
});

t.test('a batch that was interrupted is no failure, and not taken', async (t) => {
  const { puts, calls, told } = sink({ readAhead: true });
  await puts.give(batch(0));
  calls[0]!.end.reject(STOPPED);
  await puts.settled();
  t.same(told, []);
});

t.test('what was read ahead is not put while the group is not heard of', async (t) => {
  let heard = true;
  const { puts, calls, held } = sink({ readAhead: true, mayPut: () => heard });
  await puts.give(batch(0));
  const second = puts.give(batch(2));
  heard = false;
  calls[0]!.end.resolve();
  await second;
  await puts.settled();
  t.equal(calls.length, 1);
  t.notOk(held.empty);
});
