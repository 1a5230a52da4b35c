import { Schema } from '@tributary/api';
import type { SinkRecordInput } from '@tributary/api/testing';
import { skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { type TestStore, testStore } from './support/store.ts';

const skip = await skipUnlessAvailable('cassandra');

/** Column, CQL type, schema, value with the schema, value as JSON gives it, and what the table shows (as JSON, by CQL's toJson). */
const COLUMNS: ReadonlyArray<
  readonly [name: string, type: string, schema: Schema, typed: unknown, json: unknown, shown: string]
> = [
  ['c_ascii', 'ascii', Schema.string(), 'abc', 'abc', '"abc"'],
  ['c_bigint', 'bigint', Schema.int64(), 9223372036854775807n, 9223372036854775807n, '9223372036854775807'],
  ['c_small_bigint', 'bigint', Schema.int64(), -5, '-5', '-5'],
  ['c_blob', 'blob', Schema.bytes(), new Uint8Array([1, 255]), '0x01ff', '"0x01ff"'],
  ['c_boolean', 'boolean', Schema.boolean(), true, 'true', 'true'],
  ['c_date', 'date', Schema.date(), new Date(Date.UTC(2024, 4, 31)), '2024-05-31', '"2024-05-31"'],
  ['c_old_date', 'date', Schema.date(), new Date(Date.UTC(1815, 11, 10)), '1815-12-10', '"1815-12-10"'],
  [
    'c_decimal',
    'decimal',
    Schema.decimal(30),
    { unscaled: -(10n ** 40n) - 1n, scale: 30 },
    '-10000000000.000000000000000000000000000001',
    '-10000000000.000000000000000000000000000001',
  ],
  ['c_double', 'double', Schema.float64(), 0.1, 0.1, '0.1'],
  ['c_duration', 'duration', Schema.string(), '1mo2d3h', 'P1M2DT3H', '"1mo2d3h"'],
  ['c_float', 'float', Schema.float32(), Math.fround(0.1), 0.1, '0.1'],
  ['c_inet', 'inet', Schema.string(), '2001:db8::1', '2001:db8::1', '"2001:db8:0:0:0:0:0:1"'],
  ['c_int', 'int', Schema.int32(), -2147483648, '-2147483648', '-2147483648'],
  ['c_smallint', 'smallint', Schema.int16(), 32767, 32767, '32767'],
  ['c_text', 'text', Schema.string(), 'Zürich 🌍 "x"', 'Zürich 🌍 "x"', '"Zürich 🌍 \\"x\\""'],
  ['c_empty', 'text', Schema.string(), '', '', '""'],
  ['c_time', 'time', Schema.time(), new Date(45_296_789), '12:34:56.789', '"12:34:56.789000000"'],
  [
    'c_timestamp',
    'timestamp',
    Schema.timestamp(),
    new Date(1_700_000_000_123),
    '2023-11-14T22:13:20.123Z',
    '"2023-11-14 22:13:20.123Z"',
  ],
  [
    'c_timeuuid',
    'timeuuid',
    Schema.string(),
    '123e4567-e89b-12d3-a456-426614174000',
    '123e4567-e89b-12d3-a456-426614174000',
    '"123e4567-e89b-12d3-a456-426614174000"',
  ],
  ['c_tinyint', 'tinyint', Schema.int8(), -128, -128, '-128'],
  [
    'c_uuid',
    'uuid',
    Schema.string(),
    '123e4567-e89b-42d3-a456-426614174000',
    '123e4567-e89b-42d3-a456-426614174000',
    '"123e4567-e89b-42d3-a456-426614174000"',
  ],
  [
    'c_varint',
    'varint',
    Schema.decimal(0),
    { unscaled: 2n ** 100n, scale: 0 },
    '1267650600228229401496703205376',
    '1267650600228229401496703205376',
  ],
  ['c_list', 'list<int>', Schema.array(Schema.int32()), [3, 1, 3], [3, 1, 3], '[3, 1, 3]'],
  ['c_set', 'set<text>', Schema.array(Schema.string()), ['b', 'a', 'b'], ['b', 'a', 'b'], '["a", "b"]'],
  [
    'c_map',
    'map<int, double>',
    Schema.map(Schema.int32(), Schema.float64()),
    new Map([[7, 1.5]]),
    { 7: 1.5 },
    '{"7": 1.5}',
  ],
  [
    'c_frozen',
    'frozen<map<text, frozen<list<frozen<set<int>>>>>>',
    Schema.map(Schema.string(), Schema.array(Schema.array(Schema.int32()))),
    { a: [[2, 1], []] },
    { a: [[2, 1], []] },
    '{"a": [[1, 2], []]}',
  ],
  ['c_tuple', 'tuple<int, text, boolean>', Schema.string(), '[1, "x", null]', [1, 'x'], '[1, "x", null]'],
  [
    'c_udt',
    'frozen<address>',
    Schema.struct({
      City: Schema.string(),
      zip: Schema.int32({ optional: true }),
      tags: Schema.array(Schema.string()),
    }),
    { City: 'Bern', zip: null, tags: ['a'] },
    { City: 'Bern', tags: ['a'] },
    '{"\\"City\\"": "Bern", "zip": null, "tags": ["a"]}',
  ],
  [
    'c_open_udt',
    'address',
    Schema.struct({ City: Schema.string(), zip: Schema.int32() }),
    { City: 'Bern', zip: 3000 },
    { zip: 3000, City: 'Bern' },
    '{"\\"City\\"": "Bern", "zip": 3000, "tags": null}',
  ],
  ['c_vector', 'vector<float, 3>', Schema.array(Schema.float32()), [1, 0.5, -2], [1, 0.5, -2], '[1.0, 0.5, -2.0]'],
  ['c_text_vector', 'vector<text, 2>', Schema.array(Schema.string()), ['a', 'bc'], ['a', 'bc'], '["a", "bc"]'],
];

async function create(store: TestStore): Promise<void> {
  await store.cql('CREATE TYPE address ("City" text, zip int, tags frozen<list<text>>)');
  const columns = COLUMNS.map(([name, type]) => `${name} ${type}`);
  await store.cql(`CREATE TABLE types (id text PRIMARY KEY, ${columns.join(', ')})`);
}

async function shown(store: TestStore, id: string): Promise<Record<string, string>> {
  const selected = COLUMNS.map(([name]) => `toJson(${name}) AS ${name}`);
  const [row] = await store.cql(`SELECT ${selected.join(', ')} FROM types WHERE id = ?`, [id]);
  return row as Record<string, string>;
}

const expected = Object.fromEntries(COLUMNS.map(([name, , , , , text]) => [name, text]));
const topic = 'types';

t.test('every type of CQL, from records with a schema, schemaless JSON, and JSON in text', { skip }, async (t) => {
  await using store = await testStore();
  await create(store);
  const schema = Schema.struct({
    id: Schema.string(),
    ...Object.fromEntries(COLUMNS.map(([name, , own]) => [name, own])),
  });
  const typed = Object.fromEntries(COLUMNS.map(([name, , , value]) => [name, value]));
  const json = Object.fromEntries(COLUMNS.map(([name, , , , value]) => [name, value]));
  const text = JSON.stringify({ id: 'text', ...json }, (_key, value) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  const run = await store.run({ topics: topic });
  await run.put([
    { topic, value: { id: 'typed', ...typed }, valueSchema: schema },
    { topic, value: { id: 'json', ...json } },
    { topic, value: text, valueSchema: Schema.string() },
  ]);
  await run.close();
  t.same(run.errant, []);
  for (const id of ['typed', 'json', 'text']) t.same(await shown(store, id), expected, id);
});

t.test('nulls and missing fields everywhere', { skip }, async (t) => {
  await using store = await testStore();
  await create(store);
  const nulls = Object.fromEntries(COLUMNS.map(([name]) => [name, null]));
  const optional = Schema.struct({
    id: Schema.string(),
    ...Object.fromEntries(COLUMNS.map(([name, , own]) => [name, Schema.with(own, { optional: true })])),
  });
  const run = await store.run({ topics: topic });
  const records: SinkRecordInput[] = [
    { topic, value: { id: 'json', ...nulls } },
    { topic, value: { id: 'missing' } },
    { topic, value: { id: 'typed', ...nulls }, valueSchema: optional },
  ];
  await run.put(records);
  await run.close();
  t.same(run.errant, []);
  t.same(
    (await store.cql('SELECT * FROM types')).map((row) => Object.values(row).filter((value) => value !== null).length),
    [1, 1, 1],
  );
});
