/** The keys that Apicurio's converter does not have, or that generated cases do not reach, by what Confluent's source says. */
import { type Props, parseConfig, Schema } from '@tributary/api';
import t from 'tap';
import { connectSchemaOf } from '../../src/avro/avro-to-connect.ts';
import { avroKeys, avroOptions } from '../../src/avro/config.ts';
import { avroSchemaOf } from '../../src/avro/connect-to-avro.ts';
import { compileDecoder } from '../../src/avro/decode.ts';
import { compileEncoder } from '../../src/avro/encode.ts';
import { Reader } from '../../src/avro/reader.ts';
import { parseSchema } from '../../src/avro/schema-json.ts';
import { schemaText } from '../../src/avro/schema-text.ts';
import { Writer } from '../../src/avro/writer.ts';

function optionsOf(props: Props) {
  const { config, errors } = parseConfig(avroKeys, { 'schema.registry.url': 'http://localhost', ...props });
  if (errors.size > 0) throw new Error([...errors.values()].join());
  return avroOptions(config);
}
const toAvro = (schema: Schema, props: Props = {}) => JSON.parse(schemaText(avroSchemaOf(schema, optionsOf(props))));
const toConnect = (avro: unknown, props: Props = {}): Schema =>
  connectSchemaOf(parseSchema(JSON.stringify(avro)), optionsOf(props), { next: 0 }, null);

/** Writes the value with the schema and reads it back. */
function through(schema: Schema, value: unknown, props: Props = {}): unknown {
  const options = optionsOf(props);
  const node = avroSchemaOf(schema, options);
  const writer = new Writer();
  writer.reset(0);
  compileEncoder(schema, node, options)(value, writer);
  const reader = new Reader();
  reader.open(writer.take(), 0);
  return compileDecoder(connectSchemaOf(node, options, { next: 0 }, null), node)(reader);
}

const SIDE = { type: 'enum', name: 'Side', namespace: 'market', symbols: ['BUY', 'SELL'] };

t.test('scrub.invalid.names makes names that Avro allows; without it they are refused', (t) => {
  const schema = Schema.struct({ 'last price': Schema.int32(), '1st': Schema.int32() }, { name: 'my-shop.order item' });
  t.throws(() => toAvro(schema), {
    name: 'DataError',
    message: /'order item' is not a valid name.*scrub\.invalid\.names=true/,
  });
  const scrub = { 'scrub.invalid.names': 'true' };
  t.match(toAvro(schema, scrub), {
    name: 'order_item',
    namespace: 'my_shop',
    fields: [{ name: 'last_price' }, { name: 'x1st' }],
    'connect.name': 'my-shop.order item',
  });
  t.strictSame(through(schema, { 'last price': 1, '1st': 2 }, scrub), { last_price: 1, x1st: 2 });
  const spelled = toAvro(Schema.struct({ "é!~'*.(": Schema.int32() }, { name: 'S' }), scrub).fields[0].name;
  t.equal(spelled, '_C3_A9_21_7E_27___28', 'as java.net.URLEncoder spells it');
  const clash = Schema.struct({ 'a-b': Schema.int32(), 'a b': Schema.int32(), a_b: Schema.int32() }, { name: 'Clash' });
  t.throws(() => toAvro(clash, scrub), /have the name a_b in Avro/);
  t.end();
});

t.test('enums come back as enums with enhanced.avro.schema.support, and as text without', (t) => {
  const plain = toConnect(SIDE);
  t.match(plain, {
    type: 'string',
    name: 'market.Side',
    parameters: { 'io.confluent.connect.avro.Enum.SELL': 'SELL' },
  });
  t.match(toAvro(plain), { type: 'string' });
  const enhanced = { 'enhanced.avro.schema.support': 'true' };
  t.match(toAvro(plain, enhanced), { type: 'enum', name: 'Side', namespace: 'market', symbols: ['BUY', 'SELL'] });
  t.equal(through(plain, 'SELL', enhanced), 'SELL');
  t.throws(() => through(plain, 'HOLD', enhanced), /none of the symbols of enum market\.Side: BUY, SELL/);
  t.end();
});

t.test('generalized.sum.type.support marks enums and unions as the other converters do', (t) => {
  const general = { 'generalized.sum.type.support': 'true' };
  const side = toConnect(SIDE, general);
  t.match(side.parameters, {
    'org.apache.kafka.connect.data.Enum': 'market.Side',
    'org.apache.kafka.connect.data.Enum.SELL': '1',
  });
  t.match(toAvro(side, general), { type: 'enum', symbols: ['BUY', 'SELL'] });
  const union = toConnect(['int', 'string'], general);
  t.equal(union.name, 'connect_union_0');
  t.strictSame(
    union.fields.map(({ name }) => name),
    ['connect_union_field_0', 'connect_union_field_1'],
  );
  t.strictSame(through(union, { connect_union_field_1: 'x' }, general), { connect_union_field_1: 'x' });
  t.end();
});

