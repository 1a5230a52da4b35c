/** What is written is read again as it was. */
import { parseConfig, Schema, type SchemaAndValue, schemaEquals, valueEquals } from '@tributary/api';
import fc from 'fast-check';
import t from 'tap';
import { jsonSchemaKeys } from '../../src/json-schema/config.ts';
import { jsonSchemaLanguage } from '../../src/json-schema/language.ts';
import type { SchemaRegistry } from '../../src/registry/registry.ts';
import { RegistryConverter } from '../../src/registry/registry-converter.ts';
import { type Abilities, anyNames, typedValues } from '../support/arbitrary.ts';
import { MemoryRegistry } from '../support/memory-registry.ts';
import { withDefaults, withMaps, withPlainDefaults } from '../support/with-defaults.ts';

const ABILITIES: Abilities = {
  names: anyNames,
  details: true,
  defaults: true,
  nestedCollections: true,
  mapKeys: [Schema.string(), Schema.int32(), Schema.int64({ name: 'id' }), Schema.boolean()],
  anyRoot: true,
  nonFinite: true,
  times: [-62_135_596_800_000, 253_402_300_799_999],
};

function converter(registry: SchemaRegistry, config: Readonly<Record<string, string>> = {}): RegistryConverter {
  const props = { 'schema.registry.url': 'http://unused', 'converter.type': 'value', ...config };
  const { config: parsed, errors } = parseConfig(jsonSchemaKeys, props);
  if (errors.size > 0) throw new Error([...errors.values()].join());
  return new RegistryConverter(jsonSchemaLanguage(parsed), registry, parsed, false, 1000);
}

async function roundTrip(on: RegistryConverter, schema: Schema, value: unknown): Promise<SchemaAndValue> {
  return on.toConnect('t', await on.fromConnect('t', schema, value));
}

/** The schema that is read: without a version of its own it has that of the registry. */
const asRead = (schema: Schema): Schema => (schema.version === null ? Schema.with(schema, { version: 1 }) : schema);

const CONFIGS: readonly Readonly<Record<string, string>>[] = [
  {},
  { 'decimal.format': 'NUMERIC', 'object.additional.properties': 'false' },
];

for (const config of CONFIGS) {
  t.test(`schemas and values come back as they were with ${JSON.stringify(config)}`, async () => {
    await fc.assert(
      fc.asyncProperty(typedValues(ABILITIES), async ({ schema, value }) => {
        const back = await roundTrip(converter(new MemoryRegistry(), config), schema, value);
        if (value === null && !schema.optional && schema.default === undefined) return back.value === null;
        return (
          schemaEquals(withPlainDefaults(back.schema!), withPlainDefaults(asRead(schema))) &&
          valueEquals(withMaps(schema, back.value), withDefaults(schema, value))
        );
      }),
      { numRuns: 1500, seed: 20_250_101 },
    );
  });
}
