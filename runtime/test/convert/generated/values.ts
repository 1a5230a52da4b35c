/** Schemas of every type and values of them, the odd ones often. */
import { type Decimal, decimalScale, int64, isReorderedKey, LogicalName, Schema, setField } from '@tributary/api';
import fc, { type Arbitrary } from 'fast-check';

export type Typed = readonly [schema: Schema | null, value: unknown];

const DAY = 86_400_000;

const NUMBER_LIKE = [
  '0', '-1', '128', '1.5', '-0', '1e3', '9223372036854775808', 'NaN', '007', 'true', 'null', '', ' ', '[1,"a"]',
  '{"a":1}', '{a:b}', '2024-02-29', '13:04:05.007Z', '2024-02-29T13:04:05.007Z', '"quoted"', '\\', 'a,b:c', '\u0000\u001f\u007f',
]; // biome-ignore format: a list of texts

/** Text with every kind of character, half a surrogate pair now and then. */
export const text: Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.string({ maxLength: 8 }) },
  { weight: 3, arbitrary: fc.string({ unit: 'grapheme', maxLength: 6 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
  { weight: 1, arbitrary: fc.constantFrom('\ud83d', 'a\udc00b', '\ude00\ud83d') },
  { weight: 3, arbitrary: fc.constantFrom(...NUMBER_LIKE) },
);

const name: Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('a', 'b', 'id', 'price', 'ünï', 'x y', 'f1') },
  { weight: 2, arbitrary: fc.constantFrom('__proto__', 'constructor', '1', '0', 'toString', '', '"', 'a.b', '😀') },
  { weight: 1, arbitrary: fc.string({ maxLength: 5 }) },
);

const integer = (bits: number): Arbitrary<number | bigint> =>
  fc.bigInt(-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n).map(int64);

const decimal = (scale: number): Arbitrary<Decimal> =>
  fc
    .oneof(fc.bigInt(-1000n, 1000n), fc.bigInt(-(2n ** 63n), 2n ** 64n), fc.bigInt(-(2n ** 200n), 2n ** 200n))
    .map((unscaled) => ({ unscaled, scale }));

const timestamp: Arbitrary<Date> = fc.oneof(
  fc.date({ min: new Date('1800-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }),
  fc.date({ noInvalidDate: true }),
  fc.constantFrom(0, -1, DAY, -DAY, 1_700_000_000_123).map((millis) => new Date(millis)),
);

const double = fc.oneof(
  fc.double(),
  fc.integer().map((n) => n / 8),
  fc.constantFrom(1e7, 1e-3, 1e21, 5e-324, 2 ** 63, 1e23),
);
const bytes = fc.uint8Array({ maxLength: 9 });

/** Any value of the schema that is not null. */
export function present(schema: Schema): Arbitrary<unknown> {
  switch (schema.name) {
    case LogicalName.decimal:
      return decimal(decimalScale(schema));
    case LogicalName.date:
      return fc.integer({ min: -100_000, max: 100_000 }).map((day) => new Date(day * DAY));
    case LogicalName.time:
      return fc.integer({ min: 0, max: DAY - 1 }).map((millis) => new Date(millis));
    case LogicalName.timestamp:
      return timestamp;
  }
  switch (schema.type) {
    case 'int8':
      return integer(8);
    case 'int16':
      return integer(16);
    case 'int32':
      return integer(32);
    case 'int64':
      return integer(64);
    case 'float32':
      return fc.float();
    case 'float64':
      return double;
    case 'boolean':
      return fc.boolean();
    case 'string':
      return text;
    case 'bytes':
      return bytes;
    case 'array':
      return fc.array(maybeNull(schema.valueSchema!), { maxLength: 3 });
    case 'map':
      return fc
        .uniqueArray(fc.tuple(present(schema.keySchema!), maybeNull(schema.valueSchema!)), {
          maxLength: 3,
          selector: ([key]) => String(key instanceof Date ? key.getTime() : key),
        })
        .map((entries) => new Map(entries));
    case 'struct':
      return fc.tuple(...schema.fields.map((field) => fieldValue(field.schema))).map((values) => {
        const struct: Record<string, unknown> = {};
        for (const [i, field] of schema.fields.entries()) setField(struct, field.name, values[i]);
        return struct;
      });
  }
}

/** A value of the schema, null among them where that is allowed. */
export function maybeNull(schema: Schema): Arbitrary<unknown> {
  return schema.optional ? fc.option(present(schema), { freq: 4 }) : present(schema);
}

/** In a struct a default allows null too. */
function fieldValue(schema: Schema): Arbitrary<unknown> {
  return schema.default === undefined ? maybeNull(schema) : fc.option(present(schema), { freq: 3 });
}

const PRIMITIVES = ['int8', 'int16', 'int32', 'int64', 'float32', 'float64', 'boolean', 'string', 'bytes'] as const;

const primitive: Arbitrary<Schema> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...PRIMITIVES).map((type) => Schema[type]()) },
  { weight: 1, arbitrary: fc.integer({ min: -3, max: 20 }).map((scale) => Schema.decimal(scale)) },
  { weight: 2, arbitrary: fc.constantFrom(Schema.date(), Schema.time(), Schema.timestamp()) },
);

