import { DataError, describeValue, isDecimal, isPlainObject, Schema, schemaEquals } from '@tributary/api';

/** So many inferred schemas are remembered. */
const REMEMBERED = 100;

/**
 * Makes what infers schemas: numbers are float64 (so that 10 and 10.5 have one schema), bigints int64, dates Timestamps; every field is
 * optional, and one that is null is a string. Values of one shape get one schema object.
 */
export function inferSchema(): (value: unknown) => Schema {
  const known: Schema[] = [];
  return (value) => {
    const schema = inferred(value, 'value');
    const same = known.find((other) => schemaEquals(other, schema));
    if (same) return same;
    known.unshift(schema);
    known.length = Math.min(known.length, REMEMBERED);
    return schema;
  };
}

const optional = { optional: true };

function inferred(value: unknown, path: string): Schema {
  switch (typeof value) {
    case 'string':
      return Schema.string(optional);
    case 'number':
      return Schema.float64(optional);
    case 'bigint':
      return Schema.int64(optional);
    case 'boolean':
      return Schema.boolean(optional);
  }
  if (value === null || value === undefined) return Schema.string(optional);
  if (value instanceof Date) return Schema.timestamp(optional);
  if (value instanceof Uint8Array) return Schema.bytes(optional);
  if (isDecimal(value)) return Schema.decimal(value.scale, optional);
  if (Array.isArray(value)) return Schema.array(common(value, path), optional);
  if (value instanceof Map) return Schema.map(Schema.string(), common([...value.values()], path), optional);
  if (!isPlainObject(value)) throw new DataError(`${path} is ${describeValue(value)}, which has no schema`);
  return Schema.struct(
    Object.entries(value).map(([name, item]) => [name, inferred(item, `${path}.${name}`)] as const),
    optional,
  );
}

/** The one schema of all items that are not null. @throws DataError if they have none */
function common(items: readonly unknown[], path: string): Schema {
  const schemas = items.filter((item) => item !== null).map((item, i) => inferred(item, `${path}[${i}]`));
  const first = schemas[0] ?? Schema.string(optional);
  if (schemas.every((schema) => schemaEquals(schema, first))) return first;
  throw new DataError(`${path} has elements of several types, which have no schema in common`);
}
