import { type ConnectRecord, DataError, describeValue, isContainer, isDecimal, type Schema } from '@tributary/api';

/** The half of a record that a transform works on. */
export interface Side {
  /** The suffix of the class names: `InsertField$Key`. */
  readonly suffix: 'Key' | 'Value';
  schemaOf(record: ConnectRecord): Schema | null;
  valueOf(record: ConnectRecord): unknown;
  /** The record with another schema and value on this side. */
  replace<R extends ConnectRecord>(record: R, schema: Schema | null, value: unknown): R;
}

export const KEY: Side = {
  suffix: 'Key',
  schemaOf: (record) => record.keySchema,
  valueOf: (record) => record.key,
  replace: (record, keySchema, key) => ({ ...record, keySchema, key }),
};

export const VALUE: Side = {
  suffix: 'Value',
  schemaOf: (record) => record.valueSchema,
  valueOf: (record) => record.value,
  replace: (record, valueSchema, value) => ({ ...record, valueSchema, value }),
};

/** A struct, or a schemaless map in its plain form. */
export type Plain = Readonly<Record<string, unknown>>;

const isStructOrMap = (value: unknown): value is object => isContainer(value) && !isDecimal(value);

/** @throws DataError unless the value is a struct of the schema */
export function requireStruct(schema: Schema, value: unknown, purpose: string): Plain {
  if (schema.type !== 'struct' || !isStructOrMap(value) || value instanceof Map)
    throw new DataError(`Only Struct objects supported for [${purpose}], found: ${describeValue(value)}`);
  return value as Plain;
}

/** @throws DataError unless the value is a schemaless map */
export function requireMap(value: unknown, purpose: string): Plain | ReadonlyMap<unknown, unknown> {
  if (!isStructOrMap(value))
    throw new DataError(
      `Only Map objects supported in absence of schema for [${purpose}], found: ${describeValue(value)}`,
    );
  return value as Plain | ReadonlyMap<unknown, unknown>;
}

/** Computes something once per schema object; remembers the last one apart, since records of a batch share theirs. */
export function perSchema<T>(compute: (schema: Schema) => T): (schema: Schema) => T {
  const known = new WeakMap<Schema, { result: T }>();
  let lastSchema: Schema | undefined;
  let lastResult: T | undefined;
  return (schema) => {
    if (schema === lastSchema) return lastResult as T;
    let entry = known.get(schema);
    if (!entry) {
      entry = { result: compute(schema) };
      known.set(schema, entry);
    }
    lastSchema = schema;
    lastResult = entry.result;
    return entry.result;
  };
}
