import { type Decimal, LogicalName, Schema, type SchemaOptions } from '@tributary/api';
import fc from 'fast-check';

/** What a converter can carry; everything else is left out of what {@link typedValues} makes. */
export interface Abilities {
  /** Names of fields. */
  readonly names: fc.Arbitrary<string>;
  /** Names of structs. Default: those of fields. */
  readonly structNames?: fc.Arbitrary<string>;
  /** Whether elements of arrays and values of maps may be null. Default: true. */
  readonly nullElements?: boolean;
  /** Whether schemas have docs, versions, parameters and defaults. */
  readonly details: boolean;
  readonly defaults: boolean;
  /** Whether arrays and maps may hold arrays and maps without a struct between, and be null inside of those. */
  readonly nestedCollections: boolean;
  /** What may be a key of a map. */
  readonly mapKeys: readonly Schema[];
  /** Whether the schema may be something else than a struct. */
  readonly anyRoot: boolean;
  readonly nonFinite: boolean;
  /** The range of timestamps and dates, in milliseconds. */
  readonly times: readonly [min: number, max: number];
}

export interface Typed {
  readonly schema: Schema;
  readonly value: unknown;
}

const DAY = 86_400_000;

export const identifiers: fc.Arbitrary<string> = fc.stringMatching(/^[a-z][a-zA-Z0-9_]{0,8}$/);
export const anyNames: fc.Arbitrary<string> = fc.oneof(
  identifiers,
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }),
  fc.constantFrom('__proto__', 'constructor', '0', '17', 'a.b', ' ', '"', '\\', 'toString'),
);

/** Pairs of a schema and a value that fits it. */
export function typedValues(abilities: Abilities): fc.Arbitrary<Typed> {
  const schemas = abilities.anyRoot ? anySchema(abilities, 3) : structSchema(abilities, 3, false);
  return schemas.chain((schema) => valuesOf(schema, abilities).map((value) => ({ schema, value })));
}

/** Values of a schema. */
export function valuesOf(schema: Schema, abilities: Abilities): fc.Arbitrary<unknown> {
  const values = presentValue(schema, abilities);
  return schema.optional ? fc.option(values, { freq: 4 }) : values;
}

function details(abilities: Abilities): fc.Arbitrary<SchemaOptions> {
  if (!abilities.details) return fc.record({ optional: fc.boolean() });
  const rare = <T>(values: fc.Arbitrary<T>) => fc.option(values, { freq: 3 });
  return fc.record({
    optional: fc.boolean(),
    name: rare(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 })),
    version: rare(fc.nat(100)),
    doc: rare(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 })),
    parameters: rare(fc.dictionary(identifiers, fc.string(), { minKeys: 1, maxKeys: 5 })),
  });
}

function withDefault(schemas: fc.Arbitrary<Schema>, abilities: Abilities): fc.Arbitrary<Schema> {
  if (!abilities.defaults) return schemas;
  return schemas.chain((schema) =>
    fc
      .option(
        presentValue(schema, abilities).filter((value) => !hasMinusZero(value)),
        { freq: 5 },
      )
      .map((value) => (value === null ? schema : Schema.with(schema, { default: value }))),
  );
}

/** A schema's JSON has no minus zero. */
function hasMinusZero(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return Object.is(value, -0);
  const inner = value instanceof Map ? [...value.keys(), ...value.values()] : Object.values(value);
  return inner.some(hasMinusZero);
}

function scalarSchema(abilities: Abilities): fc.Arbitrary<Schema> {
  const makes = [
    Schema.int8,
    Schema.int16,
    Schema.int32,
    Schema.int64,
    Schema.float32,
    Schema.float64,
    Schema.boolean,
    Schema.string,
    Schema.bytes,
  ];
  const plain = fc.tuple(fc.constantFrom(...makes), details(abilities)).map(([make, options]) => make(options));
  const logical = fc
    .tuple(
      fc.oneof(
        fc.constantFrom(Schema.date, Schema.time, Schema.timestamp),
        fc.integer({ min: 0, max: 12 }).map((scale) => (options: SchemaOptions) => Schema.decimal(scale, options)),
      ),
      fc.boolean(),
    )
    .map(([make, optional]) => make({ optional }));
  return withDefault(fc.oneof({ weight: 3, arbitrary: plain }, { weight: 1, arbitrary: logical }), abilities);
}

