import {
  type Config,
  defineTransform,
  getField,
  isInheritedName,
  list,
  type RecordTransform,
  Schema,
  setField,
} from '@tributary/api';
import { PACKAGE, replaceNullWithDefault, VERSION } from './common-keys.ts';
import { KEY, type Plain, perSchema, requireMap, requireStruct, type Side, VALUE } from './side.ts';
import { isPlainKey, mapOf, nullOf, schemaBasics } from './struct.ts';

/** `a:b`, with or without colons at the end, which Java overlooks; null if it is something else. */
function renaming(mapping: string): readonly [from: string, to: string] | null {
  const parts = mapping.replace(/:+$/, '').split(':');
  return parts.length === 2 ? [parts[0]!, parts[1]!] : null;
}

const config = {
  exclude: list({ default: [], doc: "The fields to leave out, even if 'include' names them." }),
  include: list({ default: [], doc: 'The fields to keep. Empty: all.' }),
  renames: list({
    default: [],
    doc: 'New names for fields, as pairs with a colon between: old:new,old2:new2.',
    validate: (mappings) => {
      const wrong = mappings.find((mapping) => renaming(mapping) === null);
      return wrong === undefined ? undefined : `Invalid rename mapping: ${wrong}`;
    },
  }),
  ...replaceNullWithDefault,
};

const PURPOSE = 'field replacement';

function create(side: Side, options: Config<typeof config>): RecordTransform {
  const exclude = new Set<unknown>(options.exclude);
  const include = new Set<unknown>(options.include);
  const renames = new Map<unknown, string>(options.renames.map((mapping) => renaming(mapping)!));
  const keeps = (name: unknown): boolean => !exclude.has(name) && (include.size === 0 || include.has(name));

  const plan = perSchema((schema) => {
    const fields = schema.fields
      .filter(({ name }) => keeps(name))
      .map(({ name, schema }) => ({
        from: name,
        inherited: isInheritedName(name),
        to: renames.get(name) ?? name,
        schema,
        forNull: nullOf(schema, options['replace.null.with.default']),
      }));
    return {
      fields,
      schema: Schema.struct(
        fields.map(({ to, schema }) => [to, schema] as const),
        schemaBasics(schema),
      ),
    };
  });

  const plainTargets = [...renames.values()].every(isPlainKey);

  function schemaless(map: Plain | ReadonlyMap<unknown, unknown>) {
    if (map instanceof Map || !plainTargets) {
      const entries = [...(map instanceof Map ? map : Object.entries(map))];
      return mapOf(
        entries.filter(([key]) => keeps(key)).map(([key, value]) => [renames.get(key) ?? key, value] as const),
      );
    }
    const updated: Record<string, unknown> = {};
    for (const key of Object.keys(map)) if (keeps(key)) setField(updated, renames.get(key) ?? key, (map as Plain)[key]);
    return updated;
  }

  return (record) => {
    const value = side.valueOf(record);
    if (value === null || value === undefined) return record;
    const schema = side.schemaOf(record);
    if (schema === null) return side.replace(record, null, schemaless(requireMap(value, PURPOSE)));
    const struct = requireStruct(schema, value, PURPOSE);
    const { schema: updatedSchema, fields } = plan(schema);
    const updated: Record<string, unknown> = {};
    for (const { from, inherited, to, forNull } of fields)
      setField(updated, to, (inherited ? getField(struct, from) : struct[from]) ?? forNull);
    return side.replace(record, updatedSchema, updated);
  };
}

const define = (side: Side) =>
  defineTransform({
    class: `${PACKAGE}.ReplaceField$${side.suffix}`,
    aliases: [`ReplaceField$${side.suffix}`],
    version: VERSION,
    doc: `Leaves out or renames fields of the record's ${side.suffix.toLowerCase()}.`,
    config,
    create: (options) => create(side, options),
  });

export const replaceFieldKey = define(KEY);
export const replaceFieldValue = define(VALUE);