/** A key of a map: what Java's maps compare by value, and JavaScript's too. */
const mapKey: Arbitrary<Schema> = fc.oneof(
  { weight: 5, arbitrary: fc.constant(Schema.string()) },
  {
    weight: 3,
    arbitrary: fc.constantFrom('int8', 'int16', 'int32', 'int64', 'boolean').map((type) => Schema[type as 'int8']()),
  },
);

const metadata = fc.record(
  {
    name: fc.constantFrom('n', 'com.example.Tick'),
    version: fc.integer({ min: -2, max: 9 }),
    doc: fc.constantFrom('', 'what "it" is', 'é'),
    parameters: fc.dictionary(fc.constantFrom('a', 'b', 'ü'), text, { minKeys: 1, maxKeys: 2, noNullPrototype: true }),
  },
  { requiredKeys: [] },
);

const isLogical = (schema: Schema): boolean => schema.name !== null;

/** The schema with a name, a version, a doc, whether it is optional, and a default, each now and then. */
function decorated(base: Arbitrary<Schema>): Arbitrary<Schema> {
  return fc
    .tuple(base, fc.boolean(), fc.option(metadata, { freq: 2 }))
    .map(([schema, optional, given]) =>
      Schema.with(schema, { optional, ...(given && !isLogical(schema) ? given : {}) }),
    )
    .chain((schema) =>
      fc
        // Java has trouble with structs as defaults.
        .oneof({ weight: schema.type === 'struct' ? 15 : 1, arbitrary: fc.constant(undefined) }, present(schema))
        .map((value) => (value === undefined ? schema : Schema.with(schema, { default: value }))),
    );
}

/** Java has no fields without a name. */
const fieldNames = fc.uniqueArray(
  name.filter((given) => given !== ''),
  { maxLength: 4 },
);

/** A schema with others inside of it, so deep at most. */
function nested(depth: number): Arbitrary<Schema> {
  if (depth === 0) return decorated(primitive);
  const inner = nested(depth - 1);
  return decorated(
    fc.oneof(
      { weight: 3, arbitrary: primitive },
      { weight: 2, arbitrary: inner.map((items) => Schema.array(items)) },
      { weight: 2, arbitrary: fc.tuple(mapKey, inner).map(([keys, items]) => Schema.map(keys, items)) },
      {
        weight: 4,
        arbitrary: fieldNames.chain((names) =>
          fc
            .tuple(...names.map(() => inner))
            .map((schemas) => Schema.struct(names.map((field, i): [string, Schema] => [field, schemas[i]!]))),
        ),
      },
    ),
  );
}

const anySchema = fc.oneof(nested(0), nested(1), nested(2), nested(3));

/** How many values each schema gets. */
export const VALUES_OF_A_SCHEMA = 4;

/** A schema with some values of it. */
export const typedGroup: Arbitrary<readonly Typed[]> = anySchema.chain((schema) =>
  fc
    .array(maybeNull(schema), { minLength: VALUES_OF_A_SCHEMA, maxLength: VALUES_OF_A_SCHEMA })
    .map((values) => values.map((value): Typed => [schema, value])),
);

const scalar: Arbitrary<unknown> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  integer(64),
  integer(32),
  double.filter((value) => !Number.isSafeInteger(value) || Object.is(value, -0)),
  text,
  text,
  bytes,
);

/** A plain object where it keeps the order of the keys, a Map otherwise. */
const mapOf = (entries: readonly (readonly [string, unknown])[]): unknown =>
  entries.some(([key]) => key === '__proto__' || isReorderedKey(key)) ? new Map(entries) : Object.fromEntries(entries);

/** A value without a schema. */
export const schemaless: Arbitrary<unknown> = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.uniqueArray(fc.tuple(name, tie('any')), { maxLength: 4, selector: ([key]) => key }).map(mapOf),
    fc
      .uniqueArray(fc.tuple(fc.oneof(name, integer(32), fc.boolean()), tie('any')), {
        maxLength: 3,
        selector: ([key]) => String(key),
      })
      .map((entries) => new Map(entries)),
  ),
})).any;

/** A primitive value with the schema of another type. */
export const misfit: Arbitrary<Typed> = fc
  .tuple(fc.constantFrom(...PRIMITIVES), fc.constantFrom(...PRIMITIVES))
  .filter(([type, other]) => other !== type && kindOf(type) !== kindOf(other))
  .chain(([type, other]) => present(Schema[other]()).map((value): Typed => [Schema[type](), value]));

/** What JavaScript can tell apart. */
export function kindOf(type: (typeof PRIMITIVES)[number]): string {
  return /^(int|float)/.test(type) ? 'number' : type;
}
