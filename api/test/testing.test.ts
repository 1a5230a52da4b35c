import {
  DataError,
  defineSink,
  defineSource,
  defineTransform,
  int,
  list,
  RetriableError,
  Schema,
  type SinkRecord,
  string,
} from '@tributary/api';
import {
  applyTransform,
  configErrors,
  connectorTasks,
  MemoryOffsets,
  runSink,
  runSource,
  startSource,
} from '@tributary/api/testing';
import t from 'tap';

/** Counts up from its offset, in batches of three. */
const counter = defineSource({
  class: 'test.Counter',
  version: '1',
  config: {
    topic: string({ doc: 'where to' }),
    limit: int({ default: 1_000_000, min: 1, doc: 'how far' }),
    'fail.at': int({ default: null, doc: 'where to fail once' }),
  },
  validate(config, report, _signal, props) {
    if (config.topic === 'forbidden') report('topic', 'This topic is forbidden');
    if (props['topic.n.mapping'] === '') report('topic.n.mapping', 'It is empty');
  },
  async *run(config, { offsets, signal, log }) {
    let next = Number((await offsets.get({ counter: 'a', kind: 1 }))?.next ?? 0);
    log.info('starting', { next });
    while (next < config.limit && !signal.aborted) {
      if (next === config['fail.at'] && !failed.has(config)) {
        failed.add(config);
        throw new RetriableError('busy');
      }
      yield Array.from({ length: 3 }, (_, i) => ({
        topic: config.topic,
        value: next + i,
        valueSchema: Schema.int32(),
        sourcePartition: { kind: 1, counter: 'a' },
        sourceOffset: { next: next + i + 1 },
      }));
      next += 3;
    }
  },
});
const failed = new WeakSet<object>();

t.test('a sink is told what is committed, and its commits are seen', async (t) => {
  const seen: unknown[] = [];
  const sink = defineSink({
    class: 'test.Clock',
    version: '1',
    config: {},
    start: (_config, { committed }) => ({
      open: (partitions) => void seen.push(partitions.map(committed)),
      put: () => void seen.push(committed({ topic: 'a', partition: 0 })),
      preCommit: (offsets) => offsets.map((at) => ({ ...at, metadata: `up to ${at.offset}` })),
    }),
  });
  const run = await runSink(
    sink,
    {},
    {
      assignment: [0, 1].map((partition) => ({ topic: 'a', partition })),
      committed: [{ topic: 'a', partition: 0, offset: 4, metadata: 'up to 4' }],
    },
  );
  t.strictSame(seen, [[{ offset: 4, metadata: 'up to 4' }, null]]);
  await run.put([{ topic: 'a', offset: 4 }]);
  t.strictSame(await run.flush(), [{ topic: 'a', partition: 0, offset: 5, metadata: 'up to 5' }]);
  await run.put([{ topic: 'a' }]);
  t.strictSame(seen.slice(1), [
    { offset: 4, metadata: 'up to 4' },
    { offset: 5, metadata: 'up to 5' },
  ]);
});

t.test('a run shows the metrics of its plugin', async (t) => {
  const source = defineSource({
    class: 'test.Counted',
    version: '1',
    config: {},
    async *run(_config, { metrics }) {
      metrics.counter('made-total', 'Made.').add(2);
      yield [];
    },
  });
  t.strictSame((await runSource(source, {})).metrics, { 'made-total': 2 });
  const sink = defineSink({
    class: 'test.Counted',
    version: '1',
    config: {},
    start: (_config, { metrics }) => {
      const size = metrics.summary('batch-size', 'Sizes.');
      return { put: (records) => size.observe(records.length) };
    },
  });
  const run = await runSink(sink, {});
  await run.put([{ topic: 'a' }, { topic: 'a' }]);
  await run.put([{ topic: 'a' }]);
  t.strictSame(run.metrics, { 'batch-size': { count: 2, sum: 3, max: 2 } });
});

