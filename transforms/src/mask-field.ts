import { type Config, defineTransform, getField, list, type RecordTransform, setField, string } from '@tributary/api';
import { PACKAGE, replaceNullWithDefault, VERSION } from './common-keys.ts';
import { masking } from './mask-values.ts';
import { KEY, type Plain, perSchema, requireMap, requireStruct, type Side, VALUE } from './side.ts';
import { isPlainKey, nullOf, structCopier } from './struct.ts';

const config = {
  fields: list({
    importance: 'high',
    doc: 'The fields to mask.',
    validate: (fields) => (fields.length === 0 ? 'Empty list' : undefined),
  }),
  replacement: string({
    default: null,
    nonEmpty: true,
    importance: 'low',
    doc: 'What the fields get in place of their values, for numbers and text. Without it: 0, false, empty text, an empty array or map, or the start of 1970.',
  }),
  ...replaceNullWithDefault,
};

const PURPOSE = 'mask fields';

function create(side: Side, { fields, replacement, ...options }: Config<typeof config>): RecordTransform {
  const mask = masking(replacement);
  const replaceNull = options['replace.null.with.default'];
  const plan = perSchema((schema) => {
    const masked = schema.fields
      .filter(({ name }) => fields.includes(name))
      .map(({ name, schema }) => ({ name, schema, forNull: nullOf(schema, replaceNull) }));
    return { masked, copy: structCopier(schema, replaceNull) };
  });
  const plainNames = fields.every(isPlainKey);

  function schemaless(map: Plain | ReadonlyMap<unknown, unknown>) {
    if (plainNames && !(map instanceof Map)) {
      const updated: Record<string, unknown> = { ...map };
      for (const name of fields) updated[name] = mask(null, getField(map, name));
      return updated;
    }
    const updated = new Map<unknown, unknown>(map instanceof Map ? map : Object.entries(map));
    for (const name of fields) updated.set(name, mask(null, updated.get(name)));
    return updated;
  }

  return (record) => {
    const schema = side.schemaOf(record);
    const value = side.valueOf(record);
    if (schema === null) return side.replace(record, null, schemaless(requireMap(value, PURPOSE)));
    const struct = requireStruct(schema, value, PURPOSE);
    const { masked, copy } = plan(schema);
    const updated = copy(struct);
    for (const { name, schema, forNull } of masked)
      setField(updated, name, mask(schema, getField(struct, name) ?? forNull));
    return side.replace(record, schema, updated);
  };
}

const define = (side: Side) =>
  defineTransform({
    class: `${PACKAGE}.MaskField$${side.suffix}`,
    aliases: [`MaskField$${side.suffix}`],
    version: VERSION,
    doc: `Puts a fixed value in the place of fields of the record's ${side.suffix.toLowerCase()}, to hide what they hold.`,
    config,
    create: (options) => create(side, options),
  });

export const maskFieldKey = define(KEY);
export const maskFieldValue = define(VALUE);
