import { type Converter, parseConfig, Schema } from '@tributary/api';
import t from 'tap';
import { stringConverter } from '../../src/convert/string-converter.ts';

function converter(encoding = 'UTF-8'): Converter {
  const { config, errors } = parseConfig(stringConverter.config, {
    'converter.type': 'key',
    'converter.encoding': encoding,
  });
  if (errors.size > 0) throw new Error([...errors.values()].join());
  return stringConverter.create(config, { isKey: true });
}
const write = (schema: Schema | null, value: unknown): string | null =>
  (converter().fromConnect('t', schema, value) as Buffer | null)?.toString() ?? null;

t.test('text goes through, null stays null', (t) => {
  t.equal(write(null, 'grüße 😀'), 'grüße 😀');
  t.equal(write(Schema.string(), null), null);
  t.strictSame(converter().toConnect('t', Buffer.from('é')), { schema: Schema.string({ optional: true }), value: 'é' });
  t.strictSame(converter().toConnect('t', null), { schema: Schema.string({ optional: true }), value: null });
  t.end();
});

t.test('other values are written as Java shows them', (t) => {
  const point = Schema.struct({
    x: Schema.float64(),
    y: Schema.int32({ optional: true }),
    tags: Schema.array(Schema.string()),
  });
  t.equal(write(point, { x: 1, y: null, tags: ['a', 'b'] }), 'Struct{x=1.0,tags=[a, b]}');
  t.equal(write(null, { a: 1, b: [true, null] }), '{a=1, b=[true, null]}');
  t.equal(write(Schema.int64(), 2n ** 60n), '1152921504606846976');
  t.equal(write(Schema.float32(), 0.1), '0.1');
  t.equal(write(Schema.decimal(8), { unscaled: 1n, scale: 8 }), '1E-8');
  t.equal(write(Schema.timestamp(), new Date(0)), 'Thu Jan 01 00:00:00 UTC 1970');
  t.throws(
    () => write(Schema.bytes(), new Uint8Array(2)),
    /Bytes cannot be written as text: use .*ByteArrayConverter \(topic 't'/,
  );
  t.end();
});

t.test('character sets by their Java names', (t) => {
  const bytes = (encoding: string, text: string): number[] => [
    ...(converter(encoding).fromConnect('t', null, text) as Buffer),
  ];
  t.strictSame(bytes('ISO-8859-1', 'é€'), [0xe9, 0x3f]);
  t.strictSame(bytes('UTF-16', 'a'), [0xfe, 0xff, 0, 0x61]);
  t.strictSame(bytes('utf-8', 'a\ud800b'), [0x61, 0x3f, 0x62], 'half a surrogate pair becomes a question mark');
  for (const encoding of ['UTF-16LE', 'UTF-16BE', 'UTF-16'])
    t.match(converter(encoding).toConnect('t', converter(encoding).fromConnect('t', null, 'a😀') as Buffer), {
      value: 'a😀',
    });
  t.throws(
    () => converter('EBCDIC'),
    /Invalid value EBCDIC for configuration converter.encoding: Unsupported encoding/,
  );
  t.end();
});
