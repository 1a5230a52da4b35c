import { isReorderedKey, type Schema, type SchemaOptions, setField } from '@tributary/api';
import type { Plain } from './side.ts';

/** What a struct's schema keeps when its fields change; whether it is optional and its default are not kept, as in Java. */
export function schemaBasics({ name, version, doc, parameters }: Schema): SchemaOptions {
  return { name, version, doc, parameters };
}

/** Makes a copy of structs of one schema, nulls replaced by the fields' defaults if that is asked for. */
export function structCopier(schema: Schema, replaceNull: boolean): (struct: Plain) => Record<string, unknown> {
  const withDefault = replaceNull ? schema.fields.filter((field) => hasDefault(field.schema)) : [];
  if (withDefault.length === 0) return (struct) => ({ ...struct });
  return (struct) => {
    const copy = { ...struct };
    for (const field of withDefault)
      if (copy[field.name] === null || copy[field.name] === undefined) setField(copy, field.name, field.schema.default);
    return copy;
  };
}

export const hasDefault = (schema: Schema): boolean => schema.default !== undefined && schema.default !== null;

/** What stands for a null field. */
export const nullOf = (schema: Schema, replaceNull: boolean): unknown =>
  replaceNull && hasDefault(schema) ? schema.default : null;

/** Whether a plain object keeps a key in its place. */
export const isPlainKey = (key: unknown): key is string =>
  typeof key === 'string' && key !== '__proto__' && !isReorderedKey(key);

/** A schemaless map of these entries: a plain object where that keeps keys and order, a Map otherwise. */
export function mapOf(entries: ReadonlyArray<readonly [unknown, unknown]>): Plain | ReadonlyMap<unknown, unknown> {
  if (!entries.every(([key]) => isPlainKey(key))) return new Map(entries);
  const map: Record<string, unknown> = {};
  for (const [key, value] of entries) map[key as string] = value;
  return map;
}

/** Makes copies of schemaless maps with one entry set. */
export function entrySetter(
  name: string,
): (map: Plain | ReadonlyMap<unknown, unknown>, value: unknown) => Plain | ReadonlyMap<unknown, unknown> {
  const plain = isPlainKey(name);
  return (map, value) => {
    if (plain && !(map instanceof Map)) {
      const copy: Record<string, unknown> = { ...map };
      copy[name] = value;
      return copy;
    }
    return new Map<unknown, unknown>(map instanceof Map ? map : Object.entries(map)).set(name, value);
  };
}
