import { Schema } from '@tributary/api';
import t from 'tap';
import { byteArrayConverter, byteArrayHeaderConverter } from '../../src/convert/byte-array-converter.ts';

const converter = byteArrayConverter.create({ 'converter.type': 'value' }, { isKey: false });

t.test('bytes and null go through untouched', (t) => {
  const bytes = new Uint8Array([1, 2]);
  t.equal(converter.fromConnect('t', Schema.bytes(), bytes), bytes);
  t.equal(converter.fromConnect('t', null, bytes), bytes);
  t.equal(converter.fromConnect('t', null, null), null);
  t.strictSame(converter.toConnect('t', bytes), { schema: Schema.bytes({ optional: true }), value: bytes });
  const header = byteArrayHeaderConverter.create({ 'converter.type': 'header' });
  t.equal(header.fromConnectHeader('t', 'h', null, bytes), bytes);
  t.end();
});

t.test('anything else is refused', (t) => {
  t.throws(() => converter.fromConnect('t', Schema.string(), 'x'), {
    name: 'DataError',
    message: /^Invalid schema type for ByteArrayConverter: STRING \(topic 't'\)/,
  });
  t.throws(() => converter.fromConnect('t', null, 'x'), /not compatible with text of 1 characters/);
  t.end();
});
