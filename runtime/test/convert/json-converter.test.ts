import { type Config, type Converter, parseConfig, Schema, type SchemaAndValue } from '@tributary/api';
import t from 'tap';
import { jsonConverter } from '../../src/convert/json-converter.ts';

function converter(props: Record<string, string> = {}): Converter {
  const { config, errors } = parseConfig(jsonConverter.config, { 'converter.type': 'value', ...props });
  if (errors.size > 0) throw new Error([...errors.values()].join());
  return jsonConverter.create(config as Config<typeof jsonConverter.config>, { isKey: false });
}

const plain = converter({ 'schemas.enable': 'false' });
const enveloped = converter();
const write = (to: Converter, schema: Schema | null, value: unknown): string | null =>
  (to.fromConnect('quotes', schema, value) as Buffer | null)?.toString() ?? null;
const read = (from: Converter, text: string): SchemaAndValue =>
  from.toConnect('quotes', Buffer.from(text)) as SchemaAndValue;

const quote = Schema.struct(
  {
    symbol: Schema.string(),
    price: Schema.float64(),
    size: Schema.int64({ optional: true }),
    at: Schema.timestamp(),
  },
  { name: 'quote', version: 2 },
);
const value = { symbol: 'AAPL', price: 189, size: 2n ** 60n, at: new Date(1_700_000_000_000) };
const payload = '{"symbol":"AAPL","price":189.0,"size":1152921504606846976,"at":1700000000000}';
const envelope = `{"schema":{"type":"struct","fields":[{"type":"string","optional":false,"field":"symbol"},{"type":"double","optional":false,"field":"price"},{"type":"int64","optional":true,"field":"size"},{"type":"int64","optional":false,"name":"org.apache.kafka.connect.data.Timestamp","version":1,"field":"at"}],"optional":false,"name":"quote","version":2},"payload":${payload}}`;

t.test('a value with a schema is written with its schema', (t) => {
  t.equal(write(enveloped, quote, value), envelope);
  t.equal(write(plain, quote, value), payload);
  t.end();
});

t.test('an envelope is read into the same value and an equal schema, and always the same schema object', (t) => {
  const first = read(enveloped, envelope);
  t.strictSame(first.value, value);
  t.strictSame(first.schema, quote);
  for (const spelling of [envelope, envelope.replace('"AAPL"', '"MSFT"'), envelope.replaceAll(':', ' : ')])
    t.equal(read(enveloped, spelling).schema, first.schema);
  const { schema, payload } = JSON.parse(envelope.replace('1152921504606846976', 'null'));
  t.equal(read(enveloped, JSON.stringify({ payload, schema })).schema, first.schema, 'payload first');
  t.end();
});

