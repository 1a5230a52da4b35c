import { PassThrough } from 'node:stream';
import type { SourceRecord } from '@tributary/api';
import t from 'tap';
import { readStream } from '../src/read-stream.ts';

const limits = { topic: 'lines', batchSize: 3 };

async function collect(batches: AsyncIterable<readonly SourceRecord[]>): Promise<SourceRecord[]> {
  const records: SourceRecord[] = [];
  for await (const batch of batches) records.push(...batch);
  return records;
}

t.test(
  'the standard input is read to its end, an unfinished last line included; its records have no offsets',
  async (t) => {
    const stream = new PassThrough();
    const records = collect(readStream(stream, limits, { signal: new AbortController().signal }));
    stream.write('a\nb');
    stream.write('c\r\nd\ne\nf\ng\nh');
    stream.end();
    t.strictSame(
      (await records).map((record) => record.value),
      ['a', 'bc', 'd', 'e', 'f', 'g', 'h'],
    );
    t.match((await records)[0], { sourcePartition: null, sourceOffset: null, timestamp: Number });
  },
);

t.test('the stream stays open when the task stops, for the next one', async (t) => {
  const stream = new PassThrough();
  const abort = new AbortController();
  const first = readStream(stream, limits, { signal: abort.signal });
  stream.write('a\n');
  t.equal((await first.next()).value?.[0]?.value, 'a');
  const waiting = first.next();
  abort.abort();
  t.equal((await waiting).done, true);
  t.equal(stream.destroyed, false);
  const second = collect(readStream(stream, limits, { signal: new AbortController().signal }));
  stream.end('b\n');
  t.strictSame(
    (await second).map((record) => record.value),
    ['b'],
  );
});

t.test('a stream that fails says so', async (t) => {
  const stream = new PassThrough();
  const records = collect(readStream(stream, limits, { signal: new AbortController().signal }));
  stream.destroy(new Error('cable cut'));
  await t.rejects(records, { message: 'Cannot read the input: cable cut' });
});
