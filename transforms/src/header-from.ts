import {
  type Config,
  ConfigError,
  DataError,
  defineTransform,
  fieldOf,
  getField,
  type Header,
  list,
  type RecordTransform,
  Schema,
  setField,
  string,
} from '@tributary/api';
import { PACKAGE, replaceNullWithDefault, VERSION } from './common-keys.ts';
import { KEY, perSchema, requireMap, requireStruct, type Side, VALUE } from './side.ts';
import { mapOf, nullOf, schemaBasics } from './struct.ts';

const notEmpty = (names: readonly string[]): string | undefined => (names.length === 0 ? 'Empty list' : undefined);

const config = {
  fields: list({
    importance: 'high',
    doc: 'The fields whose values become headers.',
    repeats: true,
    validate: notEmpty,
  }),
  headers: list({
    importance: 'high',
    doc: 'The names of the headers, one for each field.',
    repeats: true,
    validate: notEmpty,
  }),
  operation: string({
    oneOf: ['move', 'copy'],
    importance: 'high',
    doc: 'Whether the fields are moved (and are gone from the record) or copied.',
  }),
  ...replaceNullWithDefault,
};

function create(side: Side, { fields, headers, operation, ...options }: Config<typeof config>): RecordTransform {
  if (fields.length !== headers.length)
    throw new ConfigError("'fields' config must have the same number of elements as 'headers' config.");
  const purpose = `header ${operation}`;
  const moved = new Set<unknown>(operation === 'move' ? fields : []);

  const plan = perSchema((schema) => {
    const replaceNull = options['replace.null.with.default'];
    const taken = fields.map((name, i) => {
      const field = fieldOf(schema, name);
      if (!field) throw new DataError(`Field does not exist: ${name}`);
      return { name, header: headers[i]!, schema: field.schema, forNull: nullOf(field.schema, replaceNull) };
    });
    const kept = schema.fields
      .filter(({ name }) => !moved.has(name))
      .map(({ name, schema }) => ({ name, schema, forNull: nullOf(schema, replaceNull) }));
    const keptSchema = Schema.struct(
      kept.map(({ name, schema }) => [name, schema] as const),
      schemaBasics(schema),
    );
    return { taken, kept, schema: operation === 'move' ? keptSchema : schema };
  });

  return (record) => {
    const schema = side.schemaOf(record);
    const value = side.valueOf(record);
    if (schema === null) {
      const map = requireMap(value, purpose);
      const added = fields.map(
        (name, i): Header => ({ key: headers[i]!, value: getField(map, name) ?? null, schema: null }),
      );
      const entries = map instanceof Map ? [...map] : Object.entries(map);
      const rest = operation === 'move' ? mapOf(entries.filter(([key]) => !moved.has(key))) : map;
      return side.replace({ ...record, headers: [...record.headers, ...added] }, null, rest);
    }
    const struct = requireStruct(schema, value, purpose);
    const { taken, kept, schema: updatedSchema } = plan(schema);
    const added = taken.map(
      ({ name, header, schema, forNull }): Header => ({
        key: header,
        value: getField(struct, name) ?? forNull,
        schema,
      }),
    );
    const withHeaders = { ...record, headers: [...record.headers, ...added] };
    if (operation === 'copy') return side.replace(withHeaders, updatedSchema, struct);
    const updated: Record<string, unknown> = {};
    for (const { name, forNull } of kept) setField(updated, name, getField(struct, name) ?? forNull);
    return side.replace(withHeaders, updatedSchema, updated);
  };
}

const define = (side: Side) =>
  defineTransform({
    class: `${PACKAGE}.HeaderFrom$${side.suffix}`,
    aliases: [`HeaderFrom$${side.suffix}`],
    version: VERSION,
    doc: `Moves or copies fields of the record's ${side.suffix.toLowerCase()} into headers.`,
    config,
    create: (options) => create(side, options),
  });

export const headerFromKey = define(KEY);
export const headerFromValue = define(VALUE);
