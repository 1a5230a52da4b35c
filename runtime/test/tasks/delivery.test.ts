import { DataError, FatalError, RetriableError, type SinkRecord } from '@tributary/api';
import t from 'tap';
import { Delivery, MAX_FAILED_IN_A_ROW } from '../../src/tasks/delivery.ts';

const record = (offset: number): SinkRecord => ({
  topic: 't',
  partition: 0,
  key: null,
  keySchema: null,
  value: offset,
  valueSchema: null,
  timestamp: null,
  headers: [],
  offset,
  timestampType: 'CreateTime',
  originalTopic: 't',
  originalPartition: 0,
  originalOffset: offset,
});
const records = (count: number): SinkRecord[] => Array.from({ length: count }, (_none, offset) => record(offset));
const offsets = (some: readonly SinkRecord[]): number[] => some.map(({ offset }) => offset);

/** A sink that stores a batch as a whole or not at all, and refuses some records. */
function store(refuses: (offset: number) => Error | undefined, mayPut: (puts: number) => boolean = () => true) {
  const taken: number[] = [];
  const errant: number[] = [];
  let puts = 0;
  const delivery = new Delivery({
    put(batch) {
      puts++;
      for (const { offset } of batch) {
        const error = refuses(offset);
        if (error) throw error;
      }
      taken.push(...offsets(batch));
    },
    errant: ({ offset }) => void errant.push(offset),
    mayPut: () => mayPut(puts),
    check() {},
  });
  return { delivery, taken, errant, puts: () => puts };
}

t.test('a poisoned record does not sink its neighbours, which are stored in order', async (t) => {
  const sink = store((offset) => (offset === 3_210 ? new DataError('poison') : undefined));
  t.same(await sink.delivery.deliver(records(5_000)), { done: true });
  t.same(sink.errant, [3_210]);
  t.same(
    sink.taken,
    offsets(records(5_000)).filter((offset) => offset !== 3_210),
  );
  t.ok(sink.puts() <= 28, `${sink.puts()} calls of put`);
});

t.test('any error of a single record counts while others are taken', async (t) => {
  const sink = store((offset) => (offset % 10 === 7 ? new TypeError('no') : undefined));
  await sink.delivery.deliver(records(1_000));
  t.equal(sink.errant.length, 100);
  t.equal(sink.taken.length, 900);
});

t.test('a sink that takes nothing at all fails, and nothing is blamed on its records', async (t) => {
  const sink = store(() => new Error('wrong password'));
  await t.rejects(sink.delivery.deliver(records(1_000)), { message: 'wrong password' });
  t.same([sink.errant, sink.taken], [[], []]);
});

t.test('so does one that fails record after record in small batches', async (t) => {
  const sink = store(() => new Error('wrong password'));
  const all = records(MAX_FAILED_IN_A_ROW + 1);
  for (const one of all.slice(0, -1)) await sink.delivery.deliver([one]);
  t.equal(sink.errant.length, MAX_FAILED_IN_A_ROW);
  await t.rejects(sink.delivery.deliver(all.slice(-1)), { message: 'wrong password' });
});

t.test('a sink that says that no record is to blame fails at once', async (t) => {
  const sink = store(() => new FatalError('wrong password'));
  await t.rejects(sink.delivery.deliver(records(1)), { message: 'wrong password' });
  const later = store((offset) => (offset === 5 ? new DataError('poison') : new FatalError('no table')));
  await t.rejects(later.delivery.deliver(records(10).slice(5)), { message: 'no table' });
  t.same([sink.errant, later.errant, later.taken], [[], [], []]);
});

t.test('DataErrors are always the fault of records', async (t) => {
  const sink = store(() => new DataError('not a number'));
  await sink.delivery.deliver(records(1_000));
  t.equal(sink.errant.length, 1_000);
});

t.test('what may pass leaves everything that is not stored to the next attempt', async (t) => {
  let down = true;
  const sink = store((offset) => {
    if (offset === 5) return new DataError('poison');
    return down && offset >= 50 ? new RetriableError('busy') : undefined;
  });
  const first = await sink.delivery.deliver(records(100));
  t.notOk(first.done);
  if (first.done) return;
  t.same(sink.errant, [], 'nothing is reported twice');
  t.same(
    [...sink.taken, ...offsets(first.rest)].sort((a, b) => a - b),
    offsets(records(100)),
  );
  down = false;
  t.same(await sink.delivery.deliver(first.rest), { done: true });
  t.same(sink.errant, [5]);
  t.equal(new Set(sink.taken).size, 99);
});

t.test('without tolerance the error is thrown as it is, after one call', async (t) => {
  let puts = 0;
  const delivery = new Delivery({
    put() {
      puts++;
      throw new DataError('poison');
    },
    errant: null,
    mayPut: () => true,
    check() {},
  });
  await t.rejects(delivery.deliver(records(10)), { message: 'poison' });
  t.equal(puts, 1);
});

t.test('a task that is to stop does not look for culprits any longer', async (t) => {
  let puts = 0;
  const stop = new Error('stop');
  const delivery = new Delivery({
    put() {
      puts++;
      throw new DataError('poison');
    },
    errant: () => {},
    mayPut: () => true,
    check() {
      if (puts >= 5) throw stop;
    },
  });
  await t.rejects(delivery.deliver(records(1_000)), stop);
  t.equal(puts, 5);
});

t.test('nothing is put before the group was heard, and the batch stays whole', async (t) => {
  const sink = store(
    () => undefined,
    () => false,
  );
  t.same(await sink.delivery.deliver(records(10)), { done: false, rest: records(10), error: null });
  t.equal(sink.puts(), 0);
});

t.test(
  'a batch that is being divided stops where the group is not heard any more; what was found is reported with the rest',
  async (t) => {
    let silent = false;
    const sink = store(
      (offset) => (offset === 5 ? new DataError('poison') : undefined),
      (puts) => !silent || puts < 12,
    );
    silent = true;
    const first = await sink.delivery.deliver(records(1_000));
    t.equal(sink.puts(), 12);
    t.notOk(first.done);
    if (first.done) return;
    t.equal(first.error, null);
    t.same(sink.errant, []);
    t.same(
      [...sink.taken, ...offsets(first.rest)].sort((a, b) => a - b),
      offsets(records(1_000)),
      'each record is stored or comes again',
    );
    silent = false;
    t.same(await sink.delivery.deliver(first.rest), { done: true });
    t.same(sink.errant, [5]);
    t.equal(sink.taken.length, 999);
  },
);
