import { execFile } from 'node:child_process';
import { appendFile, copyFile, mkdir, mkdtemp, rename, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Schema } from '@tributary/api';
import { connectorTasks, MemoryOffsets, runSource, type SourceRun, startSource } from '@tributary/api/testing';
import fileSource from '@tributary/source-file';
import t from 'tap';
import manifest from '../package.json' with { type: 'json' };

const topic = 'lines';
const newFile = async (): Promise<string> => join(await mkdtemp(join(t.testdir(), 'source-')), 'in.txt');
const values = (run: SourceRun): unknown[] => run.records.map((record) => record.value);
const positions = (run: SourceRun): unknown[] => run.records.map((record) => record.sourceOffset?.position);
const warnings = (run: SourceRun): string[] =>
  run.log.filter((line) => line.level === 'warn').map((line) => line.message);

t.test('the package lists the connector as the connector describes itself', async (t) => {
  const { class: className, aliases, version, kind } = fileSource;
  t.strictSame(manifest.tributary.plugins, [
    { kind, class: className, aliases, version, module: '.', export: 'default' },
  ]);
});

t.test('the keys are those of Kafka 4.1', async (t) => {
  const { config, taskClass } = fileSource;
  t.strictSame(
    Object.entries(config).map(([name, key]) => [name, key.type, key.required, key.default, key.importance]),
    [
      ['file', 'STRING', false, null, 'high'],
      ['topic', 'STRING', true, undefined, 'high'],
      ['batch.size', 'INT', false, 2000, 'low'],
    ],
  );
  t.equal(taskClass, 'org.apache.kafka.connect.file.FileStreamSourceTask');
});

t.test('a config without a topic, or with a wrong batch size, is refused with every message', async (t) => {
  await t.rejects(runSource(fileSource, { 'batch.size': 'many' }), {
    message:
      'The config of org.apache.kafka.connect.file.FileStreamSourceConnector is invalid:\n' +
      'Missing required configuration "topic" which has no default value.\n' +
      'Invalid value many for configuration batch.size: Not a number of type INT',
  });
  await t.rejects(runSource(fileSource, { topic: '' }), {
    message: /Invalid value {2}for configuration topic: String must be non-empty/,
  });
});

t.test('there is one task, however many are allowed', async (t) => {
  t.strictSame(await connectorTasks(fileSource, { topic, file: 'x' }, 5), [{ topic, file: 'x' }]);
});

t.test('a line becomes a record with a string value, no key, the time, and the position behind the line', async (t) => {
  const file = await newFile();
  await writeFile(file, 'grüße\nb\n');
  const before = Date.now();
  const run = await runSource(fileSource, { file, topic }, { take: 2 });
  t.match(run.records[0], {
    topic,
    partition: null,
    key: null,
    keySchema: null,
    value: 'grüße',
    valueSchema: Schema.string(),
    headers: [],
    sourcePartition: { filename: file },
    sourceOffset: { position: 8 },
  });
  t.ok(run.records[0]!.timestamp! >= before && run.records[0]!.timestamp! <= Date.now());
  t.strictSame(run.offsets.entries(), [[{ filename: file }, { position: 10 }]]);
});

t.test('a run goes on at the stored position, with Kafka offsets too', async (t) => {
  const file = await newFile();
  await writeFile(file, 'one\ntwo\nthree\n');
  for (const position of [4, 4n]) {
    const offsets = new MemoryOffsets([[{ filename: file }, { position }]]);
    const run = await runSource(fileSource, { file, topic }, { offsets, take: 2 });
    t.strictSame(values(run), ['two', 'three']);
  }
  await t.rejects(
    runSource(fileSource, { file, topic }, { offsets: [[{ filename: file }, { position: 'x' }]], take: 1 }),
    { message: /has the position x, which is no number of bytes/ },
  );
});

t.test('batches end at batch.size, and nothing is left behind when the file ends with a full one', async (t) => {
  const file = await newFile();
  await writeFile(file, 'abc\n'.repeat(25));
  const run = await runSource(fileSource, { file, topic, 'batch.size': '10' }, { take: 25 });
  t.strictSame(run.batches, [10, 10, 5]);
  const even = await runSource(fileSource, { file, topic, 'batch.size': '5' }, { take: 25 });
  t.strictSame(even.batches, [5, 5, 5, 5, 5]);
});

t.test('batches of long lines end at a MiB', async (t) => {
  const file = await newFile();
  await writeFile(file, `${'x'.repeat(300_000)}\n`.repeat(8));
  const run = await runSource(fileSource, { file, topic }, { take: 8 });
  t.equal(Math.max(...run.batches), 4);
});

t.test('a line of 10 MB and its successors arrive whole', async (t) => {
  const file = await newFile();
  await writeFile(file, `${'y'.repeat(10_000_000)}\nnext\n`);
  const run = await runSource(fileSource, { file, topic }, { take: 2 });
  t.equal(String(run.records[0]!.value).length, 10_000_000);
  t.equal(run.records[1]!.value, 'next');
});

t.test('a growing file is followed, and an unfinished line held back until it is complete', async (t) => {
  const file = await newFile();
  await writeFile(file, 'a\nunfin');
  const run = await startSource(fileSource, { file, topic });
  await run.take(1);
  await appendFile(file, 'ished\nc\n');
  await run.take(2);
  await run.stop();
  t.strictSame(values(run), ['a', 'unfinished', 'c']);
  t.strictSame(positions(run), [2, 13, 15]);
});