t.test('a known beginning does not hide what is wrong behind it', (t) => {
  read(enveloped, envelope);
  t.throws(() => read(enveloped, `${envelope.slice(0, -1)},"more":1}`), /may not contain additional fields/);
  t.throws(() => read(enveloped, envelope.slice(0, -1)), /Not valid JSON: Unexpected end of JSON at position/);
  t.throws(() => read(enveloped, `${envelope} x`), /Unexpected 'x' after the end of the value/);
  t.throws(() => read(enveloped, envelope.replace('189.0', '"much"')), {
    name: 'DataError',
    message: /^Invalid JSON for FLOAT64 at price: text of 4 characters \(the value of a record of topic 'quotes'/,
  });
  t.end();
});

t.test('tombstones and nulls', (t) => {
  t.equal(write(enveloped, null, null), null);
  t.equal(write(plain, Schema.string({ optional: true }), null), 'null');
  t.strictSame(plain.toConnect('t', null), { schema: null, value: null });
  t.strictSame(enveloped.toConnect('t', null), { schema: null, value: null });
  t.equal(write(enveloped, null, { a: 1 }), '{"schema":null,"payload":{"a":1}}');
  t.strictSame(read(enveloped, '{"schema":null,"payload":{"a":1.5}}'), { schema: null, value: { a: 1.5 } });
  t.end();
});

t.test('schemaless JSON goes in and out without loss', (t) => {
  const texts = [
    '{"id":9007199254740993,"price":0.1}',
    '{"2":"b","1":"a","__proto__":{"x":1}}',
    '{"1":1,"a":2,"0":3}',
    '[1,-9223372036854775808,true,null,"é€\\uD83D\\uDE00\\u001F\\n\\"\\\\/"]',
    '1.0E25',
    '123456789012345678901234567890',
    '"text"',
  ];
  for (const text of texts) t.equal(write(plain, null, read(plain, text).value), text);
  t.equal(read(plain, '-0').value, 0, 'minus zero is the integer zero');
  t.equal(read(plain, '-0.0').value, 0, 'as in Java, also with a fraction');
  t.equal(read(plain, '007').value, 7, 'leading zeros');
  t.equal(read(plain, ' ').value, null, 'nothing at all');
  t.strictSame((read(plain, '{"b":1,"1":2}').value as Map<string, unknown>).get('1'), 2);
  t.equal(Object.getPrototypeOf(read(plain, '{"a":{"__proto__":{"admin":true}}}').value), Object.prototype);
  t.end();
});

t.test('text that is not JSON is told apart from broken JSON and from binary data', (t) => {
  t.throws(
    () => read(plain, 'hello world'),
    /^Not valid JSON: Unexpected 'hello' at position 0. It looks like plain text: use org.apache.kafka.connect.storage.StringConverter/,
  );
  t.throws(() => read(plain, '{"a":1,}'), /Unexpected '}' where a key should be at position 7/);
  t.throws(() => read(plain, '{"a":1'), /Unexpected end of JSON at position 6/);
  t.throws(() => plain.toConnect('t', Buffer.from([0, 0, 0, 0, 1, 0xff])), /binary data.*schema registry/);
  t.throws(() => read(enveloped, '{"a":1}'), /set schemas.enable=false in your converter configuration/);
  t.throws(() => read(plain, `${'['.repeat(2000)}007`), /Nested deeper than 1000 levels/);
  t.end();
});

t.test('decimals', (t) => {
  const schema = Schema.struct({ price: Schema.decimal(2) });
  const numeric = converter({ 'schemas.enable': 'false', 'decimal.format': 'numeric' });
  const price = { unscaled: 12345678901234567890n, scale: 2 };
  t.equal(write(numeric, schema, { price }), '{"price":123456789012345678.90}');
  t.equal(write(plain, schema, { price }), '{"price":"AKtUqYzrHwrS"}');
  const text = write(enveloped, schema, { price })!;
  t.strictSame(read(enveloped, text).value, { price });
  t.strictSame(read(enveloped, text.replace(/"AKt.*"/, '123456789012345678.9')).value, { price });
  t.throws(() => write(plain, schema, { price: { unscaled: 1n, scale: 3 } }), /mismatching scale/);
  t.end();
});

t.test('a wrong value is named with its place', (t) => {
  t.throws(() => write(plain, quote, { ...value, size: 1.5 }), {
    message:
      /^Invalid type for INT64: the number 1.5 at size \(the value of a record of topic 'quotes', JsonConverter\)/,
  });
  t.throws(() => write(plain, quote, { ...value, symbol: null }), /null value for field that is required.* at symbol/);
  t.throws(() => write(plain, null, { when: new Date() }), /a Date at when has no type in JSON without a schema/);
  t.end();
});

t.test('a value that contains itself is an error, not an endless loop', (t) => {
  const value: Record<string, unknown> = {};
  value.self = [value];
  t.throws(() => write(plain, null, value), { name: 'DataError', message: /nested deeper than 1000 levels/ });
  t.end();
});

t.test('a field named like a member of every object is just a field', (t) => {
  const schema = Schema.struct([
    ['__proto__', Schema.int32({ optional: true })],
    ['toString', Schema.int32({ optional: true })],
    ['1', Schema.int32({ optional: true })],
  ]);
  t.equal(write(plain, schema, {}), '{"__proto__":null,"toString":null,"1":null}');
  const text = write(enveloped, schema, {})!.replaceAll(':null', ':5');
  t.equal(write(enveloped, schema, read(enveloped, text).value), text);
  t.end();
});

t.test('defaults take the place of nulls unless told not to', (t) => {
  const schema = Schema.struct({ size: Schema.int32({ optional: true, default: 7 }) });
  t.equal(write(plain, schema, { size: null }), '{"size":7}');
  t.equal(
    write(converter({ 'schemas.enable': 'false', 'replace.null.with.default': 'false' }), schema, {}),
    '{"size":null}',
  );
  t.strictSame(read(enveloped, write(enveloped, schema, {})!.replace('"size":7', '"size":null')).value, { size: 7 });
  t.end();
});

t.test('schema.content gives the schema of messages that carry none', (t) => {
  const withContent = converter({ 'schema.content': JSON.stringify(JSON.parse(envelope).schema) });
  t.strictSame(read(withContent, payload).value, value);
  t.strictSame(read(converter({ 'schema.content': ' ' }), envelope).value, value, 'blank counts as not given');
  t.throws(() => converter({ 'schema.content': '{"type":"money"}' }), /schema.content: Unknown schema type: money/);
  t.throws(
    () => converter({ 'schema.content': '{"type":"money"}', 'schemas.enable': 'false' }),
    /Unknown schema type: money/,
    'also where it is not used',
  );
  t.strictSame(read(converter({ 'schema.content': 'null' }), envelope).value, value, 'no schema is not given either');
  t.strictSame(
    read(converter({ 'schema.content': '{"type":"string"}', 'schemas.enable': 'false' }), '{"a":1}'),
    { schema: null, value: { a: 1 } },
    'without schemas it has no effect',
  );
  const map = '{"type":"map","keys":{"type":"string"},"values":{"type":"string"}}';
  t.strictSame(
    read(converter({ 'schema.content': map }), '{"schema":"s","payload":"p"}').value,
    { schema: 's', payload: 'p' },
    'what looks like an envelope is a payload',
  );
  t.throws(() => read(withContent, envelope), /Invalid null value for required STRING field at symbol/);
  t.strictSame(withContent.toConnect('quotes', null), { schema: null, value: null }, 'tombstones have no schema');
  t.equal(write(withContent, quote, value), envelope, 'what is written carries its schema');
  t.end();
});

t.test('a field with an escape in its name is not taken for one of a message before', (t) => {
  const struct = (name: string): string =>
    `{"type":"struct","fields":[{"type":"int8","field":"x"},{"type":"int8","field":"${name}"}]}`;
  const message = (name: string): string => `{"schema":${struct(name)},"payload":{"x":1,"${name}":2}}`;
  for (let i = 0; i < 3; i++) {
    t.strictSame(read(enveloped, message('\\\\')).value, { x: 1, '\\': 2 });
    t.strictSame(read(enveloped, message('\\u00e9')).value, { x: 1, é: 2 });
  }
  t.end();
});

t.test('a decimal default keeps its digits, whatever the order of schema and payload', (t) => {
  const schema =
    '{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2"},"default":123456789012345678901234567890.12}';
  for (const text of [`{"schema":${schema},"payload":null}`, `{"payload":null,"schema":${schema}}`])
    t.strictSame(read(enveloped, text).value, { unscaled: 12345678901234567890123456789012n, scale: 2 });
  t.end();
});