t.test('runSource', async (t) => {
  t.test('runs a source until enough records came, and stops it', async (t) => {
    const run = await runSource(counter, { topic: 'n' }, { take: 4 });
    t.strictSame(
      run.records.map((record) => record.value),
      [0, 1, 2, 3, 4, 5],
      'whole batches',
    );
    t.strictSame(run.batches, [3, 3]);
    t.match(run.records[0], { topic: 'n', partition: null, key: null, headers: [], timestamp: null });
    t.equal(run.ended, true);
    t.strictSame(run.log, [{ level: 'info', message: 'starting', fields: { next: 0 } }]);
  });

  t.test('runs a source until a condition holds, or to its end', async (t) => {
    const until = await runSource(counter, { topic: 'n' }, { until: (records) => records.at(-1)?.value === 8 });
    t.equal(until.records.length, 9);
    const end = await runSource(counter, { topic: 'n', limit: '5' });
    t.equal(end.records.length, 6);
  });

  t.test('hands the offsets of one run to the next; the order of keys in a partition does not matter', async (t) => {
    const first = await runSource(counter, { topic: 'n' }, { take: 3 });
    t.strictSame(first.offsets.entries(), [[{ kind: 1, counter: 'a' }, { next: 3 }]]);
    const second = await runSource(counter, { topic: 'n' }, { offsets: first.offsets, take: 3 });
    t.equal(second.records[0]?.value, 3);
    const third = await runSource(
      counter,
      { topic: 'n' },
      { offsets: [[{ counter: 'a', kind: 1 }, { next: 70 }]], take: 1 },
    );
    t.equal(third.records[0]?.value, 70);
  });

  t.test('calls run again with the last offsets after a RetriableError', async (t) => {
    const run = await runSource(counter, { topic: 'n', 'fail.at': '6' }, { take: 9 });
    t.strictSame(
      run.records.map((record) => record.value),
      [0, 1, 2, 3, 4, 5, 6, 7, 8],
    );
    t.equal(run.log.length, 2, 'it started twice');
  });

  t.test('tells the errors of a config by key, those of the definition before those of the connector', async (t) => {
    t.strictSame(await configErrors(counter, { topic: 'n' }), {});
    t.match(await configErrors(counter, { topic: 'forbidden', limit: '0' }), {
      limit: [/at least 1/],
      topic: undefined,
    });
    t.strictSame(await configErrors(counter, { topic: 'forbidden' }), { topic: ['This topic is forbidden'] });
    t.strictSame(await configErrors(counter, { topic: 'n', 'topic.n.mapping': '' }), {
      'topic.n.mapping': ['It is empty'],
    });
  });

  t.test('throws every message of an invalid config', async (t) => {
    await t.rejects(runSource(counter, { limit: '0' }), {
      name: 'ConfigError',
      message:
        'The config of test.Counter is invalid:\n' +
        'Missing required configuration "topic" which has no default value.\n' +
        'Invalid value 0 for configuration limit: Value must be at least 1',
    });
    await t.rejects(runSource(counter, { topic: 'forbidden' }), { message: /This topic is forbidden/ });
  });

  t.test('refuses values that do not fit their schema', async (t) => {
    const liar = defineSource({
      class: 'test.Liar',
      version: '1',
      config: {},
      async *run() {
        yield [{ topic: 'n', value: 'text', valueSchema: Schema.int32() }];
      },
    });
    await t.rejects(runSource(liar, {}), DataError);
  });

  t.test('says what it waited for, with the log, when records do not come', async (t) => {
    const idle = defineSource({
      class: 'test.Idle',
      version: '1',
      config: {},
      async *run(_config, { signal, log }) {
        log.warn('no connection');
        await new Promise((done) => signal.addEventListener('abort', done));
      },
    });
    const run = await startSource(idle, {}, { timeoutMs: 20 });
    await t.rejects(run.take(1), { message: 'Waited 20 ms for records; 0 came so far. Its log:\nwarn: no connection' });
    await run.stop();
    t.equal(run.ended, true);
  });

  t.test('divides the work as the connector says', async (t) => {
    const divided = defineSource({
      class: 'test.Divided',
      version: '1',
      config: { symbols: list({ doc: 'what' }) },
      taskConfigs: (config, maxTasks) => config.symbols.slice(0, maxTasks).map((symbols) => ({ symbols })),
      async *run(config) {
        yield [{ topic: 'n', value: config.symbols.join() }];
      },
    });
    t.strictSame(await connectorTasks(divided, { symbols: 'a,b,c', x: '1' }, 2), [
      { symbols: 'a', x: '1' },
      { symbols: 'b', x: '1' },
    ]);
    const run = await runSource(divided, { symbols: 'a,b,c' }, { tasksMax: 3, task: 2 });
    t.equal(run.records[0]?.value, 'c');
  });

  t.test('hands accepted records to a source that acknowledges', async (t) => {
    const seen: unknown[] = [];
    const acknowledging = defineSource({ ...counter, committed: (records) => void seen.push(...records) });
    const run = await runSource(acknowledging, { topic: 'n' }, { take: 3 });
    t.strictSame(seen, run.records);
  });
});