function structSchema(abilities: Abilities, depth: number, mayBeOptional = true): fc.Arbitrary<Schema> {
  return fc
    .tuple(
      fc.uniqueArray(fc.tuple(abilities.names, anySchema(abilities, depth - 1)), {
        minLength: 1,
        maxLength: 5,
        selector: ([name]) => name,
      }),
      abilities.structNames ?? abilities.names,
      details(abilities),
    )
    .map(([fields, name, options]) =>
      Schema.struct(fields, { ...options, name, ...(!mayBeOptional && { optional: false }) }),
    );
}

function collectionSchema(abilities: Abilities, depth: number): fc.Arbitrary<Schema> {
  const inner = abilities.nestedCollections
    ? anySchema(abilities, depth - 1)
    : fc.oneof(scalarSchema(abilities), structSchema(abilities, depth - 1));
  const items =
    abilities.nullElements === false ? inner.map((schema) => Schema.with(schema, { optional: false })) : inner;
  const arrays = fc.tuple(items, details(abilities)).map(([element, options]) => Schema.array(element, options));
  const maps = fc
    .tuple(fc.constantFrom(...abilities.mapKeys), items, details(abilities))
    .map(([keys, values, options]) => Schema.map(keys, values, options));
  return withDefault(fc.oneof(arrays, maps), abilities);
}

function anySchema(abilities: Abilities, depth: number): fc.Arbitrary<Schema> {
  if (depth <= 0) return scalarSchema(abilities);
  return fc.oneof(
    { weight: 4, arbitrary: scalarSchema(abilities) },
    { weight: 1, arbitrary: structSchema(abilities, depth) },
    { weight: 1, arbitrary: collectionSchema(abilities, depth) },
  );
}

const integers = (bits: number): fc.Arbitrary<number> =>
  fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 });

function presentValue(schema: Schema, abilities: Abilities): fc.Arbitrary<unknown> {
  const [min, max] = abilities.times;
  switch (schema.name) {
    case LogicalName.decimal: {
      const scale = Number(schema.parameters!.scale);
      return fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }).map((unscaled): Decimal => ({ unscaled, scale }));
    }
    case LogicalName.date:
      return fc.integer({ min: Math.ceil(min / DAY), max: Math.floor(max / DAY) }).map((day) => new Date(day * DAY));
    case LogicalName.time:
      return fc.integer({ min: 0, max: DAY - 1 }).map((time) => new Date(time));
    case LogicalName.timestamp:
      return fc.integer({ min, max }).map((time) => new Date(time));
  }
  const noNaN = !abilities.nonFinite;
  switch (schema.type) {
    case 'int8':
      return integers(8);
    case 'int16':
      return integers(16);
    case 'int32':
      return integers(32);
    case 'int64':
      return fc
        .oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.maxSafeInteger().map(BigInt))
        .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));
    case 'float32':
      return fc.float({ noNaN, noDefaultInfinity: noNaN });
    case 'float64':
      return fc.double({ noNaN, noDefaultInfinity: noNaN });
    case 'boolean':
      return fc.boolean();
    case 'string':
      return fc.string({ unit: 'grapheme', maxLength: 12 });
    case 'bytes':
      return fc.uint8Array({ maxLength: 12 });
    case 'array':
      return fc.array(valuesOf(schema.valueSchema!, abilities), { maxLength: 4 });
    case 'map':
      return mapValue(schema, abilities);
    case 'struct':
      return fc
        .tuple(
          ...schema.fields.map((field) =>
            valuesOf(field.schema, abilities).map((value) => [field.name, value] as const),
          ),
        )
        .map((entries) => Object.fromEntries(entries));
  }
}

function mapValue(schema: Schema, abilities: Abilities): fc.Arbitrary<unknown> {
  const entries = fc.uniqueArray(
    fc.tuple(valuesOf(schema.keySchema!, abilities), valuesOf(schema.valueSchema!, abilities)),
    { maxLength: 4, selector: ([key]) => key, comparator: 'SameValueZero' },
  );
  return entries.map((pairs) => new Map(pairs));
}
