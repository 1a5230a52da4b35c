import fc from 'fast-check';
import t from 'tap';
import { Codecs } from '../../src/codec/codec.ts';
import { RowWriter, valuesOf } from '../../src/codec/row-writer.ts';
import type { NativeType } from '../../src/cql/types.ts';
import type { TimeUnit } from '../../src/settings/units.ts';

const codecs = (unit: TimeUnit) =>
  new Codecs({ timeZone: 'UTC', timestamp: 'CQL_TIMESTAMP', date: 'ISO_LOCAL_DATE', time: 'ISO_LOCAL_TIME', unit });

const values = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }),
  fc.constantFrom<unknown>(-0, 2 ** 31, -(2 ** 31), 2 ** 53, null, undefined, {}, [], 'ä'.repeat(20), '\ud800'),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ maxLength: 40 }),
  fc.boolean(),
  fc.date({ noInvalidDate: false }),
  fc.uint8Array(),
);

/** The bytes of a value behind its length, as hex; undefined if it is not written in place, and then nothing is. */
function inPlace(type: NativeType, unit: TimeUnit, value: unknown): string | undefined {
  const writer = new RowWriter();
  writer.begin(1);
  const written = codecs(unit).inPlaceOf({ kind: 'native', name: type })?.(value, writer) ?? false;
  const row = writer.take();
  if (!written && row.length > 2) throw new Error(`something was written of ${String(value)}`);
  return written ? row.subarray(2).toString('hex') : undefined;
}

const FORMS: ReadonlyArray<readonly [NativeType, TimeUnit, ...unknown[]]> = [
  ['int', 'MILLISECONDS', -1, 2 ** 31 - 1],
  ['bigint', 'MILLISECONDS', -1, Number.MAX_SAFE_INTEGER],
  ['double', 'MILLISECONDS', 0.1, Number.NaN, -0],
  ['text', 'MILLISECONDS', '', 'a', 'é', 'x'.repeat(100)],
  ['boolean', 'MILLISECONDS', true, false],
  ['timestamp', 'MILLISECONDS', new Date(5), -7],
  ['timestamp', 'MICROSECONDS', new Date(5)],
];

for (const [type, unit, ...forms] of FORMS) {
  t.test(`${type} in ${unit}: what is written in place is what its encoder makes`, async (t) => {
    const encode = codecs(unit).encoderOf({ kind: 'native', name: type });
    const bytes = (value: unknown): string => {
      const length = Buffer.alloc(4);
      const encoded = encode(value);
      length.writeInt32BE(encoded.length);
      return Buffer.concat([length, encoded]).toString('hex');
    };
    for (const value of forms) t.equal(inPlace(type, unit, value), bytes(value));
    fc.assert(
      fc.property(values, (value) => {
        const written = inPlace(type, unit, value);
        return written === undefined || written === bytes(value);
      }),
      { numRuns: 2000 },
    );
  });
}

t.test('rows that were taken stay as they are while others are written', async (t) => {
  const writer = new RowWriter();
  const rows = Array.from({ length: 500 }, (_none, i) => {
    writer.begin(9);
    writer.text('a row that is not taken');
    writer.begin(1);
    writer.bytes(Buffer.alloc(i * 7, i));
    return writer.take();
  });
  t.ok(
    rows.every((row, i) => row.readUInt16BE(0) === 1 && row.readInt32BE(2) === i * 7 && row.length === 6 + i * 7),
    'lengths',
  );
  t.ok(
    rows.every((row, i) => row.subarray(6).every((byte) => byte === i % 256)),
    'bytes',
  );
});

t.test('the values of a row can be had again', async (t) => {
  const writer = new RowWriter();
  writer.begin(5);
  writer.text('a');
  writer.null();
  writer.unset();
  writer.bytes(Buffer.alloc(0));
  writer.int32(7);
  t.same(valuesOf(writer.take()), [Buffer.from('a'), null, undefined, Buffer.alloc(0), Buffer.from([0, 0, 0, 7])]);
});
