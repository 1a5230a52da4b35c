import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Schema } from '@tributary/api';
import { runSink } from '@tributary/api/testing';
import { javaRun, skipUnlessAvailable } from '@tributary/services';
import fileSink from '@tributary/sink-file';
import t from 'tap';

const skip = await skipUnlessAvailable('java');
const topic = 'lines';

t.test('Kafka and we write the same lines for values of all kinds', { skip }, async (t) => {
  const folder = t.testdir();
  const [kafka, ours] = [join(folder, 'kafka.txt'), join(folder, 'ours.txt')];
  await javaRun({ sourceFile: join(import.meta.dirname, 'java', 'SinkLines.java'), args: [kafka] });
  const schema = Schema.struct({
    a: Schema.int32(),
    s: Schema.string(),
    in: Schema.struct({ x: Schema.float64(), n: Schema.string({ optional: true }) }),
    arr: Schema.array(Schema.int64()),
    m: Schema.map(Schema.string(), Schema.float32()),
    t: Schema.timestamp(),
    d: Schema.decimal(2),
    bo: Schema.boolean(),
    od: Schema.string({ optional: true, default: 'dflt' }),
  });
  const struct = {
    a: 1,
    s: 'x,y',
    in: { x: 1, n: null },
    arr: [1, 2n],
    m: { k: Math.fround(0.1) },
    t: new Date(1_700_000_000_123),
    d: { unscaled: 150n, scale: 2 },
    bo: true,
    od: null,
  };
  const float = Schema.float64();
  const sink = await runSink(fileSink, { file: ours });
  await sink.put([
    { topic, value: struct, valueSchema: schema },
    { topic, value: { a: 1, b: null, c: [], d: { x: 1.5 } } },
    { topic, value: new Map([[1, 'one']]) },
    { topic, value: null },
    { topic, value: 1, valueSchema: float },
    { topic, value: 12345678.5 },
    { topic, value: 9007199254740993n },
    { topic, value: 'grüße 🎉' },
    { topic, value: '' },
    { topic, value: { unscaled: 15n, scale: -3 } },
    { topic, value: { unscaled: 1n, scale: 7 } },
    { topic, value: new Date(0) },
    { topic, value: false },
    { topic, value: 1e-7 },
    { topic, value: -0, valueSchema: float },
  ]);
  await sink.close();
  t.strictSame((await readFile(ours, 'utf8')).split('\n'), (await readFile(kafka, 'utf8')).split('\n'));
});
