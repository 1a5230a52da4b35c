import { type ConverterDefinition, type HeaderConverterDefinition, Schema } from '@tributary/api';
import t from 'tap';
import { builtInConverters } from '../../src/convert/index.ts';

function find<K extends 'converter' | 'header_converter'>(kind: K, name: string) {
  const className = `org.apache.kafka.connect.converters.${name}Converter`;
  const found = builtInConverters.find((definition) => definition.kind === kind && definition.class === className);
  if (!found) throw new Error(`${className} as ${kind}`);
  return found;
}
const converter = (name: string) =>
  (find('converter', name) as ConverterDefinition).create({ 'converter.type': 'value' }, { isKey: false });
const headerConverter = (name: string) =>
  (find('header_converter', name) as HeaderConverterDefinition).create({ 'converter.type': 'header' });

const CASES: readonly (readonly [name: string, schema: Schema, value: unknown, hex: string])[] = [
  ['Boolean', Schema.boolean(), true, '01'],
  ['Boolean', Schema.boolean(), false, '00'],
  ['Short', Schema.int16(), -2, 'fffe'],
  ['Integer', Schema.int32(), 2 ** 31 - 1, '7fffffff'],
  ['Long', Schema.int64(), -1, 'ffffffffffffffff'],
  ['Long', Schema.int64(), 2n ** 63n - 1n, '7fffffffffffffff'],
  ['Float', Schema.float32(), 0.5, '3f000000'],
  ['Double', Schema.float64(), -0, '8000000000000000'],
];

for (const [name, schema, value, hex] of CASES) {
  t.test(`${name}Converter writes ${value} as ${hex} and reads it back, in headers too`, async (t) => {
    const bytes = await converter(name).fromConnect('t', schema, value);
    t.equal(Buffer.from(bytes!).toString('hex'), hex);
    t.strictSame(await converter(name).fromConnect('t', null, value), bytes, 'also without a schema');
    t.strictSame(await converter(name).toConnect('t', bytes), {
      schema: Schema.with(schema, { optional: true }),
      value,
    });
    const header = headerConverter(name);
    t.strictSame(header.fromConnectHeader('t', 'h', schema, value), bytes);
    t.strictSame(header.toConnectHeader('t', 'h', bytes).value, value);
    t.equal(await converter(name).fromConnect('t', schema, null), null);
    t.strictSame((await converter(name).toConnect('t', null)).value, null);
  });
}

t.test('what does not fit is refused with the topic and a remedy', (t) => {
  const write = (name: string, schema: Schema | null, value: unknown) => () =>
    converter(name).fromConnect('orders', schema, value);
  const read = (name: string, hex: string) => () => converter(name).toConnect('orders', Buffer.from(hex, 'hex'));
  t.throws(write('Long', Schema.int32(), 5), /Failed to serialize to long \(was int32 .*5.*\) for topic 'orders'/);
  t.throws(write('Integer', null, 2 ** 31), /Failed to serialize to integer/);
  t.throws(write('Short', null, 1.5), /Failed to serialize to short/);
  t.throws(write('Float', null, 0.1), /Failed to serialize to float/);
  t.throws(write('Double', null, '1'), /Failed to serialize to double .*Cast/);
  t.throws(write('Integer', Schema.date(), new Date(0)), /was org.apache.kafka.connect.data.Date/);
  t.throws(write('Boolean', Schema.string(), null), /Invalid schema type for BooleanConverter: STRING/);
  t.throws(write('Boolean', null, 'true'), /BooleanConverter is not compatible with/);
  t.throws(read('Long', '00'), /Failed to deserialize long: Size of data received by LongDeserializer is not 8 but 1/);
  t.throws(read('Double', ''), /Failed to deserialize double: Size of data received by Deserializer is not 8 but 0/);
  t.throws(read('Boolean', 'fe'), /Unexpected byte received by BooleanDeserializer: -2 \(topic 'orders'\)/);
  t.throws(read('Boolean', '0000'), /Size of data received by BooleanDeserializer is not 1 but 2/);
  t.end();
});
