import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Decimal, Schema } from '@tributary/api';
import { runSink } from '@tributary/api/testing';
import fileSink from '@tributary/sink-file';
import t from 'tap';
import manifest from '../package.json' with { type: 'json' };

const topic = 'lines';
const newFile = async (): Promise<string> => join(await mkdtemp(join(t.testdir(), 'sink-')), 'out.txt');

t.test('the package lists the connector as the connector describes itself', async (t) => {
  const { class: className, aliases, version, kind } = fileSink;
  t.strictSame(manifest.tributary.plugins, [
    { kind, class: className, aliases, version, module: '.', export: 'default' },
  ]);
});

t.test('the key is that of Kafka 4.1', async (t) => {
  t.strictSame(
    Object.entries(fileSink.config).map(([name, key]) => [name, key.type, key.required, key.default, key.importance]),
    [['file', 'STRING', false, null, 'high']],
  );
  t.equal(fileSink.taskClass, 'org.apache.kafka.connect.file.FileStreamSinkTask');
});

t.test('each record becomes a line at the end of the file', async (t) => {
  const file = await newFile();
  await writeFile(file, 'before\n');
  const sink = await runSink(fileSink, { file, topics: topic });
  await sink.put([
    { topic, value: 'grüße 🎉' },
    { topic, value: '' },
  ]);
  await sink.put([{ topic, value: 'b' }]);
  await sink.put([]);
  t.equal(await readFile(file, 'utf8'), 'before\ngrüße 🎉\n\nb\n', 'after put the system has the lines');
  t.strictSame(await sink.flush(), [{ topic, partition: 0, offset: 3 }]);
  await sink.close();
});

t.test('values that are not strings are written as Java writes them', async (t) => {
  const file = await newFile();
  const sink = await runSink(fileSink, { file });
  const inner = Schema.struct({ x: Schema.float64(), n: Schema.string({ optional: true }) });
  const valueSchema = Schema.struct({
    a: Schema.int32(),
    s: Schema.string(),
    in: inner,
    arr: Schema.array(Schema.int64()),
    m: Schema.map(Schema.string(), Schema.float32()),
    t: Schema.timestamp(),
    d: Schema.decimal(2),
    b: Schema.bytes(),
    bo: Schema.boolean(),
    od: Schema.string({ optional: true, default: 'dflt' }),
  });
  const value = {
    a: 1,
    s: 'x,y',
    in: { x: 1, n: null },
    arr: [1, 2n],
    m: { k: Math.fround(0.1) },
    t: new Date(1_700_000_000_123),
    d: { unscaled: 150n, scale: 2 } satisfies Decimal,
    b: new Uint8Array([1, 2]),
    bo: true,
  };
  await sink.put([
    { topic, value, valueSchema },
    { topic, value: { a: 1, b: null, c: [], d: { x: 1.5 } } },
    { topic, value: new Map([[1, 'one']]) },
    { topic, value: null },
    { topic, value: 1, valueSchema: Schema.float64() },
    { topic, value: 1e10 },
    { topic, value: 12345678.5 },
    { topic, value: 9007199254740993n },
  ]);
  t.strictSame((await readFile(file, 'utf8')).split('\n'), [
    'Struct{a=1,s=x,y,in=Struct{x=1.0},arr=[1, 2],m={k=0.1},t=Tue Nov 14 22:13:20 UTC 2023,d=1.50,b=AQI=,bo=true}',
    '{a=1, b=null, c=[], d={x=1.5}}',
    '{1=one}',
    'null',
    '1.0',
    '10000000000',
    '1.23456785E7',
    '9007199254740993',
    '',
  ]);
  await sink.close();
});

t.test('a value of bytes is written as it is', async (t) => {
  const file = await newFile();
  const sink = await runSink(fileSink, { file });
  await sink.put([
    { topic, value: new Uint8Array([0xff, 0x00]) },
    { topic, value: 'é' },
  ]);
  t.strictSame([...(await readFile(file))], [0xff, 0x00, 10, 0xc3, 0xa9, 10]);
  await sink.close();
});

t.test('a file that cannot be opened is named with the reason', async (t) => {
  const file = join(t.testdir(), 'no', 'such', 'folder', 'x');
  await t.rejects(runSink(fileSink, { file }), { message: /^Couldn't find or create file '.*x': ENOENT/ });
});
