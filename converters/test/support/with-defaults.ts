import { Schema } from '@tributary/api';

/** The value as it is read where null is written as the default of its schema, which is what converters do unless told otherwise. */
export function withDefaults(schema: Schema, value: unknown): unknown {
  const present = value ?? schema.default ?? null;
  if (present === null) return null;
  switch (schema.type) {
    case 'array':
      return (present as unknown[]).map((item) => withDefaults(schema.valueSchema!, item));
    case 'map':
      return new Map(
        entriesOf(present as object).map(([key, item]) => [
          withDefaults(schema.keySchema!, key),
          withDefaults(schema.valueSchema!, item),
        ]),
      );
    case 'struct':
      return Object.fromEntries(
        schema.fields.map((field) => [
          field.name,
          withDefaults(field.schema, (present as Record<string, unknown>)[field.name]),
        ]),
      );
    default:
      return present;
  }
}

/** The value with each map as a Map, in which form it was read or not. */
export function withMaps(schema: Schema, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  switch (schema.type) {
    case 'array':
      return (value as unknown[]).map((item) => withMaps(schema.valueSchema!, item));
    case 'map':
      return new Map(entriesOf(value as object).map(([key, item]) => [key, withMaps(schema.valueSchema!, item)]));
    case 'struct':
      return Object.fromEntries(
        schema.fields.map((field) => [
          field.name,
          withMaps(field.schema, (value as Record<string, unknown>)[field.name]),
        ]),
      );
    default:
      return value;
  }
}

/** The schema with its defaults as they are read, so that one that was read can be compared. */
export function withPlainDefaults(schema: Schema): Schema {
  const { default: value } = schema;
  const options = { ...schema, default: value === undefined ? undefined : withDefaults(schema, value) };
  switch (schema.type) {
    case 'array':
      return Schema.array(withPlainDefaults(schema.valueSchema!), options);
    case 'map':
      return Schema.map(withPlainDefaults(schema.keySchema!), withPlainDefaults(schema.valueSchema!), options);
    case 'struct':
      return Schema.struct(
        schema.fields.map((field) => [field.name, withPlainDefaults(field.schema)] as const),
        options,
      );
    default:
      return schema;
  }
}

const entriesOf = (value: object): [unknown, unknown][] =>
  value instanceof Map ? [...value] : Object.entries(value as Record<string, unknown>);