t.test('the fields of unions have namespaces with enhanced.avro.schema.support, which keeps equal names apart', (t) => {
  const record = (namespace: string) => ({ type: 'record', name: 'R', namespace, fields: [] });
  const union = [record('a'), record('b')];
  t.throws(() => toConnect(union), /map to the Connect union field name R: set enhanced\.avro\.schema\.support=true/);
  const schema = toConnect(union, { 'enhanced.avro.schema.support': 'true' });
  t.strictSame(
    schema.fields.map(({ name }) => name),
    ['a.R', 'b.R'],
  );
  t.end();
});

t.test('a union of one type is that type unless flatten.singleton.unions is off', (t) => {
  t.equal(toConnect(['long']).type, 'int64');
  t.equal(toConnect(['long'], { 'flatten.singleton.unions': 'false' }).name, 'io.confluent.connect.avro.Union');
  t.end();
});

t.test('a map with optional text keys is a map with allow.optional.map.keys', (t) => {
  const schema = Schema.map(Schema.string({ optional: true }), Schema.int32());
  t.match(toAvro(schema), { type: 'array', items: { name: 'MapEntry' } });
  t.match(toAvro(schema, { 'allow.optional.map.keys': 'true' }), { type: 'map', values: 'int' });
  t.end();
});

t.test('null takes the default of its field unless ignore.default.for.nullables is on', (t) => {
  const schema = Schema.struct({ a: Schema.int32({ optional: true, default: 7 }) }, { name: 'D' });
  t.strictSame(through(schema, { a: null }), { a: 7 });
  t.strictSame(through(schema, { a: null }, { 'ignore.default.for.nullables': 'true' }), { a: null });
  t.end();
});

t.test('discard.type.doc.default keeps the docs of fields only', (t) => {
  const avro = {
    type: 'record',
    name: 'R',
    doc: 'of the record',
    fields: [{ name: 'a', type: 'int', doc: 'of a', default: 1 }],
  };
  const kept = toConnect(avro);
  t.match(kept.parameters, {
    'io.confluent.connect.avro.record.doc': 'of the record',
    'io.confluent.connect.avro.field.doc.a': 'of a',
  });
  t.match(toAvro(kept), avro, 'and they go back to where they were');
  const discarded = toConnect(avro, { 'discard.type.doc.default': 'true' });
  t.match(discarded, { doc: 'of the record', parameters: { 'connect.record.doc': 'of the record' } });
  t.match(discarded.fields[0], { schema: { doc: 'of a', default: 1, parameters: null } });
  t.end();
});

t.test('parameters of a type that was named before stand at the field, and come back from it', (t) => {
  const inner = (unit: string) => Schema.struct({ v: Schema.int32() }, { name: 'Amount', parameters: { unit } });
  const schema = Schema.struct({ a: inner('EUR'), b: inner('USD') }, { name: 'Both' });
  const avro = toAvro(schema);
  t.match(avro.fields[1], { type: 'Amount', 'connect.parameters': { unit: 'USD' } });
  const back = toConnect(avro);
  t.strictSame(
    back.fields.map((field) => field.schema.parameters),
    [{ unit: 'EUR' }, { unit: 'USD' }],
  );
  const other = Schema.struct({ v: Schema.string() }, { name: 'Amount' });
  t.throws(
    () => toAvro(Schema.struct({ a: inner('EUR'), b: other })),
    /Two different types of the schema have the name Amount/,
  );
  t.end();
});

t.test('a decimal in a fixed keeps its number of bytes', (t) => {
  const schema = toConnect({ type: 'fixed', name: 'Money', size: 8, logicalType: 'decimal', precision: 18, scale: 2 });
  t.equal(schema.name, 'org.apache.kafka.connect.data.Decimal');
  for (const unscaled of [0n, -1n, 12345n])
    t.strictSame(through(schema, { unscaled, scale: 2 }), { unscaled, scale: 2 });
  t.throws(() => through(schema, { unscaled: 2n ** 70n, scale: 2 }), /9 bytes where fixed .* has 8/);
  t.end();
});

t.test('errors name the place and no value', (t) => {
  const schema = Schema.struct(
    { a: Schema.array(Schema.struct({ b: Schema.int32() }, { name: 'In' })) },
    { name: 'Out' },
  );
  t.throws(() => through(schema, { a: [{ b: 1 }, { b: 'secret' }] }), {
    message: /Invalid type for INT32: text of 6 characters at a\[\]\.b/,
  });
  t.throws(
    () => through(schema, { a: [{ b: null }] }),
    /Found null value for non-optional schema at a\[\]\.b \(INT32\)/,
  );
  t.throws(() => through(schema, {}), /Found null value for non-optional schema at a/);
  t.end();
});
