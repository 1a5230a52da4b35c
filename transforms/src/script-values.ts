/** What goes into a script and comes out of it. */
import {
  type ConnectRecord,
  DataError,
  fieldOf,
  isDecimal,
  type Schema,
  setField,
  validateValue,
} from '@tributary/api';
import { inferSchema } from './infer-schema.ts';

/** A copy that the script may change, as deep as it goes. */
export function copied(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copied);
  if (value instanceof Date) return new Date(value);
  if (value instanceof Uint8Array) return value.slice();
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [copied(key), copied(item)]));
  if (isDecimal(value)) return { ...value };
  const copy: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) setField(copy, name, copied(item));
  return copy;
}

/** The headers by name; of one that is there more than once, the last. */
export const headersOf = (record: ConnectRecord): Record<string, unknown> =>
  Object.fromEntries(record.headers.map(({ key, value }) => [key, copied(value)]));

/** Whether a struct has what its schema has no field for, here or further down; such things would be lost on the way. */
function hasStrays(schema: Schema, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  switch (schema.type) {
    case 'struct':
      return Object.entries(value).some(([name, item]) => {
        const field = fieldOf(schema, name);
        return !field || hasStrays(field.schema, item);
      });
    case 'array':
      return (value as unknown[]).some((item) => hasStrays(schema.valueSchema!, item));
    case 'map':
      return (value instanceof Map ? [...value.values()] : Object.values(value)).some((item) =>
        hasStrays(schema.valueSchema!, item),
      );
    default:
      return false;
  }
}

function fits(schema: Schema, value: unknown): boolean {
  try {
    validateValue(schema, value);
    return !hasStrays(schema, value);
  } catch (error) {
    if (error instanceof DataError) return false;
    throw error;
  }
}

/** Finds the schema of what a script made, given the one that was there before. */
export type SchemaFor = (before: Schema | null, value: unknown) => Schema | null;

export const keepSchema: SchemaFor = (before, value) => (before !== null && fits(before, value) ? before : null);

/** As {@link keepSchema}; a value without a schema gets one made for it. */
export function inferringSchema(): SchemaFor {
  const infer = inferSchema();
  return (before, value) => keepSchema(before, value) ?? (value === null ? null : infer(value));
}
