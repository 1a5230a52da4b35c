import { DataError, getField, isInheritedName, type Schema, setField } from '@tributary/api';
import {
  at,
  below,
  compileScalarDecoder,
  type Decode,
  type DecodeMisfit,
  decodeMisfit,
  Fraction,
  isObjectNode,
  listDecoder,
  nodeField,
  nodeType,
  textMapDecoder,
} from '@tributary/api/json';
import { isObjectKey, isUnion, MAP_KEY, MAP_VALUE } from './names.ts';

/**
 * Makes the reader for one schema, once. A value that is missing or null is the schema's default; without one a missing value is
 * null, as in Java also where the schema requires one.
 */
export function compileDecoder(schema: Schema, path = ''): Decode {
  const decode = compileNonNull(schema, path);
  const fallback = schema.default ?? null;
  return (node, exact) => {
    if (node !== null && node !== undefined) return decode(node, exact);
    if (fallback !== null || node === undefined || schema.optional) return fallback;
    throw new DataError(`Invalid null value for required ${schema.type.toUpperCase()} field${at(path)}`);
  };
}

function compileNonNull(schema: Schema, path: string): Decode {
  const scalar = compileScalarDecoder(schema, path);
  if (scalar) return scalar;
  const misfit = decodeMisfit(schema, path);
  switch (schema.type) {
    case 'array':
      return listDecoder(compileDecoder(schema.valueSchema!, `${path}[]`), misfit);
    case 'map':
      return isObjectKey(schema.keySchema!)
        ? textMapDecoder(compileDecoder(schema.valueSchema!, below(path, '*')), path)
        : entryMapDecoder(schema, path, misfit);
    default:
      return isUnion(schema) ? unionDecoder(schema, path) : structDecoder(schema, path);
  }
}

/** Whether a schema has a union in it: its members are told apart by how numbers are written, which JSON.parse does not tell. */
export function hasUnion(schema: Schema): boolean {
  return (
    isUnion(schema) ||
    schema.fields.some((field) => hasUnion(field.schema)) ||
    (schema.keySchema !== null && hasUnion(schema.keySchema)) ||
    (schema.valueSchema !== null && hasUnion(schema.valueSchema))
  );
}

function entryMapDecoder(schema: Schema, path: string, misfit: DecodeMisfit): Decode {
  const decodeKey = compileDecoder(schema.keySchema!, `a key of ${path || 'the map'}`);
  const decodeValue = compileDecoder(schema.valueSchema!, below(path, '*'));
  return (node, exact) => {
    if (!Array.isArray(node))
      throw new DataError(
        `Maps with non-string fields should be encoded as JSON array of objects, but found ${nodeType(node)}${at(path)}`,
      );
    const result = new Map<unknown, unknown>();
    for (const entry of node) {
      if (!isObjectNode(entry)) throw misfit(entry);
      const size = Object.keys(entry).length;
      if (size !== 2) throw new DataError(`Found invalid map entry, expected length 2 but found :${size}${at(path)}`);
      result.set(decodeKey(nodeField(entry, MAP_KEY), exact), decodeValue(nodeField(entry, MAP_VALUE), exact));
    }
    return result;
  };
}

function structDecoder(schema: Schema, path: string): Decode {
  const names = schema.fields.map(({ name }) => name);
  const decoders = schema.fields.map((field) => compileDecoder(field.schema, below(path, field.name)));
  const hasInherited = names.some(isInheritedName);
  /** Cloned for each struct, so that all have one hidden class from the start. */
  const blank = Object.fromEntries(names.map((name) => [name, null]));
  return (node, exact) => {
    if (!isObjectNode(node))
      throw new DataError(`Structs should be encoded as JSON objects, but found ${nodeType(node)}${at(path)}`);
    const struct: Record<string, unknown> = { ...blank };
    if (hasInherited || node instanceof Map) {
      for (let i = 0; i < names.length; i++)
        setField(struct, names[i]!, decoders[i]!(getField(node, names[i]!), exact));
    } else {
      for (let i = 0; i < names.length; i++)
        struct[names[i]!] = decoders[i]!((node as Record<string, unknown>)[names[i]!], exact);
    }
    return struct;
  };
}

/** The first simple member that fits, else the struct that has most fields in common with the value. */
function unionDecoder(schema: Schema, path: string): Decode {
  const members = schema.fields.map((field) => ({
    name: field.name,
    schema: field.schema,
    decode: compileDecoder(field.schema, below(path, field.name)),
  }));
  return (node, exact) => {
    let best: (typeof members)[number] | undefined;
    let most = 0;
    for (const member of members) {
      if (isInstance(member.schema, node)) {
        best = member;
        break;
      }
      const matching = matchingFields(member.schema, node);
      if (matching > most) {
        best = member;
        most = matching;
      }
    }
    // Java finds bytes only in values that did not come from text.
    best ??= members.find((member) => typeof node === 'string' && member.schema.type === 'bytes');
    if (!best) throw new DataError(`Did not find matching oneof field for data${at(path)}`);
    const struct: Record<string, unknown> = {};
    for (const { name } of members) struct[name] = null;
    struct[best.name] = best.decode(node, exact);
    return struct;
  };
}

function isInstance(schema: Schema, node: unknown): boolean {
  switch (schema.type) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return typeof node === 'bigint' || Number.isInteger(node);
    case 'float32':
    case 'float64':
      return typeof node === 'bigint' || typeof node === 'number' || node instanceof Fraction;
    case 'boolean':
      return typeof node === 'boolean';
    case 'string':
      return typeof node === 'string';
    case 'bytes':
      return node instanceof Fraction;
    case 'array':
      return Array.isArray(node);
    case 'map':
      return isObjectNode(node) || Array.isArray(node);
    case 'struct':
      return false;
  }
}

function matchingFields(schema: Schema, node: unknown): number {
  if (schema.type !== 'struct' || !isObjectNode(node)) return 0;
  let count = 0;
  for (const field of schema.fields) {
    const child = nodeField(node, field.name);
    if (child !== undefined) count += 1 + matchingFields(field.schema, child);
  }
  return count;
}
