import { DataError } from './errors.ts';
import { compareInt64 } from './int64.ts';

/** Connect's types. int64 values are {@link Int64}, bytes are Uint8Array, a map is a plain object or a Map. */
export type SchemaType =
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float32'
  | 'float64'
  | 'boolean'
  | 'string'
  | 'bytes'
  | 'array'
  | 'map'
  | 'struct';

export interface Field {
  readonly name: string;
  readonly index: number;
  readonly schema: Schema;
}

/**
 * The type of a key, a value or a header. Plain frozen data; compare with {@link schemaEquals}, cache by identity.
 * Source: org.apache.kafka.connect.data.Schema.
 */
export interface Schema {
  readonly type: SchemaType;
  readonly optional: boolean;
  /** A name makes a logical type (such as {@link Schema.timestamp}) or identifies a struct; null without one. */
  readonly name: string | null;
  readonly version: number | null;
  readonly doc: string | null;
  readonly parameters: Readonly<Record<string, string>> | null;
  /** Undefined: there is none. */
  readonly default: unknown;
  /** In order, for a struct; empty otherwise. */
  readonly fields: readonly Field[];
  /** Of a map. */
  readonly keySchema: Schema | null;
  /** Of a map's values or an array's elements. */
  readonly valueSchema: Schema | null;
}

export interface SchemaOptions {
  /** Whether null is allowed. Default: false. */
  optional?: boolean;
  /** Used where a value is null or missing. Default: none. */
  default?: unknown;
  name?: string | null;
  version?: number | null;
  doc?: string | null;
  parameters?: Readonly<Record<string, string>> | null;
}

/** The names of Connect's logical types, as they stand in a schema's `name`. */
export const LogicalName = {
  decimal: 'org.apache.kafka.connect.data.Decimal',
  date: 'org.apache.kafka.connect.data.Date',
  time: 'org.apache.kafka.connect.data.Time',
  timestamp: 'org.apache.kafka.connect.data.Timestamp',
} as const;

const SCALE = 'scale';
const NO_FIELDS: readonly Field[] = Object.freeze([]);

interface Inner {
  fields?: readonly Field[];
  keySchema?: Schema;
  valueSchema?: Schema;
}

function make(type: SchemaType, options: SchemaOptions, inner: Inner = {}): Schema {
  return Object.freeze({
    type,
    optional: options.optional ?? false,
    name: options.name ?? null,
    version: options.version ?? null,
    doc: options.doc ?? null,
    parameters: options.parameters ? Object.freeze({ ...options.parameters }) : null,
    default: options.default,
    fields: inner.fields ?? NO_FIELDS,
    keySchema: inner.keySchema ?? null,
    valueSchema: inner.valueSchema ?? null,
  });
}

type Primitive = Exclude<SchemaType, 'array' | 'map' | 'struct'>;

function primitive(type: Primitive): (options?: SchemaOptions) => Schema {
  const required = make(type, {});
  const optional = make(type, { optional: true });
  return (options) => {
    if (options === undefined) return required;
    const keys = Object.keys(options);
    return keys.length === 1 && options.optional !== undefined
      ? options.optional
        ? optional
        : required
      : make(type, options);
  };
}

function logical(type: Primitive, name: string): (options?: SchemaOptions) => Schema {
  return (options = {}) => make(type, { version: 1, ...options, name });
}

/** A struct's fields: an object in the order of its keys, or pairs where a name looks like an integer (objects reorder those). */
export type FieldsInput = Readonly<Record<string, Schema>> | ReadonlyArray<readonly [name: string, schema: Schema]>;

function fieldsOf(input: FieldsInput): readonly Field[] {
  const pairs = Array.isArray(input) ? (input as ReadonlyArray<readonly [string, Schema]>) : Object.entries(input);
  const names = new Set<string>();
  return Object.freeze(
    pairs.map(([name, schema], index) => {
      if (names.has(name)) throw new DataError(`Cannot create field because of field name duplication ${name}`);
      names.add(name);
      return Object.freeze({ name, index, schema });
    }),
  );
}

