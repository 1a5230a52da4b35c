import { DataError, KeptMetrics, RetriableError, type SinkContext, type SinkRecord } from '@tributary/api';
import { sinkRecords } from '@tributary/api/testing';
import { type DeliveryConfig, type Fault, type Refuse, type StoreTask, storeTask } from '@tributary/sink-kit';
import t from 'tap';

const CONFIG: DeliveryConfig = {
  'batch.size': 100,
  'linger.ms': 0,
  'max.retries': 2,
  'retry.backoff.ms': 10,
  'retry.backoff.max.ms': 40,
};

class StoreError extends Error {
  readonly fault: Fault;

  constructor(message: string, fault: Fault) {
    super(message);
    this.fault = fault;
  }
}

const numbers = (from: number, count: number): SinkRecord[] =>
  sinkRecords(Array.from({ length: count }, (_none, i) => ({ topic: 'numbers', value: from + i, offset: from + i })));

/** A store in memory, a context that remembers what it was asked, and a task between them. */
function setUp(
  write: (values: readonly number[], attempt: number) => void,
  { tolerant = true, ...config }: Partial<DeliveryConfig> & { tolerant?: boolean } = {},
) {
  const stored: number[] = [];
  const writes: number[] = [];
  const errant: Array<readonly [unknown, string]> = [];
  const pauses: number[] = [];
  const prepared: number[] = [];
  const log: string[] = [];
  let commits = 0;
  let attempt = 0;
  const metrics = new KeptMetrics();
  const say = (message: string): void => void log.push(message);
  const context = {
    metrics,
    log: { trace: say, debug: say, info: say, warn: say, error: say },
    retryAfter: (ms: number) => void pauses.push(ms),
    requestCommit: () => void commits++,
    reportErrant(record: SinkRecord, error: unknown) {
      errant.push([record.value, (error as Error).message]);
      if (!tolerant) throw error;
    },
  } as unknown as SinkContext;
  const store = {
    async write(records: readonly SinkRecord[], refuse: Refuse) {
      writes.push(records.length);
      const kept = records.filter((record) => {
        const bad = typeof record.value !== 'number';
        if (bad) refuse(record, new DataError('not a number'));
        return !bad;
      });
      const values = kept.map(({ value }) => value as number);
      write(values, ++attempt);
      stored.push(...values);
    },
    prepare: (records: readonly SinkRecord[]) => void prepared.push(records.length),
    classify: (error: unknown) => (error as StoreError).fault ?? { kind: 'unknown' },
    close: async () => say('closed'),
  };
  const task: StoreTask = storeTask({ store, context, config: { ...CONFIG, ...config }, label: 'The store' });
  return { task, stored, writes, prepared, errant, pauses, log, commits: () => commits, metrics };
}

const nothing = (): void => {};

t.test('a put is written in batches before it returns', async (t) => {
  const { task, stored, writes } = setUp(nothing);
  await task.put(numbers(0, 250));
  t.same(stored.length, 250);
  t.same(writes, [100, 100, 50]);
});

t.test('the store prepares what it will get in just this list', async (t) => {
  const { task, prepared } = setUp(nothing);
  task.prepare(numbers(0, 100));
  task.prepare(numbers(0, 101));
  t.same(prepared, [100], 'what will be divided is not prepared');
  const lingering = setUp(nothing, { 'linger.ms': 60_000 });
  lingering.task.prepare(numbers(0, 10));
  t.same(lingering.prepared, [], 'nor what may wait for more');
});

t.test('a batch with a record that the store refuses is divided until the record is found', async (t) => {
  const bad = new Set([3, 4, 97]);
  const { task, stored, errant } = setUp((values) => {
    if (values.some((value) => bad.has(value))) throw new StoreError('out of range', { kind: 'data' });
  });
  await task.put(numbers(0, 100));
  t.same(
    stored,
    numbers(0, 100)
      .map(({ value }) => value)
      .filter((value) => !bad.has(value as number)),
    'all others, in order',
  );
  t.same(
    errant,
    [...bad].map((value) => [value, 'out of range']),
  );
});

t.test('a record that cannot be converted is reported once, also when its batch comes again', async (t) => {
  const { task, stored, errant } = setUp((_values, attempt) => {
    if (attempt === 1) throw new StoreError('deadlock', { kind: 'transient' });
  });
  const records = [...numbers(0, 2), ...sinkRecords([{ topic: 'numbers', value: 'text', offset: 2 }])];
  await t.rejects(task.put(records), RetriableError);
  await task.put(records);
  t.same(stored, [0, 1]);
  t.same(errant, [['text', 'not a number']]);
});

t.test('where nothing is tolerated the record that is refused ends the task, and is not tried again', async (t) => {
  const { task, writes } = setUp(nothing, { tolerant: false });
  const records = sinkRecords([
    { topic: 'numbers', value: 1 },
    { topic: 'numbers', value: 'text' },
  ]);
  await t.rejects(task.put(records), { message: 'not a number' });
  t.same(writes, [2]);
});

