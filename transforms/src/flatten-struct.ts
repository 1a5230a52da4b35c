import { DataError, getField, Schema, setField } from '@tributary/api';
import { checkLength, type FlattenRules, joined } from './flatten-rules.ts';
import { jsonText } from './json-text.ts';
import type { Plain } from './side.ts';
import { hasDefault, schemaBasics } from './struct.ts';

/** Puts what a value holds into fields of the flat struct. */
type Writer = (value: unknown, flat: Record<string, unknown>) => void;

interface Builder {
  readonly rules: FlattenRules;
  readonly fields: [string, Schema][];
}

/**
 * Makes the flat schema of a struct's schema, and what flattens its structs. A field is optional if anything above it is, and has the
 * default that it, or what is above it, says.
 * @throws DataError for a map, and for two ways that lead to one name
 */
export function flattenStructs(
  schema: Schema,
  rules: FlattenRules,
): { schema: Schema; flatten(struct: Plain): Record<string, unknown> } {
  if (schema.type !== 'struct') throw new DataError('Cannot list fields on non-struct type');
  const builder: Builder = { rules, fields: [] };
  const write = structWriter(builder, schema, '', schema.optional, schema.default);
  const nulls: Record<string, unknown> = {};
  for (const [name] of builder.fields) setField(nulls, name, null);
  return {
    schema: Schema.struct(builder.fields, schemaBasics(schema)),
    flatten(struct) {
      const flat = { ...nulls };
      write(struct, flat);
      return flat;
    },
  };
}

function structWriter(
  builder: Builder,
  schema: Schema,
  prefix: string,
  optional: boolean,
  fromParent: unknown,
): Writer {
  const members = schema.fields.map(({ name, schema: fieldSchema }) => {
    const inherited = fromParent === null || fromParent === undefined ? null : getField(fromParent as Plain, name);
    const forNull = hasDefault(fieldSchema) ? fieldSchema.default : null;
    const write = writer(
      builder,
      fieldSchema,
      joined(prefix, name, builder.rules),
      optional || fieldSchema.optional,
      forNull ?? inherited ?? null,
    );
    // Java gives fields their defaults, but not structs theirs.
    return { name, write, forNull: fieldSchema.type === 'struct' ? null : forNull };
  });
  return (struct, flat) => {
    if (struct === null || struct === undefined) return;
    for (const { name, write, forNull } of members) write(getField(struct as Plain, name) ?? forNull, flat);
  };
}

function writer(builder: Builder, schema: Schema, name: string, optional: boolean, byDefault: unknown): Writer {
  const { rules, fields } = builder;
  if (schema.type === 'struct') return structWriter(builder, schema, name, optional, byDefault);
  if (schema.type === 'map')
    throw new DataError(`Flatten transformation does not support MAP for record with schemas (for field ${name}).`);
  if (schema.type === 'array' && rules.arrays === 'index') return elementWriter(builder, schema, name, byDefault);
  if (schema.type === 'array' && rules.arrays === 'json') {
    const text = byDefault === null ? null : jsonText(schema, byDefault);
    fields.push([name, Schema.string({ doc: schema.doc, optional, ...(text !== null && { default: text }) })]);
    return (value, flat) => setField(flat, name, value === null ? null : jsonText(schema, value));
  }
  fields.push([name, Schema.with(schema, { optional, default: byDefault ?? undefined })]);
  return (value, flat) => setField(flat, name, value);
}

/** An array as so many fields as it may have elements, all optional since it may have fewer. */
function elementWriter(builder: Builder, schema: Schema, name: string, byDefault: unknown): Writer {
  const { rules } = builder;
  if (rules.maxElements === null) {
    throw new DataError(
      `'arrays=index' needs 'arrays.max.elements' for records with a schema, since the array ${name} has no fixed number of elements`,
    );
  }
  const defaults = (byDefault ?? []) as readonly unknown[];
  const writers = Array.from({ length: rules.maxElements }, (_, i) =>
    writer(builder, schema.valueSchema!, joined(name, String(i), rules), true, defaults[i] ?? null),
  );
  return (value, flat) => {
    if (value === null) return;
    const items = value as readonly unknown[];
    checkLength(name, items, rules);
    for (const [i, item] of items.entries()) writers[i]!(item ?? null, flat);
  };
}
