import { type Converter, parseConfig, RetriableError, Schema, schemaEquals } from '@tributary/api';
import { sharedSchemaRegistry, skipUnlessAvailable } from '@tributary/services';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import t, { type Test } from 'tap';
import protobufConverter from '../../src/protobuf/protobuf-converter.ts';
import { RegistryClient } from '../../src/registry/client.ts';
import { PREFIX_LENGTH, writePrefix } from '../../src/registry/wire-format.ts';
import { type Abilities, identifiers, typedValues } from '../support/arbitrary.ts';

const skip = await skipUnlessAvailable('schema-registry');
const url = skip ? '' : await sharedSchemaRegistry();

let topics = 0;
const newTopic = (): string => `protobuf-${process.pid}-${++topics}`;

type Config = Readonly<Record<string, string>>;

function parsed(t: Test, config: Config) {
  const props = { 'schema.registry.url': url, 'converter.type': 'value', ...config };
  const { config: result, errors } = parseConfig(protobufConverter.config, props);
  t.same([...errors.values()], []);
  return result;
}

function converter(t: Test, config: Config = {}): Converter {
  const created = protobufConverter.create(parsed(t, config), { isKey: false });
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
  const bytes = await converter(t).fromConnect(topic, ORDER, { id: EXACT, note: null });
  t.equal(bytes![PREFIX_LENGTH], 0, 'the first message of the file');
  const { schema, value } = await converter(t).toConnect(topic, bytes);
  t.strictSame(value, { id: EXACT, note: '' });
  t.match(schema, { name: 'Order', version: 1, fields: [{ name: 'id' }, { name: 'note' }] });
});

t.test('other readers of protobuf understand the message by the schema that is registered', { skip }, async (t) => {
  const topic = newTopic();
  const schema = Schema.struct(
    { id: Schema.int64(), tags: Schema.map(Schema.string(), Schema.int32()), notes: Schema.array(Schema.string()) },
    { name: 'com.acme.Order' },
  );
  const bytes = await converter(t).fromConnect(topic, schema, { id: EXACT, tags: { a: 1 }, notes: ['x', 'y'] });
  const registry = new RegistryClient(parsed(t, {}));
  t.teardown(() => registry.close());
  const { schema: registered } = await registry.latest(`${topic}-value`);
  const { root } = protobuf.parse(registered.schema, { keepCase: true });
  const message = root.lookupType('com.acme.Order').decode(bytes!.subarray(PREFIX_LENGTH + 1));
  t.match(message.toJSON(), { id: String(EXACT), tags: [{ key: 'a', value: 1 }], notes: ['x', 'y'] });
});

t.test('once the id is known there is nothing to wait for', { skip }, async (t) => {
  const topic = newTopic();
  const on = converter(t);
  const bytes = await on.fromConnect(topic, ORDER, { id: 1 });
  t.type(on.fromConnect(topic, ORDER, { id: 2 }), Uint8Array);
  await on.toConnect(topic, bytes);
  t.match(on.toConnect(topic, bytes), { value: { id: 1 } });
});

t.test('null is a tombstone, both ways, whatever its schema', { skip }, (t) => {
  const on = converter(t);
  t.equal(on.fromConnect('t', null, null), null);
  t.equal(on.fromConnect('t', Schema.with(ORDER, { optional: true }), null), null);
  t.equal(on.fromConnect('t', Schema.decimal(2, { optional: true }), null), null);
  t.strictSame(on.toConnect('t', null), { schema: null, value: null });
  t.end();
});

t.test('data is read that was written with an older schema', { skip }, async (t) => {
  const topic = newTopic();
  const on = converter(t);
  const old = await on.fromConnect(topic, ORDER, { id: 1, note: 'x' });
  const newer = Schema.struct(
    { id: Schema.int64(), note: Schema.string({ optional: true }), tag: Schema.string({ optional: true }) },
    { name: 'com.acme.Order' },
  );
  const now = await on.fromConnect(topic, newer, { id: 2, note: null, tag: 'y' });
  t.strictSame((await on.toConnect(topic, old)).value, { id: 1, note: 'x' });
  const { schema, value } = await on.toConnect(topic, now);
  t.strictSame(value, { id: 2, note: '', tag: 'y' });
  t.equal(schema?.version, 2);
});

t.test('with use.latest.version the message is sought in the latest version', { skip }, async (t) => {
  const topic = newTopic();
  const registry = new RegistryClient(parsed(t, {}));
  t.teardown(() => registry.close());
  const schema =
    'syntax = "proto3"; package com.acme; message Other { int32 x = 1; } message Order { int64 id = 1; string note = 2; bool more = 3; }';
  const id = await registry.register(
    `${topic}-value`,
    { type: 'PROTOBUF', schema, references: [] },
    { normalize: false },
  );
  const on = converter(t, { 'auto.register.schemas': 'false', 'use.latest.version': 'true' });
  const bytes = await on.fromConnect(topic, ORDER, { id: 5, note: 'n' });
  const prefix = new Uint8Array(PREFIX_LENGTH);
  writePrefix(prefix, id);
  t.same(bytes!.subarray(0, PREFIX_LENGTH), prefix);
  t.same([...bytes!.subarray(PREFIX_LENGTH, PREFIX_LENGTH + 2)], [2, 2], 'one level, the second message');
  t.strictSame((await on.toConnect(topic, bytes)).value, { id: 5, note: 'n', more: false });
  const other = Schema.struct({ id: Schema.string() }, { name: 'com.acme.Order' });
  await t.rejects(Promise.resolve(on.fromConnect(topic, other, { id: 'x' })), {
    name: 'DataError',
    message: /field 1 \('id'\) of 'Order' is string, not int64.*latest\.compatibility\.strict/,
  });
  const unknown = Schema.with(ORDER, { name: 'com.acme.Unknown' });
  await t.rejects(Promise.resolve(on.fromConnect(topic, unknown, { id: 1 })), {
    message: /no message 'com\.acme\.Unknown'/,
  });
});

