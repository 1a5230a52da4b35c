import { Random } from '@tributary/services';
import t from 'tap';
import { RowWriter } from '../../src/codec/row-writer.ts';

const behindLength = (bytes: Uint8Array): Buffer<ArrayBuffer> => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

const numberBytes = (write: (buffer: Buffer) => void, size: number): Buffer<ArrayBuffer> => {
  const buffer = Buffer.alloc(size);
  write(buffer);
  return behindLength(buffer);
};

/** Writes a value. @returns the bytes that it takes */
type Write = (writer: RowWriter, random: Random) => Buffer<ArrayBuffer>;

const WRITES: Readonly<Record<string, Write>> = {
  bytes(writer, random) {
    const bytes = Buffer.alloc(random.below(50), random.below(256));
    writer.bytes(bytes);
    return behindLength(bytes);
  },
  null(writer) {
    writer.null();
    return Buffer.from('ffffffff', 'hex');
  },
  unset(writer) {
    writer.unset();
    return Buffer.from('fffffffe', 'hex');
  },
  byte(writer, random) {
    const value = random.below(256);
    writer.byte(value);
    return behindLength(Buffer.from([value]));
  },
  int32(writer, random) {
    const value = random.between(-(2 ** 31), 2 ** 31 - 1);
    writer.int32(value);
    return numberBytes((buffer) => buffer.writeInt32BE(value), 4);
  },
  int64(writer, random) {
    const value = random.between(-(2 ** 53), 2 ** 53);
    writer.int64(value);
    return numberBytes((buffer) => buffer.writeBigInt64BE(BigInt(value)), 8);
  },
  float64(writer, random) {
    const value = random.next();
    writer.float64(value);
    return numberBytes((buffer) => buffer.writeDoubleBE(value), 8);
  },
  text(writer, random) {
    const value = random.pick(['a', 'é', '😀']).repeat(random.below(60));
    writer.text(value);
    return behindLength(Buffer.from(value));
  },
};

// Each kind among unset values is the one that a chunk ends at sooner or later, at any of its bytes.
for (const [kind, write] of [...Object.entries(WRITES), ['any', undefined] as const])
  t.test(`rows with values of the kind ${kind} are right, also those that were taken before`, async (t) => {
    const random = new Random(7);
    const writer = new RowWriter();
    const rows = Array.from({ length: 20_000 }, () => {
      const values = random.between(1, 9);
      const expected = [Buffer.from([0, values])];
      writer.begin(values);
      for (let i = 0; i < values; i++) {
        const choices = write === undefined ? Object.values(WRITES) : [write, WRITES['unset']!];
        expected.push(random.pick(choices)(writer, random));
      }
      return { row: writer.take(), expected: Buffer.concat(expected) };
    });
    const wrong = rows.filter(({ row, expected }) => !row.equals(expected));
    t.equal(wrong.length, 0, 'rows that differ');
  });
