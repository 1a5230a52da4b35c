/** What becomes of records that a connector, a transform or a topic cannot take, on a running worker. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Props } from '@tributary/api';
import t, { type Test } from 'tap';
import { type TestWorker, testWorker, until } from '../support/worker.ts';

const STRING = 'org.apache.kafka.connect.storage.StringConverter';
const DLQ = {
  'errors.tolerance': 'all',
  'errors.deadletterqueue.topic.name': 'dlq',
  'errors.deadletterqueue.context.headers.enable': true,
};

const lines = (file: string): string[] => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : []);

/** Sinks that take lines into a file but for those that say otherwise, each refusing in its own way. */
const PICKY = `
import { appendFileSync } from 'node:fs';
import { DataError, RetriableError, boolean, defineSink, string } from '@tributary/api';
const config = {
  file: string({ doc: 'Where to.' }),
  'fails.with': string({ doc: 'How it refuses.' }),
  ahead: boolean({ default: false, doc: 'Whether the next batch is read meanwhile.' }),
};
const bad = (record) => String(record.value).startsWith('bad');
export default defineSink({
  class: 'example.PickySink',
  version: '1.0.0',
  config,
  start({ file, 'fails.with': how, ahead }, context) {
    let busy = 2;
    const write = (records) => appendFileSync(file, records.map(({ value }) => value + '\\n').join(''));
    return {
      readAhead: ahead,
      put(records) {
        if (how === 'report') {
          for (const record of records) if (bad(record)) context.reportErrant(record, new DataError('reported: ' + record.value));
          const good = records.filter((record) => !bad(record));
          if (good.length > 0 && busy-- > 0) throw new RetriableError('busy');
          return write(good);
        }
        const first = records.find(bad);
        if (first) throw how === 'data' ? new DataError('thrown: ' + first.value) : new TypeError('thrown: ' + first.value);
        write(records);
      },
    };
  },
});`;

/** A source that numbers its lines; each tenth is a number instead of text, or too long. */
const ODD = `
import { defineSource, int, Schema, string } from '@tributary/api';
export default defineSource({
  class: 'example.OddSource',
  version: '1.0.0',
  config: { topic: string({ doc: 'Where to.' }), odd: string({ doc: 'What is odd.' }) },
  async *run({ topic, odd }, { offsets }) {
    const partition = { odd: 'one' };
    const done = (await offsets.get(partition))?.n ?? -1;
    const batch = [];
    for (let n = done + 1; n < 100; n++) {
      const is = n % 10 === 7;
      const value = is ? (odd === 'schema' ? n : 'x'.repeat(2_000_000)) : 'line ' + n;
      batch.push({ topic, value, valueSchema: Schema.string(), sourcePartition: partition, sourceOffset: { n } });
    }
    yield batch;
  },
});`;

/** A sink that writes only when it is flushed, and cannot at first: what it held is gone then. */
const LAZY = `
import { appendFileSync } from 'node:fs';
import { RetriableError, defineSink, string } from '@tributary/api';
export default defineSink({
  class: 'example.LazySink',
  version: '1.0.0',
  config: { file: string({ doc: 'Where to.' }) },
  start({ file }) {
    let held = [];
    let failures = 2;
    return {
      put(records) { held.push(...records.map(({ value }) => value + '\\n')); },
      flush() {
        const text = held.join('');
        held = [];
        if (failures-- > 0) throw new RetriableError('not yet');
        appendFileSync(file, text);
      },
    };
  },
});`;

/** A sink that waits for its dead letters, as one with offsets of its own does, and then never comes back: as good as killed. */
const WAITING = `
import { writeFileSync } from 'node:fs';
import { DataError, defineSink, string } from '@tributary/api';
export default defineSink({
  class: 'example.WaitingSink',
  version: '1.0.0',
  config: { file: string({ doc: 'Where it says that it has waited.' }) },
  start: ({ file }, context) => ({
    async put(records) {
      for (const record of records) context.reportErrant(record, new DataError('bad'));
      await context.flushErrant();
      writeFileSync(file, 'done\\n');
      await new Promise(() => {});
    },
  }),
});`;

async function pluginWorker(t: Test, isolation = 'shared', props: Props = {}): Promise<TestWorker> {
  const folder = join(t.testdir(), 'plugins');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'picky.js'), PICKY);
  writeFileSync(join(folder, 'odd.js'), ODD);
  writeFileSync(join(folder, 'lazy.js'), LAZY);
  writeFileSync(join(folder, 'waiting.js'), WAITING);
  return testWorker(t, {
    'task.isolation': isolation,
    'plugin.path': folder,
    'value.converter': STRING,
    'key.converter': STRING,
    ...props,
  });
}