t.test('a schema may import another one of the registry', { skip }, async (t) => {
  const topic = newTopic();
  const registry = new RegistryClient(parsed(t, {}));
  t.teardown(() => registry.close());
  const other = 'syntax = "proto3"; package z; message Other { string o = 1; }';
  await registry.register(`${topic}-other`, { type: 'PROTOBUF', schema: other, references: [] }, { normalize: false });
  const id = await registry.register(
    `${topic}-value`,
    {
      type: 'PROTOBUF',
      schema: 'syntax = "proto3"; import "other.proto"; message R { z.Other other = 1; }',
      references: [{ name: 'other.proto', subject: `${topic}-other`, version: 1 }],
    },
    { normalize: false },
  );
  const bytes = new Uint8Array([0, 0, 0, 0, 0, 0, 0x0a, 3, 0x0a, 1, 0x70]);
  writePrefix(bytes, id);
  t.strictSame((await converter(t).toConnect(topic, bytes)).value, { other: { o: 'p' } });
});

t.test('what is no message is refused, with a remedy where there is one', { skip }, async (t) => {
  const topic = newTopic();
  const on = converter(t);
  t.throws(() => on.toConnect('t', Buffer.from('{"a":1}')), { name: 'DataError', message: /JsonConverter/ });
  t.throws(() => on.fromConnect('t', null, { a: 1 }), { name: 'DataError', message: /schemas\.enable=false/ });
  const bytes = await on.fromConnect(topic, ORDER, { id: 1, note: 'abc' });
  const cut = bytes!.subarray(0, -1);
  await t.rejects(Promise.resolve(on.toConnect(topic, cut)), { name: 'DataError', message: /no message 'Order'/ });
  for (const [indexes, message] of [
    [[2, 4], /no message at \[2\]/],
    [[1], /no message at \[\]/],
    [[0xfe, 0xff, 0xff, 0xff, 0xf], /ends before it tells which message/],
  ] as const) {
    const wrong = Buffer.concat([bytes!.subarray(0, PREFIX_LENGTH), Buffer.from(indexes)]);
    await t.rejects(async () => on.toConnect(topic, wrong), { name: 'DataError', message });
  }
  const nameless = Schema.struct({ 'not a name': Schema.int32() }, { name: 'A' });
  t.throws(() => on.fromConnect(topic, nameless, { 'not a name': 1 }), { message: /scrub\.invalid\.names=true/ });
  const scrubbing = converter(t, { 'scrub.invalid.names': 'true' });
  const scrubbed = await scrubbing.fromConnect(newTopic(), nameless, { 'not a name': 1 });
  t.match((await scrubbing.toConnect(topic, scrubbed)).value, { not_a_name: 1 });
  t.throws(() => on.fromConnect(topic, ORDER, { id: null }), { message: /null used for required field at id/ });
});

t.test('a registry that is down makes an error that may pass', async (t) => {
  const on = converter(t, { 'schema.registry.url': 'http://127.0.0.1:1', 'max.retries': '0' });
  await t.rejects(Promise.resolve(on.fromConnect('t', ORDER, { id: 1 })), RetriableError);
});

t.test('the registry accepts every schema that comes up', { skip }, async (t) => {
  const abilities: Abilities = {
    names: identifiers,
    structNames: fc.stringMatching(/^[A-Z][a-z0-9]{9}$/),
    nullElements: false,
    details: false,
    defaults: false,
    nestedCollections: false,
    mapKeys: [Schema.string(), Schema.int32(), Schema.boolean()],
    anyRoot: false,
    nonFinite: true,
    times: [0, 253_402_300_799_999],
  };
  for (const config of [{}, { 'optional.for.nullables': 'true' }, { 'wrapper.for.nullables': 'true' }] as Config[]) {
    const on = converter(t, config);
    for (const { schema, value } of fc.sample(typedValues(abilities), { numRuns: 50, seed: 5 })) {
      const topic = newTopic();
      const back = await on.toConnect(topic, await on.fromConnect(topic, schema, value));
      t.equal(back.schema?.fields.length, schema.fields.length);
    }
    for (const schema of [Schema.string(), Schema.int64()]) {
      const topic = newTopic();
      const back = await on.toConnect(topic, await on.fromConnect(topic, schema, schema.type === 'string' ? 'a' : 1));
      t.ok(schemaEquals(back.schema, Schema.with(schema, { version: 1 })), schema.type);
    }
  }
});
