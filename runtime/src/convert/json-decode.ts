import { DataError, getField, isInheritedName, type Schema, setField } from '@tributary/api';
import {
  at,
  below,
  compileScalarDecoder,
  type Decode,
  type DecodeMisfit,
  decodeMisfit,
  isObjectNode,
  listDecoder,
  nodeType,
  textMapDecoder,
} from '@tributary/api/json';

export interface DecodeOptions {
  readonly replaceNullWithDefault: boolean;
}

const typeName = (schema: Schema): string => schema.type.toUpperCase();

/** Makes the reader for one schema, once. */
export function compileDecoder(schema: Schema, options: DecodeOptions, path = ''): Decode {
  const decode = compileNonNull(schema, options, path);
  const forNull =
    schema.default !== undefined && schema.default !== null && options.replaceNullWithDefault
      ? schema.default
      : schema.optional
        ? null
        : undefined;
  return (node, exact) => {
    if (node !== null && node !== undefined) return decode(node, exact);
    if (forNull !== undefined) return forNull;
    throw new DataError(`Invalid null value for required ${typeName(schema)} field${at(path)}`);
  };
}

function compileNonNull(schema: Schema, options: DecodeOptions, path: string): Decode {
  const scalar = compileScalarDecoder(schema, path);
  if (scalar) return scalar;
  const misfit = decodeMisfit(schema, path);
  switch (schema.type) {
    case 'array':
      return listDecoder(compileDecoder(schema.valueSchema!, options, `${path}[]`), misfit);
    case 'map':
      return mapDecoder(schema, options, path, misfit);
    default:
      return structDecoder(schema, options, path, misfit);
  }
}

function mapDecoder(schema: Schema, options: DecodeOptions, path: string, misfit: DecodeMisfit): Decode {
  const decodeKey = compileDecoder(schema.keySchema!, options, `a key of ${path || 'the map'}`);
  const decodeValue = compileDecoder(schema.valueSchema!, options, below(path, '*'));
  if (schema.keySchema!.type === 'string') return textMapDecoder(decodeValue, path);
  return (node, exact) => {
    if (!Array.isArray(node)) {
      throw new DataError(
        `Maps with non-string fields should be encoded as JSON array of tuples, but found ${nodeType(node)}${at(path)}`,
      );
    }
    const result = new Map<unknown, unknown>();
    for (const entry of node) {
      if (!Array.isArray(entry)) throw misfit(entry);
      if (entry.length !== 2)
        throw new DataError(`Found invalid map entry, expected length 2 but found :${entry.length}${at(path)}`);
      result.set(decodeKey(entry[0], exact), decodeValue(entry[1], exact));
    }
    return result;
  };
}

function structDecoder(schema: Schema, options: DecodeOptions, path: string, misfit: DecodeMisfit): Decode {
  const names = schema.fields.map(({ name }) => name);
  const decoders = schema.fields.map((field) => compileDecoder(field.schema, options, below(path, field.name)));
  const hasInherited = names.some(isInheritedName);
  /** Cloned for each struct, so that all have one hidden class from the start. */
  const blank = Object.fromEntries(names.map((name) => [name, null]));
  return (node, exact) => {
    if (!isObjectNode(node)) throw misfit(node);
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