t.test('runSink', async (t) => {
  const store: SinkRecord[] = [];
  const calls: string[] = [];
  const sink = defineSink({
    class: 'test.Store',
    version: '1',
    config: { table: string({ doc: 'where' }) },
    start: (_config, context) => ({
      open: (partitions) => void calls.push(`open ${partitions.map((p) => `${p.topic}-${p.partition}`)}`),
      put(records) {
        for (const record of records) {
          if (record.value === 'bad') context.reportErrant(record, new DataError('bad value'));
          else store.push(record);
        }
        context.requestCommit();
      },
      flush: () => void calls.push('flush'),
      preCommit: (offsets) => offsets.filter((offset) => offset.partition === 0),
      close: () => void calls.push('close'),
      stop: () => void calls.push('stop'),
    }),
  });

  t.test('runs a sink: offsets count up, partitions open as records come', async (t) => {
    const run = await runSink(sink, { table: 't' });
    await run.put([
      { topic: 'a', value: 1 },
      { topic: 'a', value: 'bad' },
      { topic: 'a', partition: 1, offset: 7 },
    ]);
    await run.put([{ topic: 'a', value: 2 }]);
    t.strictSame(
      store.map(({ partition, offset, originalOffset, timestampType }) => [
        partition,
        offset,
        originalOffset,
        timestampType,
      ]),
      [
        [0, 0, 0, 'CreateTime'],
        [1, 7, 7, 'CreateTime'],
        [0, 2, 2, 'CreateTime'],
      ],
    );
    t.match(run.errant, [{ record: { value: 'bad', offset: 1 }, error: { message: 'bad value' } }]);
    t.strictSame(await run.flush(), [{ topic: 'a', partition: 0, offset: 3 }]);
    t.strictSame(run.requests, [{ kind: 'commit' }, { kind: 'commit' }]);
    await run.close();
    t.strictSame(calls, ['open a-0,a-1', 'flush', 'flush', 'close', 'stop']);
  });

  t.test('an errant record fails the put where nothing is tolerated', async (t) => {
    const run = await runSink(sink, { table: 't' }, { tolerant: false });
    await t.rejects(run.put([{ topic: 'a', value: 'bad' }]), DataError);
  });

  t.test('throws every message of an invalid config', async (t) => {
    await t.rejects(runSink(sink, {}), { name: 'ConfigError', message: /Missing required configuration "table"/ });
  });
});

t.test('applyTransform', async (t) => {
  const record = {
    topic: 'a',
    partition: null,
    key: null,
    keySchema: null,
    value: 1,
    valueSchema: null,
    timestamp: 5,
    headers: [],
  };
  const config = { suffix: string({ doc: 'what to add' }) };
  const route = defineTransform({
    class: 'test.Route',
    version: '1',
    config,
    create:
      ({ suffix }) =>
      (record) =>
        suffix === 'drop' ? null : { ...record, topic: record.topic + suffix },
  });
  t.strictSame(applyTransform(route, { suffix: '-x' }, record), { ...record, topic: 'a-x' });
  t.equal(applyTransform(route, { suffix: 'drop' }, record), null);
  t.throws(() => applyTransform(route, {}, record), { name: 'ConfigError' });
  const double = defineTransform({
    class: 'test.Double',
    version: '1',
    asynchronous: true,
    config,
    create: () => async (records) => records.map((record) => [record, record]),
  });
  t.strictSame(await applyTransform(double, { suffix: '' }, record), [record, record]);
  const offsets = new MemoryOffsets();
  t.equal(await offsets.get({}), null);
});
