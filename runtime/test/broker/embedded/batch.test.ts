import t from 'tap';
import { BatchBuilder, type BatchRecord, decode, readHead, storedSize } from '../../../src/broker/embedded/batch.ts';

const place = { topic: 'topic', partition: 3 };

const record = (rest: Partial<BatchRecord> = {}): BatchRecord => ({
  key: Buffer.from('key'),
  value: Buffer.from('value'),
  headers: [],
  ...rest,
});

function build(
  base: number,
  entries: ReadonlyArray<readonly [offset: number, timestamp: number, record: BatchRecord]>,
  logAppendTime = false,
): Buffer {
  const builder = new BatchBuilder(base, entries[0]![1], logAppendTime);
  for (const [offset, timestamp, entry] of entries) builder.append(offset, timestamp, entry, storedSize(entry));
  return builder.finish();
}

t.test('records come out of a batch as they went in', (t) => {
  const entries = [
    [2 ** 40, 1_700_000_000_000, record()],
    [2 ** 40 + 1, 1_600_000_000_000, record({ key: null, value: null })],
    [2 ** 40 + 300, 0, record({ key: Buffer.alloc(0), value: Buffer.alloc(0) })],
    [2 ** 40 + 70_000, 2 ** 52, record({ value: Buffer.alloc(100_000, 7) })],
    [
      2 ** 40 + 2 ** 32 - 1,
      -1,
      record({
        headers: [
          { key: 'ü', value: null },
          { key: '', value: Buffer.from([0, 255]) },
        ],
      }),
    ],
  ] as const;
  const batch = build(2 ** 40, entries);
  const read = decode(batch, place, 2 ** 40, 0);
  t.strictSame(
    read,
    entries.map(([offset, timestamp, { key, value, headers }]) => ({
      ...place,
      offset,
      timestamp,
      timestampType: 'CreateTime',
      key,
      value,
      headers,
    })),
  );
  t.match(readHead(batch), { count: 5, lastDelta: 2 ** 32 - 1, maxTimestamp: 2 ** 52, logAppendTime: false });
  t.end();
});

t.test('decoding starts at the offset asked for', (t) => {
  const batch = build(
    10,
    [10, 11, 14, 15].map((offset) => [offset, 5, record()] as const),
    true,
  );
  t.strictSame(
    decode(batch, place, 10, 12).map((r) => [r.offset, r.timestampType]),
    [
      [14, 'LogAppendTime'],
      [15, 'LogAppendTime'],
    ],
  );
  t.strictSame(decode(batch, place, 10, 16), []);
  t.end();
});

t.test('keys and values are views of the batch, not copies', (t) => {
  const batch = build(0, [[0, 0, record()]]);
  const [read] = decode(batch, place, 0, 0);
  t.equal(read!.value!.buffer, batch.buffer);
  t.end();
});

t.test('the stored size of a record is never less than what it takes', (t) => {
  for (const entry of [
    record(),
    record({ key: null, value: null }),
    record({ value: Buffer.alloc(70_000) }),
    record({ headers: Array.from({ length: 50 }, () => ({ key: '日本', value: Buffer.from('x') })) }),
  ]) {
    const empty = new BatchBuilder(0, 0, false).size;
    const batch = build(0, [[2 ** 32 - 1, 2 ** 52, entry]]);
    t.ok(batch.length - empty <= storedSize(entry), `${batch.length - empty} of ${storedSize(entry)}`);
  }
  t.end();
});

t.test('a batch takes no more records once it is large', (t) => {
  const builder = new BatchBuilder(0, 0, false);
  let offset = 0;
  const large = record({ value: Buffer.alloc(10_000) });
  while (!builder.full) builder.append(offset++, 0, large, storedSize(large));
  t.ok(offset > 20 && offset < 40);
  const small = new BatchBuilder(0, 0, false);
  const tiny = record({ key: null, value: null });
  for (offset = 0; !small.full; offset++) small.append(offset, 0, tiny, storedSize(tiny));
  t.equal(offset, 4096);
  t.end();
});

t.test('a batch of a later format is refused', (t) => {
  const batch = build(0, [[0, 0, record()]]);
  batch[0] = 2;
  t.throws(() => decode(batch, place, 0, 0), /format 2/);
  t.end();
});
