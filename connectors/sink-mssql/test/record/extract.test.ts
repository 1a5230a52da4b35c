import { type Props, Schema } from '@tributary/api';
import type { SinkRecordInput } from '@tributary/api/testing';
import t from 'tap';
import { Extractor } from '../../src/record/extract.ts';
import { configOf, recordOf } from '../support.ts';

/** Fields with their values, those of the key marked with a star. */
function fields(props: Props, input: Partial<SinkRecordInput>): Record<string, unknown> {
  const { plan, values } = new Extractor(configOf(props)).extract(recordOf(input));
  return Object.fromEntries(plan.fields.map(({ name, key }, i) => [key ? `*${name}` : name, values[i]]));
}
const schema = Schema.struct({
  id: Schema.int32(),
  name: Schema.string({ optional: true, default: 'none' }),
  n: Schema.int64(),
});
const value = { id: 7, name: null, n: 1 };

t.test('pk.mode=none: all fields of the value', async (t) => {
  t.strictSame(fields({}, { value, valueSchema: schema }), { id: 7, name: 'none', n: 1 });
  t.strictSame(fields({}, { value: { a: 1, b: null } }), { a: 1, b: null }, 'without a schema, too');
  t.strictSame(fields({ 'replace.null.with.default': 'false' }, { value, valueSchema: schema }), {
    id: 7,
    name: null,
    n: 1,
  });
});

t.test('pk.mode=kafka: topic, partition and offset, by these names or others', async (t) => {
  const place = { topic: 't', partition: 3, offset: 44, value: { a: 1 } };
  t.strictSame(fields({ 'pk.mode': 'kafka' }, place), {
    '*__connect_topic': 't',
    '*__connect_partition': 3,
    '*__connect_offset': 44,
    a: 1,
  });
  t.strictSame(fields({ 'pk.mode': 'kafka', 'pk.fields': 'x,y,z' }, place), { '*x': 't', '*y': 3, '*z': 44, a: 1 });
});

t.test('pk.mode=record_key: a single value, or fields of a struct', async (t) => {
  const mode = { 'pk.mode': 'record_key' };
  t.strictSame(fields({ ...mode, 'pk.fields': 'sym' }, { key: 'A', value: { sym: 'B', p: 1 } }), { '*sym': 'A', p: 1 });
  const key = { a: 1, b: 2 };
  const keySchema = Schema.struct({ a: Schema.int32(), b: Schema.int32() });
  t.strictSame(fields(mode, { key, keySchema, value: { p: 1 } }), { '*a': 1, '*b': 2, p: 1 });
  t.strictSame(fields({ ...mode, 'pk.fields': 'b' }, { key, keySchema, value: { p: 1 } }), { '*b': 2, p: 1 });
  t.strictSame(fields({ ...mode, 'pk.fields': 'b' }, { key, value: { p: 1 } }), { '*b': 2, p: 1 });
});

t.test('pk.mode=record_value: all fields or some', async (t) => {
  const mode = { 'pk.mode': 'record_value' };
  t.strictSame(fields({ ...mode, 'pk.fields': 'id' }, { value, valueSchema: schema }), {
    '*id': 7,
    name: 'none',
    n: 1,
  });
  t.strictSame(fields(mode, { value: { a: 1, b: 2 } }), { '*a': 1, '*b': 2 });
});

t.test('fields.whitelist chooses columns, and never leaves out the key', async (t) => {
  const props = { 'pk.mode': 'record_value', 'pk.fields': 'id', 'fields.whitelist': 'n,other' };
  t.strictSame(fields(props, { value, valueSchema: schema }), { '*id': 7, n: 1 });
});

t.test('text is one column', async (t) => {
  t.strictSame(fields({}, { value: 'hello', valueSchema: Schema.string() }), { record_value: 'hello' });
  t.strictSame(fields({ 'string.output.value.column.name': 'line' }, { value: 'hello' }), { line: 'hello' });
  t.throws(() => fields({ 'fields.whitelist': 'a' }, { value: 'hello' }), { message: /fields\.whitelist/ });
});

