/** Connect schemas of every kind, with values, made by chance from a seed. */
import { decimalScale, LogicalName, Schema, type SchemaOptions } from '@tributary/api';
import type { Random } from '@tributary/services';

const TEXTS = [
  '',
  'plain',
  'é€😀',
  '"\\/\n\u0000',
  'a longer text that goes beyond the forty characters of the fast way',
  'AAPL',
];
const INTS = [0, 1, -1, 63, 64, -64, -65, 127, -128];
const INT32S = [...INTS, 2 ** 31 - 1, -(2 ** 31), 1_000_000];
const INT64S = [...INT32S, 2 ** 53 - 1, -(2 ** 53 - 1), 2n ** 63n - 1n, -(2n ** 63n), 2 ** 40, -(2 ** 52), 2n ** 60n];
const DOUBLES = [0, -0, 1.5, -0.1, 1e300, 5e-324, Number.NaN, Number.POSITIVE_INFINITY, 100];
const FIELD_NAMES = ['id', 'price', 'Symbol', '_x', 'constructor', 'größe', 'a1', 'value', 'key', 'ts'];
const TYPE_NAMES = [null, 'Trade', 'com.example.Trade', 'com.example.deep.Quote', 'io.confluent.connect.avro.Odd'];

const bytes = (random: Random): Uint8Array => Uint8Array.from({ length: random.below(6) }, () => random.below(256));

/** Unique within one case, so that no two types share a name. */
class Names {
  #count = 0;
  readonly #random: Random;
  constructor(random: Random) {
    this.#random = random;
  }
  next(): string | null {
    const base = this.#random.pick(TYPE_NAMES);
    return base === null ? null : `${base}${this.#count++ || ''}`;
  }
}

export function randomSchema(random: Random, depth = 3): Schema {
  return schemaOf(random, depth, new Names(random));
}

function schemaOf(random: Random, depth: number, names: Names): Schema {
  const schema = plain(random, depth, names);
  if (!random.chance(0.2) || schema.type === 'struct') return schema;
  const value = randomValue(random, Schema.with(schema, { optional: false, default: undefined }));
  return Schema.with(schema, { default: value });
}

function options(random: Random): SchemaOptions {
  return {
    ...(random.chance(0.35) && { optional: true }),
    ...(random.chance(0.1) && { doc: random.pick(TEXTS.slice(1)) }),
    ...(random.chance(0.1) && { parameters: { unit: 'EUR', 'avro.java.string': 'String', 'é"': 'x' } }),
  };
}

function plain(random: Random, depth: number, names: Names): Schema {
  const common = options(random);
  const named = random.chance(0.1) ? { ...common, name: 'semantic.Name', version: 3 } : common;
  switch (random.below(depth > 0 ? 20 : 13)) {
    case 0:
      return Schema.int8(named);
    case 1:
      return Schema.int16(named);
    case 2:
      return Schema.int32(named);
    case 3:
    case 4:
      return Schema.int64(named);
    case 5:
      return Schema.float32(named);
    case 6:
      return Schema.float64(named);
    case 7:
      return Schema.boolean(named);
    case 8:
      return Schema.string(named);
    case 9:
      return Schema.bytes(named);
    case 10:
      return Schema.decimal(random.below(12), {
        ...common,
        ...(random.chance(0.4) && { parameters: { 'connect.decimal.precision': '20' } }),
      });
    case 11:
      return Schema.timestamp(common);
    case 12:
      return random.chance(0.5) ? Schema.date(common) : Schema.time(common);
    case 13:
    case 14:
      return Schema.array(schemaOf(random, depth - 1, names), common);
    case 15:
      return Schema.map(Schema.string(), schemaOf(random, depth - 1, names), common);
    case 16:
      return Schema.map(
        random.pick([Schema.int32(), Schema.int64(), Schema.string({ optional: true })]),
        schemaOf(random, depth - 1, names),
        { ...common, ...(random.chance(0.3) && { name: names.next() }) },
      );
    default:
      return structOf(random, depth, names);
  }
}

function structOf(random: Random, depth: number, names: Names): Schema {
  const fieldNames = new Set(Array.from({ length: random.below(6) }, () => random.pick(FIELD_NAMES)));
  return Schema.struct(
    [...fieldNames].map((name) => [name, schemaOf(random, depth - 1, names)] as const),
    {
      ...options(random),
      name: names.next(),
      ...(random.chance(0.2) && { version: 1 + random.below(9) }),
      ...(random.chance(0.2) && {
        parameters: {
          'io.confluent.connect.avro.record.doc': 'of the record',
          'io.confluent.connect.avro.field.doc.id': 'of a field',
        },
      }),
    },
  );
}

/** A value of the schema; null now and then where that is allowed. */
export function randomValue(random: Random, schema: Schema): unknown {
  if (schema.optional && random.chance(0.3)) return null;
  switch (schema.name) {
    case LogicalName.decimal:
      return {
        unscaled: random.pick([0n, 1n, -1n, 127n, 128n, -128n, -129n, 12345678901234567890n]),
        scale: decimalScale(schema),
      };
    case LogicalName.timestamp:
      return new Date(random.pick([0, -1, 1_700_000_000_123]));
    case LogicalName.date:
      return new Date(random.pick([0, -1, 20_000]) * 86_400_000);
    case LogicalName.time:
      return new Date(random.pick([0, 1, 86_399_999]));
  }
  switch (schema.type) {
    case 'int8':
      return random.pick(INTS);
    case 'int16':
      return random.pick([...INTS, 32767, -32768]);
    case 'int32':
      return random.pick(INT32S);
    case 'int64':
      return random.pick(INT64S);
    case 'float32':
      return Math.fround(random.pick([0, -0, 1.5, 0.1, 3.4028234663852886e38]));
    case 'float64':
      return random.pick(DOUBLES);
    case 'boolean':
      return random.chance(0.5);
    case 'string':
      return random.pick(TEXTS);
    case 'bytes':
      return bytes(random);
    case 'array':
      return Array.from({ length: random.below(4) }, () => randomValue(random, schema.valueSchema!));
    case 'map':
      return mapOf(random, schema);
    case 'struct':
      return Object.fromEntries(schema.fields.map((field) => [field.name, randomValue(random, field.schema)]));
  }
}

function mapOf(random: Random, schema: Schema): unknown {
  const entries = Array.from({ length: random.below(3) }, (): [unknown, unknown] => [
    randomValue(random, schema.keySchema!),
    randomValue(random, schema.valueSchema!),
  ]);
  return schema.keySchema!.type === 'string' && !schema.keySchema!.optional
    ? Object.fromEntries(entries)
    : new Map(entries);
}