/** Makes schemas. Without options the same frozen object is returned each time. */
export const Schema = {
  int8: primitive('int8'),
  int16: primitive('int16'),
  int32: primitive('int32'),
  int64: primitive('int64'),
  float32: primitive('float32'),
  float64: primitive('float64'),
  boolean: primitive('boolean'),
  string: primitive('string'),
  bytes: primitive('bytes'),
  array: (items: Schema, options: SchemaOptions = {}): Schema => make('array', options, { valueSchema: items }),
  map: (keys: Schema, values: Schema, options: SchemaOptions = {}): Schema =>
    make('map', options, { keySchema: keys, valueSchema: values }),
  struct: (fields: FieldsInput, options: SchemaOptions = {}): Schema =>
    make('struct', options, { fields: fieldsOf(fields) }),
  /** Values are {@link Decimal} with this scale. */
  decimal: (scale: number, options: SchemaOptions = {}): Schema =>
    make('bytes', {
      version: 1,
      ...options,
      name: LogicalName.decimal,
      parameters: { ...options.parameters, [SCALE]: String(scale) },
    }),
  /** Values are a Date at midnight UTC. */
  date: logical('int32', LogicalName.date),
  /** Values are a Date on 1970-01-01 UTC. */
  time: logical('int32', LogicalName.time),
  /** Values are a Date, to the millisecond. */
  timestamp: logical('int64', LogicalName.timestamp),
  /** A copy of a schema with some of its properties replaced. */
  with: (schema: Schema, options: SchemaOptions): Schema =>
    make(
      schema.type,
      { ...schema, ...options },
      {
        fields: schema.fields,
        ...(schema.keySchema && { keySchema: schema.keySchema }),
        ...(schema.valueSchema && { valueSchema: schema.valueSchema }),
      },
    ),
} as const;

const fieldIndexes = new WeakMap<Schema, Map<string, Field>>();

/** A struct's field by name, or undefined. */
export function fieldOf(schema: Schema, name: string): Field | undefined {
  let index = fieldIndexes.get(schema);
  if (!index) {
    index = new Map(schema.fields.map((field) => [field.name, field]));
    fieldIndexes.set(schema, index);
  }
  return index.get(name);
}

/** The scale of a decimal schema. @throws DataError if the schema has none */
export function decimalScale(schema: Schema): number {
  const scale = schema.parameters?.[SCALE];
  if (scale === undefined || !/^[+-]?\d+$/.test(scale)) {
    throw new DataError(
      `Invalid Decimal schema: the parameter 'scale' is ${scale === undefined ? 'missing' : `'${scale}'`}`,
    );
  }
  return Number(scale);
}

/** Deep equality of two schemas, defaults included. */
export function schemaEquals(a: Schema | null, b: Schema | null): boolean {
  if (a === b) return true;
  if (!a || !b) return false;
  return (
    a.type === b.type &&
    a.optional === b.optional &&
    a.name === b.name &&
    a.version === b.version &&
    a.doc === b.doc &&
    parametersEqual(a.parameters, b.parameters) &&
    valueEquals(a.default, b.default) &&
    a.fields.length === b.fields.length &&
    a.fields.every((field, i) => field.name === b.fields[i]!.name && schemaEquals(field.schema, b.fields[i]!.schema)) &&
    schemaEquals(a.keySchema, b.keySchema) &&
    schemaEquals(a.valueSchema, b.valueSchema)
  );
}

function parametersEqual(a: Schema['parameters'], b: Schema['parameters']): boolean {
  const left = Object.entries(a ?? {});
  return left.length === Object.keys(b ?? {}).length && left.every(([key, value]) => b?.[key] === value);
}

const isNumeric = (value: unknown): value is number | bigint => typeof value === 'number' || typeof value === 'bigint';

/** Deep equality of two values of Connect's types; an int64 equals itself in its other form. */
export function valueEquals(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a === 'bigint' || typeof b === 'bigint') {
    return isNumeric(a) && isNumeric(b) && compareInt64(a, b) === 0;
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime();
  if (a instanceof Uint8Array)
    return b instanceof Uint8Array && a.length === b.length && a.every((byte, i) => byte === b[i]);
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => valueEquals(item, b[i]));
  if (a instanceof Map) {
    return (
      b instanceof Map &&
      a.size === b.size &&
      [...a].every(([key, value]) => b.has(key) && valueEquals(value, b.get(key)))
    );
  }
  if (b instanceof Date || b instanceof Uint8Array || Array.isArray(b) || b instanceof Map) return false;
  const left = Object.entries(a);
  return (
    left.length === Object.keys(b).length &&
    left.every(([key, value]) => Object.hasOwn(b, key) && valueEquals(value, (b as Record<string, unknown>)[key]))
  );
}