t.test('a file that does not exist yet is waited for, and the log says so once', async (t) => {
  const file = await newFile();
  const run = await startSource(fileSource, { file, topic });
  const taken = run.take(1);
  await t.resolves(waitFor(() => run.log.length > 0));
  await writeFile(file, 'there\n');
  await taken;
  await run.stop();
  t.strictSame(values(run), ['there']);
  t.strictSame(warnings(run), [`Couldn't find file '${file}': waiting for it to be created`]);
});

t.test('a folder that does not exist yet is no obstacle', async (t) => {
  const folder = await mkdtemp(join(t.testdir(), 'source-'));
  const file = join(folder, 'sub', 'in.txt');
  const run = await startSource(fileSource, { file, topic });
  const taken = run.take(1);
  await waitFor(() => run.log.length > 0);
  await mkdir(join(folder, 'sub'));
  await writeFile(file, 'there\n');
  await taken;
  await run.stop();
  t.strictSame(values(run), ['there']);
});

t.test(
  'rotation: the old file is read to its end, its unfinished line included, then the new one from 0',
  async (t) => {
    const file = await newFile();
    await writeFile(file, 'one\n');
    const run = await startSource(fileSource, { file, topic });
    await run.take(1);
    await appendFile(file, 'two\nlast');
    await rename(file, `${file}.1`);
    await writeFile(file, 'new\n');
    await run.take(3);
    await run.stop();
    t.strictSame(values(run), ['one', 'two', 'last', 'new']);
    t.strictSame(positions(run), [4, 8, 12, 4]);
  },
);

t.test('rotation: lines that a slow writer still adds to the renamed file are not lost', async (t) => {
  const file = await newFile();
  await writeFile(file, 'one\n');
  const run = await startSource(fileSource, { file, topic });
  await run.take(1);
  await rename(file, `${file}.1`);
  const late = run.take(1);
  await appendFile(`${file}.1`, 'late\n');
  await late;
  await writeFile(file, 'new\n');
  await run.take(1);
  await run.stop();
  t.strictSame(values(run), ['one', 'late', 'new']);
});

t.test('a file that was deleted is waited for', async (t) => {
  const file = await newFile();
  await writeFile(file, 'one\n');
  const run = await startSource(fileSource, { file, topic });
  await run.take(1);
  await unlink(file);
  const next = run.take(1);
  await writeFile(file, 'again\n');
  await next;
  await run.stop();
  t.strictSame(values(run), ['one', 'again']);
});

t.test('truncation (copytruncate): reading starts again at 0, with a warning', async (t) => {
  const file = await newFile();
  await writeFile(file, 'one\ntwo\nhalf');
  const run = await startSource(fileSource, { file, topic });
  await run.take(2);
  await copyFile(file, `${file}.1`);
  await truncate(file);
  const next = run.take(1);
  await waitFor(() => warnings(run).length > 0);
  await appendFile(file, 'new\n');
  await next;
  await run.stop();
  t.strictSame(values(run), ['one', 'two', 'new']);
  t.strictSame(positions(run), [4, 8, 4]);
  t.match(warnings(run), [/was truncated from 12 to 0 bytes/]);
});

t.test('a file that is shorter than the stored position was truncated meanwhile', async (t) => {
  const file = await newFile();
  await writeFile(file, 'new\n');
  const run = await runSource(
    fileSource,
    { file, topic },
    { offsets: [[{ filename: file }, { position: 100 }]], take: 1 },
  );
  t.strictSame(values(run), ['new']);
  t.match(warnings(run), [/is shorter than the position 100/]);
});

t.test('the signal ends the source promptly, whatever it waits for', async (t) => {
  const file = await newFile();
  const waiting = await startSource(fileSource, { file, topic });
  const missing = t.rejects(waiting.take(1), { message: /ended after 0 records/ });
  await waitFor(() => waiting.log.length > 0);
  const before = Date.now();
  await waiting.stop();
  await missing;
  await writeFile(file, 'a\n');
  const following = await startSource(fileSource, { file, topic });
  await following.take(1);
  const more = t.rejects(following.take(1), { message: /ended after 1 records/ });
  await following.stop();
  await more;
  t.ok(Date.now() - before < 400, 'sooner than the next look at the file');
});

t.test('a directory is refused', async (t) => {
  const file = t.testdir();
  await t.rejects(runSource(fileSource, { file, topic }, { take: 1 }), { message: /is a directory/ });
});

t.test('a pipe is read to its end, without offsets', async (t) => {
  const file = await newFile();
  await promisify(execFile)('mkfifo', [file]);
  const [run] = await Promise.all([runSource(fileSource, { file, topic }), writeFile(file, 'a\nb\n')]);
  t.strictSame(values(run), ['a', 'b']);
  t.strictSame(run.offsets.entries(), []);
  t.match(warnings(run), [/is not a regular file/]);
});

t.test('offsets are exactly-once for a file, not for the standard input', async (t) => {
  const config = { file: 'x', topic, 'batch.size': 1 };
  t.equal(fileSource.exactlyOnceSupport?.(config), 'supported');
  t.equal(fileSource.exactlyOnceSupport?.({ ...config, file: null }), 'unsupported');
});

async function waitFor(condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i > 1000) throw new Error('the condition did not come true');
    await new Promise((done) => setTimeout(done, 5));
  }
}
