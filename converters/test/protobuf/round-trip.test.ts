/** What is written is read again as it was, but for what protobuf has no form for. */
import { LogicalName, parseConfig, Schema, type SchemaOptions, schemaEquals, valueEquals } from '@tributary/api';
import fc from 'fast-check';
import t from 'tap';
import { protobufKeys } from '../../src/protobuf/config.ts';
import { protobufLanguage } from '../../src/protobuf/language.ts';
import { TAG } from '../../src/protobuf/names.ts';
import { RegistryConverter } from '../../src/registry/registry-converter.ts';
import { type Abilities, identifiers, typedValues } from '../support/arbitrary.ts';
import { MemoryRegistry } from '../support/memory-registry.ts';
import { withMaps } from '../support/with-defaults.ts';

const ABILITIES: Abilities = {
  names: identifiers,
  structNames: fc.stringMatching(/^[A-Z][a-z0-9]{9}$/),
  nullElements: false,
  details: false,
  defaults: false,
  nestedCollections: false,
  mapKeys: [Schema.string(), Schema.int32(), Schema.int64(), Schema.boolean()],
  anyRoot: false,
  nonFinite: true,
  times: [-62_135_596_800_000, 253_402_300_799_999],
};

type Config = Readonly<Record<string, string>>;

function converter(config: Config): RegistryConverter {
  const props = { 'schema.registry.url': 'http://unused', 'converter.type': 'value', ...config };
  const { config: parsed, errors } = parseConfig(protobufKeys, props);
  if (errors.size > 0) throw new Error([...errors.values()].join());
  return new RegistryConverter(protobufLanguage(parsed), new MemoryRegistry(), parsed, false, 1000);
}

/** How fields that may be null are written, and which scalars are optional for it when they are read. */
interface Nullables {
  readonly config: Config;
  readonly optional: (schema: Schema) => boolean;
  /** Whether null is read as what the type begins with. */
  readonly losesNull: boolean;
  /** Whether a scalar that may be null has 32 bits at least. */
  readonly widens: boolean;
}

const NULLABLES: readonly Nullables[] = [
  { config: {}, optional: () => true, losesNull: true, widens: false },
  {
    config: { 'optional.for.nullables': 'true' },
    optional: ({ optional }) => optional,
    losesNull: false,
    widens: false,
  },
  { config: { 'wrapper.for.nullables': 'true' }, optional: ({ optional }) => optional, losesNull: false, widens: true },
];

const isLogical = (schema: Schema): boolean => Object.values(LogicalName).some((name) => name === schema.name);

/** The schema that is read for one that was written: all but scalars are optional, fields have their numbers. */
function asRead(schema: Schema, nullables: Nullables, extra: SchemaOptions): Schema {
  const always = { ...extra, optional: extra.optional ?? true };
  switch (schema.type) {
    case 'struct':
      return Schema.struct(
        schema.fields.map(({ name, index, schema: inner }) => [
          name,
          asRead(inner, nullables, { parameters: { [TAG]: String(index + 1) } }),
        ]),
        { name: schema.name, ...always },
      );
    case 'array':
      return Schema.array(asRead(schema.valueSchema!, nullables, { optional: true }), always);
    case 'map':
      return Schema.map(
        asRead(schema.keySchema!, nullables, { parameters: { [TAG]: '1' }, ...entryOptional(nullables) }),
        asRead(schema.valueSchema!, nullables, {
          parameters: { [TAG]: '2' },
          ...(schema.valueSchema!.type !== 'struct' && !isLogical(schema.valueSchema!) && entryOptional(nullables)),
        }),
        always,
      );
    default: {
      if (isLogical(schema)) {
        const parameters = { ...schema.parameters, ...extra.parameters };
        return Schema.with(schema, { ...always, parameters: Object.keys(parameters).length > 0 ? parameters : null });
      }
      const optional = extra.optional ?? nullables.optional(schema);
      const isWide = nullables.widens && schema.optional && (schema.type === 'int8' || schema.type === 'int16');
      const options = { parameters: extra.parameters ?? null, optional };
      return isWide ? Schema.int32(options) : Schema.with(schema, options);
    }
  }
}

const entryOptional = (nullables: Nullables): SchemaOptions => ({ optional: nullables.optional(Schema.string()) });