const INPUT = Array.from({ length: 3_000 }, (_, n) => (n % 1_000 === 999 ? `bad ${n}` : `good ${n}`));
const GOOD = INPUT.filter((line) => line.startsWith('good'));
const BAD = INPUT.filter((line) => line.startsWith('bad'));

async function create({ call }: TestWorker, name: string, config: object): Promise<void> {
  const { status, text } = await call('POST', '/connectors', { name, config });
  if (status !== 201) throw new Error(text);
}

/** The metrics of a task whose names begin with `prefix`. */
async function metricsOf({ call }: TestWorker, connector: string): Promise<Record<string, number>> {
  const { text } = await call('GET', '/metrics');
  const found = text.matchAll(
    new RegExp(`task_error_metrics_(\\w+)\\{connector="${connector}",task="0"\\} (\\d+)`, 'g'),
  );
  return Object.fromEntries([...found].map(([, name, value]) => [name!, Number(value)]));
}

for (const [how, isolation, ahead] of [
  ['report', 'shared', false],
  ['report', 'shared', true],
  ['data', 'shared', false],
  ['data', 'shared', true],
  ['error', 'shared', false],
  ['data', 'thread', false],
] as const) {
  t.test(
    `records that the sink ${how === 'report' ? 'reports' : `fails at with its ${how}`} go to the dead letter queue, the others are stored (${isolation}${ahead ? ', read ahead' : ''})`,
    async (t) => {
      const worker = await pluginWorker(t, isolation);
      const [input, output, letters] = ['in.txt', 'out.txt', 'letters.txt'].map((name) => join(worker.dir, name));
      writeFileSync(input!, `${INPUT.join('\n')}\n`);
      await create(worker, 'src', { 'connector.class': 'FileStreamSource', file: input, topic: 'lines' });
      await create(worker, 'picky', {
        'connector.class': 'PickySink',
        topics: 'lines',
        file: output,
        'fails.with': how,
        ahead,
        'consumer.override.max.poll.records': '700',
        ...DLQ,
      });
      await create(worker, 'dlq', { 'connector.class': 'FileStreamSink', topics: 'dlq', file: letters });
      await until(() => lines(output!).length >= GOOD.length && lines(letters!).length >= BAD.length);
      t.same(lines(output!), GOOD, 'each good line once and in order');
      t.same(lines(letters!), BAD, 'each bad line once and in order');
      await until(async () => (await metricsOf(worker, 'picky'))['deadletterqueue_produce_requests'] === 3);
      t.match(await metricsOf(worker, 'picky'), {
        total_record_failures: 3,
        total_record_errors: 0,
        deadletterqueue_produce_failures: 0,
      });
    },
  );
}

for (const exactlyOnce of ['disabled', 'enabled'])
  t.test(`a sink can wait until dead letters are stored (exactly-once: ${exactlyOnce})`, async (t) => {
    const worker = await pluginWorker(t, 'shared', { 'exactly.once.source.support': exactlyOnce });
    const [input, said, letters] = ['in.txt', 'said.txt', 'letters.txt'].map((name) => join(worker.dir, name));
    writeFileSync(input!, 'one\ntwo\n');
    await create(worker, 'src', { 'connector.class': 'FileStreamSource', file: input, topic: 'lines' });
    await until(
      async () => (await worker.call('GET', '/connectors/src/offsets')).json?.offsets[0]?.offset.position === 8,
    );
    await create(worker, 'waiting', { 'connector.class': 'WaitingSink', topics: 'lines', file: said, ...DLQ });
    await create(worker, 'dlq', { 'connector.class': 'FileStreamSink', topics: 'dlq', file: letters });
    await until(() => lines(letters!).length === 2);
    t.same(lines(letters!), ['one', 'two'], 'there, though no offset was committed');
    await until(() => existsSync(said!));
  });

