import { fieldOf, getField, type Header, isInheritedName, Schema, type SinkRecord } from '@tributary/api';
import { type FieldPath, type PlaceField, parseFieldPath } from './field-path.ts';

/** Reads one value of a record, wherever in it it is. Made once, used for every record. */
export interface FieldReader {
  /** As configured. */
  readonly path: string;
  /** The last name of the path: what a column is called unless it is renamed. */
  readonly name: string;
  /** Undefined: the record has no such field. A field that is null and has a default in its schema reads as that, as in Java. */
  read(record: SinkRecord): unknown;
  /** Null: there is none. */
  schemaOf(record: SinkRecord): Schema | null;
}

/** A field with its value. */
export interface FieldValue {
  readonly name: string;
  readonly value: unknown;
  /** Null where the record carries no schema. */
  readonly schema: Schema | null;
}

const PLACE: Record<PlaceField, { readonly schema: Schema; read(record: SinkRecord): unknown }> = {
  __topic: { schema: Schema.string(), read: (record) => record.topic },
  __partition: { schema: Schema.int32(), read: (record) => record.partition },
  __offset: { schema: Schema.int64(), read: (record) => record.offset },
  // The number of milliseconds would need a guess at its unit in every sink; a Date says what it is.
  __timestamp: {
    schema: Schema.timestamp({ optional: true }),
    read: ({ timestamp }) => (timestamp === null ? null : new Date(timestamp)),
  },
};

/** @throws ConfigError for a path that cannot be read: see {@link parseFieldPath} */
export function fieldReader(path: string): FieldReader {
  const parsed = parseFieldPath(path);
  if (!('names' in parsed))
    return { path, name: parsed.root, read: PLACE[parsed.root].read, schemaOf: () => PLACE[parsed.root].schema };
  const { names } = parsed;
  const name = names.at(-1) ?? (parsed.root === 'header' ? parsed.name : parsed.root);
  const [rootValue, rootSchema] = rootOf(parsed);
  return {
    path,
    name,
    read: readOf(rootValue, rootSchema, names),
    schemaOf: (record) => innerSchema(rootSchema(record), names),
  };
}

type Root = readonly [(record: SinkRecord) => unknown, (record: SinkRecord) => Schema | null];

function rootOf(path: Exclude<FieldPath, { root: PlaceField }>): Root {
  if (path.root !== 'header')
    return path.root === 'key'
      ? [({ key }) => key, ({ keySchema }) => keySchema]
      : [({ value }) => value, ({ valueSchema }) => valueSchema];
  const { name } = path;
  const header = ({ headers }: SinkRecord): Header | undefined => headers.findLast(({ key }) => key === name);
  return [(record) => header(record)?.value, (record) => header(record)?.schema ?? null];
}

function readOf(rootValue: Root[0], rootSchema: Root[1], names: readonly string[]): FieldReader['read'] {
  const [name, ...deeper] = names;
  if (name === undefined) return rootValue;
  const read: FieldReader['read'] = (record) => inner(rootValue(record), rootSchema(record), names);
  if (deeper.length > 0 || isInheritedName(name)) return read;
  return (record) => {
    const root = rootValue(record);
    // Most records are plain objects and hold the field: nothing else needs to be known then.
    const value = isPlain(root) ? root[name] : undefined;
    return value ?? read(record);
  };
}

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;

function inner(root: unknown, schema: Schema | null, names: readonly string[]): unknown {
  let value = root;
  let at = schema;
  for (const name of names) {
    if (!isContainer(value)) return undefined;
    value = getField(value, name);
    at = at === null ? null : innerSchema(at, [name]);
    if ((value === undefined || value === null) && at?.default !== undefined) value = at.default;
  }
  return value;
}

function innerSchema(schema: Schema | null, names: readonly string[]): Schema | null {
  let at = schema;
  for (const name of names) {
    if (at === null) return null;
    at = at.type === 'struct' ? (fieldOf(at, name)?.schema ?? null) : at.type === 'map' ? at.valueSchema : null;
  }
  return at;
}

const isContainer = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Date) &&
  !(value instanceof Uint8Array);

/**
 * The fields of a struct, in the order of its schema, or of a schemaless map, in its own; null for what is neither.
 * Fields that a struct does not hold are null, or their default.
 */
export function fieldsOf(container: unknown, schema: Schema | null): readonly FieldValue[] | null {
  if (!isContainer(container)) return null;
  if (schema?.type === 'struct')
    return schema.fields.map(({ name, schema }) => ({
      name,
      value: getField(container, name) ?? schema.default ?? null,
      schema,
    }));
  if (schema !== null && schema.type !== 'map') return null;
  const entries = container instanceof Map ? [...container] : Object.entries(container);
  return entries.map(([name, value]) => ({ name: String(name), value, schema: schema?.valueSchema ?? null }));
}