const ZEROES: Readonly<Record<string, unknown>> = { boolean: false, string: '', bytes: new Uint8Array(0) };

/** The value that is read: arrays and maps that are null are empty; scalars are what their type begins with, unless null is kept. */
function valueAsRead(schema: Schema, value: unknown, nullables: Nullables): unknown {
  switch (schema.type) {
    case 'array':
      return ((value ?? []) as unknown[]).map((item) => valueAsRead(schema.valueSchema!, item, nullables));
    case 'map':
      return new Map(
        [...((value ?? new Map()) as Map<unknown, unknown>)].map(([key, item]) => [
          key,
          valueAsRead(schema.valueSchema!, item, nullables),
        ]),
      );
    case 'struct':
      if (value === null) return null;
      return Object.fromEntries(
        schema.fields.map((field) => [
          field.name,
          valueAsRead(field.schema, (value as Record<string, unknown>)[field.name], nullables),
        ]),
      );
    default:
      return value === null && nullables.losesNull && !isLogical(schema) ? (ZEROES[schema.type] ?? 0) : value;
  }
}

/** Maps without a name get one. */
function withoutMapNames(schema: Schema): Schema {
  switch (schema.type) {
    case 'array':
      return Schema.array(withoutMapNames(schema.valueSchema!), schema);
    case 'map':
      return Schema.map(withoutMapNames(schema.keySchema!), withoutMapNames(schema.valueSchema!), {
        ...schema,
        name: null,
      });
    case 'struct':
      return Schema.struct(
        schema.fields.map((field) => [field.name, withoutMapNames(field.schema)] as const),
        schema,
      );
    default:
      return schema;
  }
}

for (const nullables of NULLABLES) {
  t.test(`schemas and values come back as they were with ${JSON.stringify(nullables.config)}`, async () => {
    await fc.assert(
      fc.asyncProperty(typedValues(ABILITIES), async ({ schema, value }) => {
        const on = converter(nullables.config);
        const back = await on.toConnect('t', await on.fromConnect('t', schema, value));
        const expected = asRead(schema, nullables, { optional: false, version: 1 });
        return (
          schemaEquals(withoutMapNames(back.schema!), expected) &&
          valueEquals(withMaps(schema, back.value), valueAsRead(schema, value, nullables))
        );
      }),
      { numRuns: 1000, seed: 20_250_101 },
    );
  });
}

t.test('a struct with a oneof comes back with the one member that is set', async (t) => {
  const member = (tag: number) => ({ optional: true, parameters: { [TAG]: String(tag) } });
  const union = Schema.struct(
    { text: Schema.string(member(1)), count: Schema.int64(member(2)), flag: Schema.boolean(member(3)) },
    { name: 'io.confluent.connect.protobuf.Union.choice', optional: true },
  );
  const schema = Schema.struct({ choice_0: union }, { name: 'Record', version: 1 });
  for (const nullables of NULLABLES) {
    const on = converter(nullables.config);
    for (const choice_0 of [
      { text: '', count: null, flag: null },
      { text: null, count: -(2n ** 63n), flag: null },
      { text: null, count: null, flag: false },
      null,
    ]) {
      const back = await on.toConnect('t', await on.fromConnect('t', schema, { choice_0 }));
      t.ok(schemaEquals(back.schema, schema), JSON.stringify(nullables.config));
      t.ok(valueEquals(back.value, { choice_0 }));
    }
  }
});

t.test('a value that is no struct is in one of the messages of Google around it', async (t) => {
  const on = converter({});
  for (const [schema, value] of [
    [Schema.string(), 'é😀'],
    [Schema.int64(), 2n ** 63n - 1n],
    [Schema.int32(), 0],
    [Schema.boolean(), true],
    [Schema.float32(), 1.5],
    [Schema.float64(), -0],
    [Schema.bytes(), new Uint8Array([0, 255])],
  ] as const) {
    const back = await on.toConnect(`t-${schema.type}`, await on.fromConnect(`t-${schema.type}`, schema, value));
    t.ok(schemaEquals(back.schema, Schema.with(schema, { version: 1 })), schema.type);
    t.ok(valueEquals(back.value, value), schema.type);
  }
});