t.test('what was written before a fault is not written again when the batch comes again', async (t) => {
  const { task, stored, writes, pauses } = setUp((values, attempt) => {
    if (values.includes(150) && attempt < 4) throw new StoreError('deadlock', { kind: 'transient' });
  });
  const records = numbers(0, 300);
  await t.rejects(task.put(records), { message: 'The store could not take a write: deadlock' });
  await t.rejects(task.put(records), RetriableError);
  await task.put(records);
  t.same(stored, [...records.map(({ value }) => value)]);
  t.same(writes, [100, 100, 100, 100, 100]);
  t.ok(pauses[0]! >= 5 && pauses[0]! <= 10, 'the first pause is up to half shorter than configured');
  t.ok(pauses[1]! >= 10 && pauses[1]! <= 20, 'the second is twice as long');
});

t.test('errors that may pass are tried so often in a row, then the task fails with the key that says so', async (t) => {
  const { task } = setUp(() => {
    throw new StoreError('throttled', { kind: 'transient' });
  });
  const records = numbers(0, 1);
  await t.rejects(task.put(records), RetriableError);
  await t.rejects(task.put(records), RetriableError);
  await t.rejects(task.put(records), {
    name: 'FatalError',
    message: /3 times in a row, the last time with: throttled\. max\.retries=2/,
  });
});

t.test(
  'a store that is down is tried without end, and the log says it once when it goes and when it is back',
  async (t) => {
    const { task, stored, log } = setUp((_values, attempt) => {
      if (attempt <= 20) throw new StoreError('connection refused', { kind: 'down' });
    });
    const records = numbers(0, 1);
    for (let i = 0; i < 20; i++) await t.rejects(task.put(records), RetriableError);
    await task.put(records);
    t.same(stored, [0]);
    t.equal(log.length, 2);
    t.match(log[0], /cannot be reached; its partitions wait.*connection refused/);
    t.match(log[1], /takes writes again, after/);
  },
);

t.test('a store that says when to come again is taken at its word', async (t) => {
  const { task, pauses } = setUp(() => {
    throw new StoreError('429', { kind: 'transient', retryAfterMs: 7000 });
  });
  await t.rejects(task.put(numbers(0, 1)), RetriableError);
  t.same(pauses, [7000]);
});

t.test('an error of no record and no moment ends the task', async (t) => {
  const { task } = setUp((values) => {
    throw values.length > 5 ? new StoreError('wrong password', { kind: 'fatal' }) : new TypeError('a mistake');
  });
  await t.rejects(task.put(numbers(0, 10)), { name: 'FatalError', message: 'wrong password' });
  await t.rejects(task.put(numbers(0, 5)), { name: 'TypeError' }, 'the runtime looks for the record');
});

t.test('with linger records wait until there are enough, or the time is over, or a commit is due', async (t) => {
  const { task, stored, commits } = setUp(nothing, { 'linger.ms': 1, 'batch.size': 10 });
  await task.put(numbers(0, 4));
  t.same(stored, [], 'they wait');
  while (commits() === 0) await new Promise((done) => setTimeout(done, 1));
  await task.flush();
  t.same(stored, [0, 1, 2, 3], 'the flush that was asked for writes them');
  await task.put(numbers(4, 6));
  await task.put(numbers(10, 4));
  t.same(
    stored,
    numbers(0, 14).map(({ value }) => value),
    'enough of them are written at once',
  );
  await task.put(numbers(14, 1));
  task.close();
  await task.flush();
  t.equal(stored.length, 14, 'what waits when partitions go is left to whom they go to');
  await task.stop();
});

t.test('a put that fails leaves those that waited waiting, in front of its own', async (t) => {
  const { task, stored } = setUp(
    (values, attempt) => {
      if (attempt === 1 && values.includes(9)) throw new StoreError('timeout', { kind: 'transient' });
    },
    { 'linger.ms': 60_000, 'batch.size': 10 },
  );
  await task.put(numbers(0, 5));
  const more = numbers(5, 5);
  await t.rejects(task.put(more), RetriableError);
  await task.put(more);
  t.same(
    stored,
    numbers(0, 10).map(({ value }) => value),
  );
  await task.stop();
});

t.test('what was written, refused and tried again is counted', async (t) => {
  const { task, metrics } = setUp((values, attempt) => {
    if (attempt === 1) throw new StoreError('refused', { kind: 'down' });
    if (values.includes(3)) throw new StoreError('out of range', { kind: 'data' });
  });
  const value = (name: string): unknown => metrics.values().find((metric) => metric.name === name)?.value;
  const records = [...numbers(0, 5), ...sinkRecords([{ topic: 'numbers', value: 'text', offset: 5 }])];
  await t.rejects(task.put(records), RetriableError);
  t.equal(value('store-down'), 1);
  await task.put(records);
  t.equal(value('store-down'), 0);
  t.equal(value('store-record-write-total'), 4);
  t.equal(value('store-record-errant-total'), 2);
  t.equal(value('store-write-retry-total'), 1);
});
