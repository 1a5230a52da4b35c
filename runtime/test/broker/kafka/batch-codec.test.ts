import t from 'tap';
import { BatchDecoder } from '../../../src/broker/kafka/batch-decoder.ts';
import { type BatchIdentity, encodeBatch, recordSize } from '../../../src/broker/kafka/batch-encoder.ts';
import { COMPRESSIONS } from '../../../src/broker/kafka/compression.ts';
import { sequenceAfter } from '../../../src/broker/kafka/partition-queue.ts';
import type { RecordRead, RecordToSend } from '../../../src/broker/port.ts';
import { record, text, values } from '../contract/support.ts';

const NOW = 1_700_000_000_000;
const none: BatchIdentity = {
  producerId: -1n,
  producerEpoch: -1,
  sequence: -1,
  transactional: false,
  compression: 'none',
};

function encode(records: readonly RecordToSend[], identity: Partial<BatchIdentity> = {}) {
  const bound = records.reduce((sum, item) => sum + recordSize(item), 0);
  return encodeBatch(records, bound, { ...none, ...identity }, NOW);
}

/** As the broker stores it: with its place in the partition. */
function at(offset: number, batch: Buffer): Buffer {
  const stored = Buffer.from(batch);
  stored.writeBigInt64BE(BigInt(offset), 0);
  return stored;
}

function decode(bytes: Buffer, position = 0, aborted: { producerId: number; firstOffset: number }[] | null = null) {
  const decoder = new BatchDecoder('t', 0, bytes, position, aborted, true);
  const records: RecordRead[] = [];
  while (decoder.read(records, records.length + 3));
  return { records, position: decoder.position };
}

/** A control batch; type 0 aborts, 1 commits. */
function marker(producerId: bigint, type: 0 | 1): Buffer {
  const key = Buffer.from([0, 0, 0, type]);
  const batch = encode([record('t', Buffer.alloc(6), { key })], { producerId, transactional: true });
  batch.writeInt16BE(batch.readInt16BE(21) | 0x20, 21);
  return batch;
}

for (const compression of COMPRESSIONS) {
  t.test(`a batch with compression ${compression} is read as it was written`, async (t) => {
    const records = [
      record('t', 'first', { key: 'k', timestamp: 1_000 }),
      record('t', null, { key: null, timestamp: 0 }),
      record('t', '', { key: '', timestamp: 2 ** 47 }),
      record('t', 'x'.repeat(100_000), {
        headers: [
          { key: 'ü', value: null },
          { key: 'ü', value: Buffer.from([0, 255]) },
        ],
      }),
    ];
    const { records: read, position } = decode(at(7, encode(records, { compression })), 7);
    t.equal(position, 11);
    t.strictSame(values(read), ['first', null, '', 'x'.repeat(100_000)]);
    t.strictSame(
      read.map((r) => text(r.key)),
      ['k', null, '', null],
    );
    t.strictSame(
      read.map((r) => r.timestamp),
      [1_000, 0, 2 ** 47, NOW],
    );
    t.strictSame(
      read.map((r) => r.offset),
      [7, 8, 9, 10],
    );
    t.match(read[3]!.headers, [
      { key: 'ü', value: null },
      { key: 'ü', value: Buffer.from([0, 255]) },
    ]);
  });
}

t.test('records before the position are left out, and a batch that is cut off ends the reading', async (t) => {
  const batch = encode(['a', 'b', 'c'].map((value) => record('t', value)));
  const bytes = Buffer.concat([at(0, batch), at(3, batch), at(6, batch).subarray(0, -1)]);
  const { records, position } = decode(bytes, 2);
  t.strictSame(
    records.map((r) => r.offset),
    [2, 3, 4, 5],
  );
  t.equal(position, 6);
  t.equal(BatchDecoder.endOffset(bytes, 2), 6);
});

t.test('a corrupt batch is an error that names the place', async (t) => {
  const batch = at(5, encode([record('t', 'abc')]));
  batch[batch.length - 2]! ^= 1;
  t.throws(() => decode(batch, 5), { code: 'CORRUPT_MESSAGE', message: /t-0 at offset 5/ });
});

t.test('two aborts of one producer around a commit hide just their own records', async (t) => {
  const write = (value: string, producerId: bigint) =>
    encode([record('t', value)], { producerId, transactional: true });
  const log = [
    write('aborted 1', 1n),
    write('other', 2n),
    marker(1n, 0),
    write('committed', 1n),
    marker(1n, 1),
    encode([record('t', 'plain')]),
    write('aborted 2', 1n),
    marker(2n, 1),
    marker(1n, 0),
  ];
  for (const batch of log) batch.writeUInt32BE(0, 17);
  const bytes = Buffer.concat(log.map((batch, offset) => at(offset, batch)));
  const aborted = [
    { producerId: 1, firstOffset: 6 },
    { producerId: 1, firstOffset: 0 },
  ];
  const read = (list: typeof aborted | null) => {
    const decoder = new BatchDecoder('t', 0, bytes, 0, list, false);
    const records: RecordRead[] = [];
    while (decoder.read(records, 1));
    return { records: values(records), position: decoder.position };
  };
  t.strictSame(read(aborted), { records: ['other', 'committed', 'plain'], position: 9 });
  t.strictSame(read(null), { records: ['aborted 1', 'other', 'committed', 'plain', 'aborted 2'], position: 9 });
});

t.test('sequence numbers start again after the largest', async (t) => {
  t.equal(sequenceAfter(0x7ffffffe, 1), 0x7fffffff);
  t.equal(sequenceAfter(0x7fffffff, 1), 0);
  t.equal(sequenceAfter(0x7fffffff, 3), 2);
});
