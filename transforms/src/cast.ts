import {
  type Config,
  DataError,
  defineTransform,
  getField,
  LogicalName,
  list,
  type RecordTransform,
  Schema,
  setField,
} from '@tributary/api';
import { castTo, TARGETS, type Target } from './cast-values.ts';
import { PACKAGE, replaceNullWithDefault, VERSION } from './common-keys.ts';
import { KEY, type Plain, perSchema, requireMap, requireStruct, type Side, VALUE } from './side.ts';
import { hasDefault, isPlainKey, nullOf, schemaBasics } from './struct.ts';

/** What the spec asks for: one type for the whole value, or types by field. */
interface Spec {
  readonly whole: Target | null;
  readonly fields: ReadonlyMap<string, Target>;
}

function targetOf(text: string): Target {
  const name = text.trim().toLowerCase();
  const target = TARGETS.find((candidate) => candidate === name);
  if (!target)
    throw new DataError(`Invalid type found in casting spec: ${text.trim()}; types are ${TARGETS.join(', ')}`);
  return target;
}

function parseSpec(mappings: readonly string[]): Spec {
  if (mappings.length === 0) throw new DataError('Must specify at least one field to cast.');
  const fields = new Map<string, Target>();
  let whole: Target | null = null;
  for (const mapping of mappings) {
    // Java overlooks colons at the end.
    const parts = mapping.replace(/:+$/, '').split(':');
    if (parts.length > 2 || mapping.startsWith('::')) throw new DataError(`Invalid cast mapping: ${mapping}`);
    if (parts.length === 1) whole = targetOf(parts[0]!);
    else fields.set(parts[0]!.trim(), targetOf(parts[1]!));
  }
  if (whole !== null && mappings.length > 1)
    throw new DataError(
      'Cast transformations that specify a type to cast the entire value to may only specify a single cast in their spec',
    );
  return { whole, fields };
}

const config = {
  spec: list({
    importance: 'high',
    doc: `What to cast: field:type pairs (a:int32,b:string), or one type for the whole key or value. Types are ${TARGETS.join(', ')}; bytes can only become a string (Base64).`,
    validate: (mappings) => {
      try {
        parseSpec(mappings);
        return undefined;
      } catch (error) {
        return (error as Error).message;
      }
    },
  }),
  ...replaceNullWithDefault,
};

const PURPOSE = 'cast types';

/** Names whose values are a Date or a Decimal whatever the type says, so that a cast default does not fit them. */
const LOGICAL: ReadonlySet<string> = new Set(Object.values(LogicalName));

function castSchema(schema: Schema, target: Target): Schema {
  const value = castTo(schema, schema.default, target);
  if (value !== null && schema.name !== null && LOGICAL.has(schema.name))
    throw new DataError(`Invalid default value: ${target} for a schema that keeps the name ${schema.name}`);
  return Schema[target]({
    ...schemaBasics(schema),
    optional: schema.optional,
    ...(value !== null && { default: value }),
  });
}

function castField(schema: Schema, target: Target): Schema {
  const value = castTo(schema, schema.default, target);
  return Schema[target]({ optional: schema.optional, ...(value !== null && { default: value }) });
}

function create(side: Side, options: Config<typeof config>): RecordTransform {
  const { whole, fields: casts } = parseSpec(options.spec);

  const wholeSchema = perSchema((schema) => castSchema(schema, whole!));
  const plan = perSchema((schema) => {
    if (schema.type !== 'struct') throw new DataError('Cannot list fields on non-struct type');
    if (hasDefault(schema))
      throw new DataError('Cast transformation does not support a struct that has a default value of its own');
    const fields = schema.fields.map(({ name, schema }) => ({
      name,
      schema,
      target: casts.get(name),
      forNull: nullOf(schema, options['replace.null.with.default']),
    }));
    return {
      fields,
      schema: Schema.struct(
        fields.map(({ name, schema, target }) => [name, target ? castField(schema, target) : schema] as const),
        { ...schemaBasics(schema), optional: schema.optional },
      ),
    };
  });

  const plainNames = [...casts.keys()].every(isPlainKey);

  function schemaless(map: Plain | ReadonlyMap<unknown, unknown>) {
    if (plainNames && !(map instanceof Map)) {
      const updated: Record<string, unknown> = { ...map };
      for (const [name, target] of casts) updated[name] = castTo(null, getField(map, name), target);
      return updated;
    }
    const updated = new Map<unknown, unknown>(map instanceof Map ? map : Object.entries(map));
    for (const [name, target] of casts) updated.set(name, castTo(null, updated.get(name), target));
    return updated;
  }

  return (record) => {
    const value = side.valueOf(record) ?? null;
    if (value === null) return record;
    const schema = side.schemaOf(record);
    if (schema === null) {
      const updated = whole === null ? schemaless(requireMap(value, PURPOSE)) : castTo(null, value, whole);
      return side.replace(record, null, updated);
    }
    if (whole !== null) return side.replace(record, wholeSchema(schema), castTo(schema, value, whole));
    const { schema: updatedSchema, fields } = plan(schema);
    const struct = requireStruct(schema, value, PURPOSE);
    const updated: Record<string, unknown> = {};
    for (const { name, schema, target, forNull } of fields) {
      const original = getField(struct, name) ?? forNull;
      setField(updated, name, target === undefined ? original : castTo(schema, original, target));
    }
    return side.replace(record, updatedSchema, updated);
  };
}

const define = (side: Side) =>
  defineTransform({
    class: `${PACKAGE}.Cast$${side.suffix}`,
    aliases: [`Cast$${side.suffix}`],
    version: VERSION,
    doc: `Casts fields of the record's ${side.suffix.toLowerCase()}, or the whole of it, to another type.`,
    config,
    create: (options) => create(side, options),
  });

export const castKey = define(KEY);
export const castValue = define(VALUE);