for (const ahead of [false, true])
  t.test(
    `without tolerance the status says first what went wrong, where, and what to do (read ahead: ${ahead})`,
    async (t) => {
      const worker = await pluginWorker(t);
      const input = join(worker.dir, 'in.txt');
      writeFileSync(input, 'good 1\nbad 2\n');
      await create(worker, 'src', { 'connector.class': 'FileStreamSource', file: input, topic: 'lines' });
      const config = { 'connector.class': 'PickySink', topics: 'lines', file: join(worker.dir, 'out.txt') };
      await create(worker, 'picky', { ...config, 'fails.with': 'data', ahead });
      await worker.untilState('src', 'RUNNING', 1);
      await until(async () => (await worker.call('GET', '/connectors/picky/tasks/0/status')).json?.state === 'FAILED');
      const { trace } = (await worker.call('GET', '/connectors/picky/tasks/0/status')).json;
      t.match(
        trace.split('\n')[0],
        /^thrown: bad 2 \[connector picky, task 0, stage TASK_PUT \(example\.PickySink\), topic lines, partition 0, offset \d.*\]\. Once the cause is mended, POST \/connectors\/picky\/tasks\/0\/restart .*errors\.tolerance=all/,
      );
    },
  );

const JSON_VALUES = { 'value.converter': 'org.apache.kafka.connect.json.JsonConverter' };

t.test(
  'records of a source that a converter refuses go to its dead letter queue, the others to the topic',
  async (t) => {
    const worker = await pluginWorker(t);
    const [output, letters] = [join(worker.dir, 'out.txt'), join(worker.dir, 'letters.txt')];
    await create(worker, 'odd', {
      'connector.class': 'OddSource',
      topic: 'odd',
      odd: 'schema',
      ...JSON_VALUES,
      ...DLQ,
    });
    await create(worker, 'out', { 'connector.class': 'FileStreamSink', topics: 'odd', file: output });
    await create(worker, 'dlq', { 'connector.class': 'FileStreamSink', topics: 'dlq', file: letters });
    await until(() => lines(output).length === 90 && lines(letters).length === 10);
    t.same(
      lines(letters).map((line) => JSON.parse(line)),
      [7, 17, 27, 37, 47, 57, 67, 77, 87, 97].map((payload) => ({ schema: null, payload })),
    );
    t.match(await metricsOf(worker, 'odd'), {
      total_record_failures: 10,
      total_records_skipped: 10,
      deadletterqueue_produce_requests: 10,
    });
    await worker.restart();
    await worker.untilState('odd', 'RUNNING', 1);
    await worker.untilState('out', 'RUNNING', 1);
    t.equal(lines(output).length, 90, 'nothing is read again: the offset is behind the dead letters');
  },
);

t.test(
  'records that are too large for their topic are passed by, or go to a dead letter queue that takes them',
  async (t) => {
    const worker = await pluginWorker(t);
    const [output, letters, first] = ['out.txt', 'letters.txt', 'first.txt'].map((name) => join(worker.dir, name));
    await create(worker, 'skips', {
      'connector.class': 'OddSource',
      topic: 'odd',
      odd: 'size',
      'errors.tolerance': 'all',
    });
    await create(worker, 'out', { 'connector.class': 'FileStreamSink', topics: 'odd', file: output });
    await until(() => lines(output!).length === 90);
    await until(async () => (await metricsOf(worker, 'skips'))['total_record_failures'] === 10);
    // A source makes the dead letter queue with room for them.
    writeFileSync(first!, 'first\n');
    await create(worker, 'maker', {
      'connector.class': 'FileStreamSource',
      file: first,
      topic: 'dlq',
      'topic.creation.default.replication.factor': -1,
      'topic.creation.default.partitions': 1,
      'topic.creation.default.max.message.bytes': 10_000_000,
    });
    await create(worker, 'dlq', { 'connector.class': 'FileStreamSink', topics: 'dlq', file: letters });
    await until(() => lines(letters!).length === 1);
    await create(worker, 'keeps', { 'connector.class': 'OddSource', topic: 'odd', odd: 'size', ...DLQ });
    await until(() => lines(output!).length === 180 && lines(letters!).length === 11);
    t.ok(
      lines(letters!)
        .slice(1)
        .every((line) => JSON.parse(line).payload.length === 2_000_000),
    );
  },
);

t.test('records come again after a flush that failed for a while, and nothing is committed before', async (t) => {
  const worker = await pluginWorker(t);
  const [input, output] = [join(worker.dir, 'in.txt'), join(worker.dir, 'out.txt')];
  writeFileSync(input, `${GOOD.join('\n')}\n`);
  await create(worker, 'src', { 'connector.class': 'FileStreamSource', file: input, topic: 'lines' });
  await create(worker, 'lazy', { 'connector.class': 'LazySink', topics: 'lines', file: output });
  await until(() => lines(output).length >= GOOD.length);
  t.same(lines(output), GOOD);
  t.equal(worker.log.filter((line) => /could not flush.*not yet/.test(line)).length, 2);
});
