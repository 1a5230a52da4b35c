import {
  type Converter,
  type Props,
  parseConfig,
  RetriableError,
  Schema,
  type SchemaAndValue,
  schemaEquals,
} from '@tributary/api';
import { sharedSchemaRegistry, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import avroConverter from '../../src/avro/avro-converter.ts';
import { avro } from '../support/avro.ts';
import { refuse, registryProxy } from '../support/registry-proxy.ts';

const skip = await skipUnlessAvailable('schema-registry');
const url = skip ? '' : await sharedSchemaRegistry();
const HERE: Props = { 'schema.registry.url': url };

let topics = 0;
const newTopic = (): string => `avro-${process.pid}-${++topics}`;

async function post(path: string, body: object, method = 'POST'): Promise<unknown> {
  const response = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify(body),
  });
  return response.json();
}
const register = async (subject: string, schema: unknown, references: readonly object[] = []): Promise<number> =>
  ((await post(`/subjects/${subject}/versions`, { schema: JSON.stringify(schema), references })) as { id: number }).id;

const TRADE = Schema.struct(
  { id: Schema.int64(), symbol: Schema.string(), price: Schema.decimal(2), note: Schema.string({ optional: true }) },
  { name: 'market.Trade' },
);
const trade = { id: 2n ** 60n, symbol: 'AAPL', price: { unscaled: 12345n, scale: 2 }, note: null };

const read = (converter: Converter, topic: string, bytes: Uint8Array | null) =>
  Promise.resolve(converter.toConnect(topic, bytes)) as Promise<SchemaAndValue>;

t.test(
  'a value comes back from bytes with the id of its schema, with the version of the registry',
  { skip },
  async (t) => {
    const topic = newTopic();
    const converter = avro(t, HERE);
    const bytes = (await converter.fromConnect(topic, TRADE, trade))!;
    const registered = (await (await fetch(`${url}/subjects/${topic}-value/versions/1`)).json()) as { id: number };
    t.equal(bytes[0], 0);
    t.equal(Buffer.from(bytes).readInt32BE(1), registered.id);
    const { schema, value } = await read(avro(t, HERE), topic, bytes);
    t.strictSame(value, trade);
    t.ok(schemaEquals(schema, Schema.with(TRADE, { version: 1 })));
  },
);

t.test('once the schema is known there is nothing to wait for', { skip }, async (t) => {
  const topic = newTopic();
  const converter = avro(t, HERE);
  const bytes = await converter.fromConnect(topic, TRADE, trade);
  t.type(converter.fromConnect(topic, TRADE, trade), Uint8Array);
  const again = Schema.struct(
    TRADE.fields.map(({ name, schema }) => [name, schema] as const),
    { name: 'market.Trade' },
  );
  t.type(converter.fromConnect(topic, again, trade), Uint8Array, 'an equal schema is the same');
  await read(converter, topic, bytes);
  t.match(converter.toConnect(topic, bytes), { value: { symbol: 'AAPL' } });
});

t.test('a tombstone stays null', { skip }, (t) => {
  const converter = avro(t, HERE);
  t.equal(converter.fromConnect('t', null, null), null);
  t.strictSame(converter.toConnect('t', null), { schema: null, value: null });
  t.end();
});

t.test('values without a schema, and top-level values of any type', { skip }, async (t) => {
  const values: ReadonlyArray<readonly [Schema | null, unknown]> = [
    [null, { symbol: 'AAPL', size: 5, price: 1.5, tags: ['a', null, true], big: 2n ** 60n }],
    [null, new Map<unknown, unknown>([[1, 'a']])],
    [null, new Uint8Array([1, 2])],
    [Schema.string(), 'text'],
    [Schema.bytes(), new Uint8Array([3, 0, 4])],
    [Schema.decimal(1), { unscaled: -300n, scale: 1 }],
    [Schema.array(Schema.int8()), [1, -1]],
    [Schema.map(Schema.int32(), Schema.string()), new Map([[1, 'a']])],
    [Schema.timestamp(), new Date(1_700_000_000_123)],
  ];
  for (const [schema, value] of values) {
    const topic = newTopic();
    const converter = avro(t, HERE);
    const back = await read(converter, topic, await converter.fromConnect(topic, schema, value));
    t.strictSame(
      back.value instanceof Uint8Array ? new Uint8Array(back.value) : back.value,
      value,
      schema?.type ?? 'no schema',
    );
  }
});

t.test('plain bytes stand as they are behind the id, as Confluent’s serialiser writes them', { skip }, async (t) => {
  const bytes = await avro(t, HERE).fromConnect(newTopic(), Schema.bytes(), new Uint8Array([3, 0, 4]));
  t.strictSame([...bytes!].slice(5), [3, 0, 4]);
});

t.test('data that was written with an older schema is read with that one', { skip }, async (t) => {
  const topic = newTopic();
  const converter = avro(t, HERE);
  const old = await converter.fromConnect(topic, TRADE, trade);
  const fields = Object.fromEntries(TRADE.fields.map(({ name, schema }) => [name, schema]));
  const newer = Schema.struct({ ...fields, venue: Schema.string({ optional: true }) }, { name: 'market.Trade' });
  const now = await converter.fromConnect(topic, newer, { ...trade, venue: 'X' });
  const reader = avro(t, HERE);
  t.strictSame((await read(reader, topic, old)).value, trade);
  const back = await read(reader, topic, now);
  t.strictSame(back.value, { ...trade, venue: 'X' });
  t.equal(back.schema!.version, 2);
});

