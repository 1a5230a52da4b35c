import { type Converter, parseConfig, RetriableError, Schema, schemaEquals } from '@tributary/api';
import { sharedSchemaRegistry, skipUnlessAvailable } from '@tributary/services';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import jsonSchemaConverter from '../../src/json-schema/json-schema-converter.ts';
import { PREFIX_LENGTH } from '../../src/registry/wire-format.ts';
import { type Abilities, anyNames, typedValues } from '../support/arbitrary.ts';

const skip = await skipUnlessAvailable('schema-registry');
const url = skip ? '' : await sharedSchemaRegistry();

let topics = 0;
const newTopic = (): string => `json-schema-${process.pid}-${++topics}`;

function converter(t: Test, config: Readonly<Record<string, string>> = {}): Converter {
  const props = { 'schema.registry.url': url, 'converter.type': 'value', ...config };
  const { config: parsed, errors } = parseConfig(jsonSchemaConverter.config, props);
  t.same([...errors.values()], []);
  const created = jsonSchemaConverter.create(parsed, { isKey: false });
  t.teardown(() => created.close?.());
  return created;
}

const ORDER = Schema.struct(
  { id: Schema.int64(), note: Schema.string({ optional: true }) },
  { name: 'com.acme.Order' },
);
const EXACT = 9_007_199_254_740_993n;

t.test('a value comes back from bytes with the id of a registered schema', { skip }, async (t) => {
  const topic = newTopic();
  const on = converter(t);
  const bytes = await on.fromConnect(topic, ORDER, { id: EXACT, note: null });
  t.equal(Buffer.from(bytes!).subarray(PREFIX_LENGTH).toString(), `{"id":${EXACT},"note":null}`);
  const { schema, value } = await converter(t).toConnect(topic, bytes);
  t.strictSame(value, { id: EXACT, note: null });
  t.ok(schemaEquals(schema, Schema.with(ORDER, { version: 1 })), 'the version is that of the registry');
});

t.test('once the id is known there is nothing to wait for', { skip }, async (t) => {
  const topic = newTopic();
  const on = converter(t);
  const bytes = await on.fromConnect(topic, ORDER, { id: 1 });
  t.type(on.fromConnect(topic, ORDER, { id: 2 }), Uint8Array);
  await on.toConnect(topic, bytes);
  t.match(on.toConnect(topic, bytes), { value: { id: 1 } });
});

t.test('null without a schema is a tombstone, both ways', { skip }, (t) => {
  const on = converter(t);
  t.equal(on.fromConnect('t', null, null), null);
  t.strictSame(on.toConnect('t', null), { schema: null, value: null });
  t.end();
});

t.test('data is read that was written with an older schema', { skip }, async (t) => {
  const topic = newTopic();
  const old = await converter(t).fromConnect(topic, ORDER, { id: 1, note: 'x' });
  const newer = Schema.struct(
    { id: Schema.int64(), note: Schema.string({ optional: true }), tag: Schema.string({ optional: true }) },
    { name: 'com.acme.Order' },
  );
  const on = converter(t, { 'object.additional.properties': 'false' });
  const before = await converter(t).toConnect(topic, old);
  t.strictSame(before.value, { id: 1, note: 'x' });
  const closed = newTopic();
  await on.fromConnect(closed, ORDER, { id: 1 });
  const now = await on.toConnect(closed, await on.fromConnect(closed, newer, { id: 2, tag: 'y' }));
  t.strictSame(now.value, { id: 2, note: null, tag: 'y' });
  t.equal(now.schema?.version, 2);
});

t.test('without auto.register.schemas only what is registered is written', { skip }, async (t) => {
  const topic = newTopic();
  const on = converter(t, { 'auto.register.schemas': 'false' });
  await t.rejects(Promise.resolve(on.fromConnect(topic, ORDER, { id: 1 })), {
    name: 'DataError',
    message: /not registered under subject .*auto\.register\.schemas=true.*JsonSchemaConverter/,
  });
  await converter(t).fromConnect(topic, ORDER, { id: 1 });
  t.type(await on.fromConnect(topic, ORDER, { id: 1 }), Uint8Array);
});

t.test('with use.latest.version values must fit the latest version', { skip }, async (t) => {
  const topic = newTopic();
  const latest = Schema.struct({ id: Schema.int64(), note: Schema.string() }, { name: 'com.acme.Order' });
  const registered = await converter(t).fromConnect(topic, latest, { id: 1, note: '' });
  const config = { 'auto.register.schemas': 'false', 'use.latest.version': 'true' };
  const on = converter(t, config);
  const bytes = await on.fromConnect(topic, ORDER, { id: 1, note: 'fits' });
  t.same(bytes!.subarray(0, PREFIX_LENGTH), registered!.subarray(0, PREFIX_LENGTH));
  t.throws(() => on.fromConnect(topic, ORDER, { id: 1, note: null }), { message: /\/note must be string/ });
  const lenient = converter(t, { ...config, 'latest.compatibility.strict': 'false' });
  t.type(await lenient.fromConnect(topic, ORDER, { id: 1, note: null }), Uint8Array);
});

t.test(
  'with json.fail.invalid.schema what does not fit the schema is refused, written or read',
  { skip },
  async (t) => {
    const topic = newTopic();
    const strict = converter(t, { 'json.fail.invalid.schema': 'true', 'object.additional.properties': 'false' });
    const bytes = await strict.fromConnect(topic, ORDER, { id: 1, note: null });
    const other = Buffer.concat([bytes!.subarray(0, PREFIX_LENGTH), Buffer.from('{"id":1,"extra":true}')]);
    await t.rejects(Promise.resolve(strict.toConnect(topic, other)), {
      message: /must NOT have additional properties.*json\.fail\.invalid\.schema/,
    });
    t.strictSame((await converter(t).toConnect(topic, other)).value, { id: 1, note: null });
    const float = Schema.float64();
    await t.rejects(async () => strict.fromConnect(newTopic(), float, Number.NaN), { message: /must be number/ });
  },
);

t.test('bytes that no schema registry knows of are refused with a remedy', { skip }, async (t) => {
  const on = converter(t);
  t.throws(() => on.toConnect('t', Buffer.from('{"a":1}')), { name: 'DataError', message: /JsonConverter/ });
  t.throws(() => on.fromConnect('t', null, { a: 1 }), { name: 'DataError', message: /schemas\.enable=false/ });
});

t.test('a registry that is down makes an error that may pass', async (t) => {
  const on = converter(t, { 'schema.registry.url': 'http://127.0.0.1:1', 'max.retries': '0' });
  await t.rejects(Promise.resolve(on.fromConnect('t', ORDER, { id: 1 })), RetriableError);
});

// Apicurio takes only what has properties for a JSON Schema, where no $schema says so.
t.test('the registry accepts the schemas of all kinds of structs', { skip }, async (t) => {
  const abilities: Abilities = {
    names: anyNames,
    details: true,
    defaults: true,
    nestedCollections: true,
    mapKeys: [Schema.string(), Schema.int32()],
    anyRoot: false,
    nonFinite: false,
    times: [0, 253_402_300_799_999],
  };
  const on = converter(t);
  const samples = fc.sample(typedValues(abilities), { numRuns: 150, seed: 5 });
  for (const { schema, value } of samples) {
    const topic = newTopic();
    const bytes = await on.fromConnect(topic, schema, value);
    if (bytes !== null) t.equal((await converter(t).toConnect(topic, bytes)).schema?.type, schema.type);
  }
});
