/**
 * Compares with what Confluent's JsonSchemaConverter 8.1.0 wrote and read, which is on no public registry: the inputs are ours, the
 * outputs were recorded.
 */
import { readFile } from 'node:fs/promises';
import { parseConfig, Schema, type SchemaAndValue, schemaEquals, valueEquals } from '@tributary/api';
import t from 'tap';
import { JsonReader } from '../../../runtime/src/convert/json-reader.ts';
import { jsonSchemaKeys } from '../../src/json-schema/config.ts';
import { jsonSchemaLanguage } from '../../src/json-schema/language.ts';
import type { SchemaLanguage } from '../../src/registry/registry-converter.ts';
import { PREFIX_LENGTH } from '../../src/registry/wire-format.ts';

type Config = Readonly<Record<string, string>>;

interface Written {
  /** What was written, as JsonConverter has it. */
  readonly envelope: string;
  readonly config: Config;
  readonly schema: string;
  readonly payload: string;
}

interface Foreign {
  readonly schema: string;
  readonly payload: string;
  readonly config: Config;
  /** Schemas by the names that the schema calls them by. */
  readonly references: Readonly<Record<string, string>>;
  /** What was read, as JsonConverter writes it. */
  readonly read?: string;
  readonly error?: string;
}

async function golden<T>(name: string): Promise<readonly T[]> {
  return JSON.parse(await readFile(new URL(`golden/${name}.json`, import.meta.url), 'utf8'));
}

function language(config: Config = {}): SchemaLanguage {
  const props = { 'schema.registry.url': 'http://unused', 'converter.type': 'value', ...config };
  const { config: parsed, errors } = parseConfig(jsonSchemaKeys, props);
  if (errors.size > 0) throw new Error([...errors.values()].join());
  return jsonSchemaLanguage(parsed);
}

const connectJson = new JsonReader({
  schemasEnable: true,
  cacheSize: 100,
  schemaContent: null,
  replaceNullWithDefault: false,
});

t.test('schemas and values are written as Confluent writes them, to the letter', async (t) => {
  for (const { envelope, config, schema, payload } of await golden<Written>('written')) {
    const given = connectJson.read(Buffer.from(envelope));
    const writer = language(config).writer(given.schema);
    t.equal(writer.schema.schema, schema, envelope);
    t.equal(Buffer.from(writer.encode(given.value)!).subarray(PREFIX_LENGTH).toString(), payload, envelope);
  }
});

/** Java has properties without an index in the order of a hash map; we keep that of the schema. */
function byName(schema: Schema | null): Schema | null {
  if (schema === null) return null;
  switch (schema.type) {
    case 'array':
      return Schema.array(byName(schema.valueSchema)!, schema);
    case 'map':
      return Schema.map(byName(schema.keySchema)!, byName(schema.valueSchema)!, schema);
    case 'struct': {
      const fields = schema.fields.map((field) => [field.name, byName(field.schema)!] as const);
      return Schema.struct(
        fields.sort(([a], [b]) => (a < b ? -1 : 1)),
        schema,
      );
    }
    default:
      return schema;
  }
}

function readForeign({ schema, payload, config, references }: Foreign): SchemaAndValue {
  const registered = { type: 'JSON', schema, references: [] } as const;
  const message = Buffer.concat([Buffer.alloc(PREFIX_LENGTH), Buffer.from(payload)]);
  return language(config)
    .reader(registered, new Map(Object.entries(references)), 1)
    .decode(message);
}

/** What Confluent's converter reads in another way, by the message. */
const REFUSED_ON_PURPOSE = new Set([
  // An integer beyond its type is not wrapped, a fraction is not cut off.
  '{"a": 12345678901234567890, "s": {"p": "1", "q": "2"}}',
  '{"a": 1.7}',
]);
const READ_ON_PURPOSE = new Map<string, unknown>([
  // A decimal takes the scale of its schema.
  ['{"d": 1.5}', { d: { unscaled: 150n, scale: 2 } }],
  // Null as a default is none.
  ['{}', { a: null }],
  // Names of parts of the schema are looked up in it; Java asks the network first.
  ['{"m": "a", "n": "b"}', { m: 'a', n: 'b' }],
]);

t.test('schemas of others are read as Confluent reads them', async (t) => {
  for (const foreign of await golden<Foreign>('foreign')) {
    const { schema, payload, read } = foreign;
    const about = `${schema} ${payload}`;
    if (read !== undefined && !REFUSED_ON_PURPOSE.has(payload)) {
      const expected = connectJson.read(Buffer.from(read));
      const actual = readForeign(foreign);
      t.ok(schemaEquals(byName(actual.schema), byName(expected.schema)), about);
      t.ok(valueEquals(actual.value, expected.value), about);
    } else if (read === undefined && READ_ON_PURPOSE.has(payload)) {
      t.ok(valueEquals(readForeign(foreign).value, READ_ON_PURPOSE.get(payload)), about);
    } else {
      t.throws(() => readForeign(foreign), { name: 'DataError' }, about);
    }
  }
});