t.test('subjects by the name of the record, and by topic and name', { skip }, async (t) => {
  const topic = newTopic();
  const named = Schema.struct({ a: Schema.int32() }, { name: `market.Named${process.pid}` });
  const strategy = 'value.subject.name.strategy';
  const record = avro(t, { ...HERE, [strategy]: 'io.confluent.kafka.serializers.subject.RecordNameStrategy' });
  const bytes = await record.fromConnect(topic, named, { a: 1 });
  await avro(t, { ...HERE, [strategy]: 'TopicRecordNameStrategy' }).fromConnect(topic, named, { a: 1 });
  const subjects = (await (await fetch(`${url}/subjects`)).json()) as string[];
  t.ok(subjects.includes(named.name!));
  t.ok(subjects.includes(`${topic}-${named.name}`));
  t.equal((await read(record, topic, bytes)).schema!.version, 1);
  await t.rejects(async () => record.fromConnect(topic, Schema.string(), 'x'), /is no record/);
});

t.test('use.latest.version writes with the schema in the registry, field by field', { skip }, async (t) => {
  const topic = newTopic();
  await register(`${topic}-value`, {
    type: 'record',
    name: 'Trade',
    namespace: 'market',
    fields: [
      { name: 'venue', type: ['null', 'string'], default: null },
      { name: 'id', type: 'long' },
    ],
  });
  const latest = { ...HERE, 'auto.register.schemas': 'false', 'use.latest.version': 'true' };
  const schema = Schema.struct({ id: Schema.int64() }, { name: 'market.Trade' });
  const converter = avro(t, latest);
  const back = await read(converter, topic, await converter.fromConnect(topic, schema, { id: 5 }));
  t.strictSame(back.value, { venue: null, id: 5 });

  const other = Schema.struct({ id: Schema.string() }, { name: 'market.Trade' });
  await t.rejects(
    async () => avro(t, latest).fromConnect(topic, other, { id: 'x' }),
    /latest\.compatibility\.strict=false/,
  );
  const absent = avro(t, { ...HERE, 'auto.register.schemas': 'false' });
  await t.rejects(async () => absent.fromConnect(newTopic(), schema, { id: 5 }), /auto\.register\.schemas=true/);
});

t.test('types of other subjects are found through references', { skip }, async (t) => {
  const topic = newTopic();
  const money = { type: 'record', name: 'Money', namespace: 'bank', fields: [{ name: 'cents', type: 'long' }] };
  await register(`${topic}-money`, money);
  const id = await register(
    `${topic}-value`,
    { type: 'record', name: 'Order', namespace: 'shop', fields: [{ name: 'total', type: 'bank.Money' }] },
    [{ name: 'bank.Money', subject: `${topic}-money`, version: 1 }],
  );
  const bytes = Buffer.from([0, 0, 0, 0, 0, 84]);
  bytes.writeInt32BE(id, 1);
  t.strictSame((await read(avro(t, HERE), topic, bytes)).value, { total: { cents: 42 } });
});

t.test('a thousand records with a new schema register it once', { skip }, async (t) => {
  const topic = newTopic();
  const proxy = await registryProxy(t, url);
  const converter = avro(t, { 'schema.registry.url': proxy.url });
  await Promise.all(Array.from({ length: 1_000 }, () => converter.fromConnect(topic, TRADE, trade)));
  t.strictSame(proxy.requests, [`POST /subjects/${topic}-value/versions`]);
});

t.test('a registry that is away is retriable, and the record after it goes through', { skip }, async (t) => {
  const proxy = await registryProxy(t, url);
  const converter = avro(t, { 'schema.registry.url': proxy.url, 'max.retries': '0' });
  proxy.intercept = (_incoming, outgoing) => refuse(outgoing, 503);
  const topic = newTopic();
  const failed = Promise.resolve(converter.fromConnect(topic, TRADE, trade));
  await t.rejects(failed, RetriableError);
  await t.rejects(failed, new RegExp(`the value of a record of topic '${topic}'`));
  proxy.intercept = () => false;
  t.type(await converter.fromConnect(topic, TRADE, trade), Uint8Array);
});

t.test('what is no Avro, or has an unknown id, is named with topic and remedy', { skip }, async (t) => {
  const converter = avro(t, HERE, true);
  t.throws(() => converter.toConnect('t', Buffer.from('{"a":1}')), {
    name: 'DataError',
    message: /does not begin with a zero byte.*JsonConverter.*the key of a record of topic 't', AvroConverter/,
  });
  await t.rejects(read(converter, 't', Buffer.from([0, 0x7f, 0, 0, 0, 1])), /schema with id 2130706432 \(HTTP 404/);
});

t.test('keys of Confluent’s converter are accepted, wrong ones are named', (t) => {
  const { errors } = parseConfig(avroConverter.config, {
    'schema.registry.url': 'http://localhost:8081',
    'key.subject.name.strategy': 'com.acme.Own',
    'auto.register.schemas': 'maybe',
  });
  t.strictSame([...errors.keys()].toSorted(), ['auto.register.schemas', 'key.subject.name.strategy']);
  t.match(parseConfig(avroConverter.config, {}).errors.get('schema.registry.url'), [/Missing required configuration/]);
  t.end();
});