t.test('timestamp.fields.list makes times of numbers', async (t) => {
  const props = { 'timestamp.fields.list': 'at' };
  t.strictSame(fields(props, { value: { at: 1_719_837_045_123_456 } }), { at: '2024-07-01T12:30:45.1234560Z' });
  t.throws(() => fields(props, { value: { at: 'soon' } }), { message: /Field at of timestamp\.fields\.list/ });
});

t.test('a record without a value deletes, if deletes are enabled', async (t) => {
  const props = { 'pk.mode': 'record_key', 'pk.fields': 'k', 'delete.enabled': 'true' };
  const extracted = new Extractor(configOf(props)).extract(recordOf({ key: 'A' }));
  t.match({ ...extracted }, { isDelete: true, values: ['A'] });
  t.throws(() => fields({ ...props, 'delete.enabled': 'false' }, { key: 'A' }), { message: /delete\.enabled=true/ });
});

t.test('records that do not fit the config are refused with what to do', async (t) => {
  const key = { 'pk.mode': 'record_key' };
  const refused = (props: Props, input: Partial<SinkRecordInput>, message: RegExp) =>
    t.throws(() => fields(props, input), { name: 'DataError', message });
  refused(key, { value: { a: 1 } }, /key of the record, which has none/);
  refused(key, { key: 'A', value: { a: 1 } }, /pk\.fields must name exactly one column/);
  refused({ ...key, 'pk.fields': 'a,b' }, { key: 'A', value: { a: 1 } }, /names a, b/);
  refused(
    { ...key, 'pk.fields': 'x' },
    { key: { a: 1 }, value: { a: 1 } },
    /no field 'x', which pk\.fields names; it has a/,
  );
  refused({ ...key, 'pk.fields': 'x' }, { key: [1], value: { a: 1 } }, /The key is an array/);
  refused({ 'pk.mode': 'record_value' }, { value: 'text' }, /the value is text/);
  refused({ 'pk.mode': 'record_value', 'pk.fields': 'x' }, { value: { a: 1 } }, /The value has no field 'x'/);
  for (const odd of [42, [1], true, new Uint8Array(1)])
    refused({}, { value: odd }, /must be a struct, an object or text/);
  refused({ 'fields.whitelist': 'x' }, { value: { a: 1 } }, /no field to write/);
});

t.test('a record of another form never gets the plan of the one before', async (t) => {
  const extractor = new Extractor(configOf({ 'pk.mode': 'record_key', 'pk.fields': 'k', 'delete.enabled': 'true' }));
  const names = (input: Partial<SinkRecordInput>) =>
    extractor.extract(recordOf({ key: 'A', ...input })).plan.fields.map(({ name }) => name);
  t.strictSame(names({}), ['k']);
  t.throws(() => names({ value: 42 }), 'not that of a delete');
  t.strictSame(names({ value: { a: 1 } }), ['k', 'a']);
  t.strictSame(names({ value: { a: 1, b: 2 } }), ['k', 'a', 'b']);
  t.strictSame(names({ value: new Map([['1', 1]]) }), ['k', '1']);
  t.strictSame(names({ value: { a: 1 } }), ['k', 'a']);
  t.strictSame(names({ value: { constructor: 1, ['__proto__x']: 2 } }), ['k', 'constructor', '__proto__x']);
  t.throws(() => names({ key: ['A'], value: { a: 1 } }), 'nor that of a key that is one value');
});

t.test('records of one form share a plan', async (t) => {
  const extractor = new Extractor(configOf());
  const plan = (input: Partial<SinkRecordInput>) => extractor.extract(recordOf(input)).plan;
  t.equal(plan({ value: { a: 1 } }), plan({ value: { a: 2 } }));
  t.equal(plan({ value, valueSchema: schema }), plan({ value, valueSchema: schema }));
});
