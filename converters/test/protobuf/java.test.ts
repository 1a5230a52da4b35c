/**
 * Compares with what Confluent's ProtobufConverter 8.1.0 wrote and read, which is on no public registry: the inputs are ours, the
 * outputs were recorded.
 */
import { readFile } from 'node:fs/promises';
import { parseConfig, Schema, schemaEquals, valueEquals } from '@tributary/api';
import t from 'tap';
import { JsonReader } from '../../../runtime/src/convert/json-reader.ts';
import { protobufKeys } from '../../src/protobuf/config.ts';
import { protobufLanguage } from '../../src/protobuf/language.ts';
import { TAG } from '../../src/protobuf/names.ts';
import type { SchemaLanguage } from '../../src/registry/registry-converter.ts';
import { PREFIX_LENGTH } from '../../src/registry/wire-format.ts';
import { withMaps } from '../support/with-defaults.ts';

type Config = Readonly<Record<string, string>>;

interface Written {
  readonly about: string;
  /** What was written, as JsonConverter has it. */
  readonly envelope: string;
  readonly config: Config;
  /** Null for a tombstone, as is the payload. */
  readonly schema: string | null;
  /** In hexadecimal. */
  readonly payload: string | null;
}

interface Foreign {
  readonly about: string;
  readonly config: Config;
  readonly schema: string;
  /** Files by the names that the schema imports them by. */
  readonly references: Readonly<Record<string, string>>;
  /** In hexadecimal. */
  readonly payload: string;
  /** What was read, as JsonConverter writes it. */
  readonly read: string;
}

async function golden<T>(name: string): Promise<readonly T[]> {
  return JSON.parse(await readFile(new URL(`golden/${name}.json`, import.meta.url), 'utf8'));
}

function language(config: Config = {}): SchemaLanguage {
  const props = { 'schema.registry.url': 'http://unused', 'converter.type': 'value', ...config };
  const { config: parsed, errors } = parseConfig(protobufKeys, props);
  if (errors.size > 0) throw new Error([...errors.values()].join());
  return protobufLanguage(parsed);
}

const connectJson = new JsonReader({
  schemasEnable: true,
  cacheSize: 100,
  schemaContent: null,
  replaceNullWithDefault: false,
});

/** Java puts an unsigned 32-bit number into its wrapper with 64 bits of sign; we write the number. */
const OTHER_BYTES = new Set(['tags types wrap']);

t.test('schemas and values are written as Confluent writes them, to the letter', async (t) => {
  for (const { about, envelope, config, schema, payload } of await golden<Written>('written')) {
    const given = connectJson.read(Buffer.from(envelope));
    const writer = language(config).writer(given.schema);
    const bytes = writer.encode(given.value);
    if (payload === null || bytes === null) {
      t.equal(bytes, payload, about);
      continue;
    }
    t.equal(writer.schema.schema, schema, about);
    if (!OTHER_BYTES.has(about)) t.equal(Buffer.from(bytes).subarray(PREFIX_LENGTH).toString('hex'), payload, about);
  }
});

/** Java shares what it made of a message between its fields, and the number of one of them turns up at elements of arrays, which have none. */
function withoutLeaks(schema: Schema | null): Schema | null {
  if (schema === null) return null;
  switch (schema.type) {
    case 'array': {
      const items = withoutLeaks(schema.valueSchema)!;
      const { [TAG]: _leaked, ...parameters } = items.parameters ?? {};
      const isEmpty = Object.keys(parameters).length === 0;
      return Schema.array(Schema.with(items, { parameters: isEmpty ? null : parameters }), schema);
    }
    case 'map':
      return Schema.map(withoutLeaks(schema.keySchema)!, withoutLeaks(schema.valueSchema)!, schema);
    case 'struct':
      return Schema.struct(
        schema.fields.map((field) => [field.name, withoutLeaks(field.schema)!] as const),
        schema,
      );
    default:
      return schema;
  }
}

t.test('messages of others are read as Confluent reads them', async (t) => {
  for (const { about, config, schema, references, payload, read } of await golden<Foreign>('foreign')) {
    const expected = connectJson.read(Buffer.from(read));
    const message = Buffer.concat([Buffer.alloc(PREFIX_LENGTH), Buffer.from(payload, 'hex')]);
    const actual = language(config)
      .reader({ type: 'PROTOBUF', schema, references: [] }, new Map(Object.entries(references)), 1)
      .decode(message);
    t.ok(schemaEquals(actual.schema, withoutLeaks(expected.schema)), `schema: ${about}`);
    const of = expected.schema ?? Schema.string();
    t.ok(valueEquals(withMaps(of, actual.value), withMaps(of, expected.value)), `value: ${about}`);
  }
});
