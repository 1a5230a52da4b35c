import { getField, isContainer, isInheritedName, type Schema } from '@tributary/api';
import {
  below,
  compileScalarEncoder,
  type DecimalFormat,
  type EncodeMisfit,
  encodeMisfit,
  quote,
} from '@tributary/api/json';
import { isObjectKey, isUnion, MAP_KEY, MAP_VALUE } from './names.ts';

export interface EncodeOptions {
  readonly decimalFormat: DecimalFormat;
  /** Whether null stays null where the schema has a default. */
  readonly ignoreDefaultForNullables: boolean;
}

/**
 * Gives a value's JSON text; undefined for null where the schema allows none and has no default, as in Java: fields are then left out.
 * @throws DataError that names the place of what does not fit
 */
export type Encode = (value: unknown) => string | undefined;

/** Makes the writer for one schema, once. */
export function compileEncoder(schema: Schema, options: EncodeOptions, path = ''): Encode {
  const encode = compileNonNull(schema, options, path);
  let forNull: string | undefined;
  if (schema.default !== undefined && schema.default !== null && !options.ignoreDefaultForNullables)
    forNull = encode(schema.default);
  else if (schema.optional) forNull = 'null';
  return (value) => (value === null || value === undefined ? forNull : encode(value));
}

function compileNonNull(schema: Schema, options: EncodeOptions, path: string): Encode {
  const scalar = compileScalarEncoder(schema, options.decimalFormat, path);
  if (scalar) return scalar;
  const misfit = encodeMisfit(schema, path);
  switch (schema.type) {
    case 'array':
      return arrayEncoder(schema, options, path, misfit);
    case 'map':
      return mapEncoder(schema, options, path, misfit);
    default:
      return isUnion(schema)
        ? unionEncoder(schema, options, path, misfit)
        : structEncoder(schema, options, path, misfit);
  }
}

function arrayEncoder(schema: Schema, options: EncodeOptions, path: string, misfit: EncodeMisfit): Encode {
  const encode = compileEncoder(schema.valueSchema!, options, `${path}[]`);
  return (value) => {
    if (!Array.isArray(value)) throw misfit(value);
    let text = '[';
    for (let i = 0; i < value.length; i++) text += `${i === 0 ? '' : ','}${encode(value[i]) ?? 'null'}`;
    return `${text}]`;
  };
}

function mapEncoder(schema: Schema, options: EncodeOptions, path: string, misfit: EncodeMisfit): Encode {
  const encodeKey = compileEncoder(schema.keySchema!, options, `a key of ${path || 'the map'}`);
  const encodeValue = compileEncoder(schema.valueSchema!, options, below(path, '*'));
  const asObject = isObjectKey(schema.keySchema!);
  return (value) => {
    if (!isContainer(value)) throw misfit(value);
    let text = '';
    for (const [key, item] of value instanceof Map ? value : Object.entries(value)) {
      if (text !== '') text += ',';
      const itemText = encodeValue(item) ?? 'null';
      if (asObject) text += `${encodeKey(key) ?? '"null"'}:${itemText}`;
      else text += `{"${MAP_KEY}":${encodeKey(key) ?? 'null'},"${MAP_VALUE}":${itemText}}`;
    }
    return asObject ? `{${text}}` : `[${text}]`;
  };
}

type ReadField = (struct: object, name: string) => unknown;

function fieldReader(schema: Schema): ReadField {
  return schema.fields.some(({ name }) => isInheritedName(name))
    ? getField
    : (struct, name) => (struct as Record<string, unknown>)[name];
}

function structEncoder(schema: Schema, options: EncodeOptions, path: string, misfit: EncodeMisfit): Encode {
  const fields = schema.fields.map(({ name, schema: inner }) => ({
    name,
    prefix: `${quote(name)}:`,
    encode: compileEncoder(inner, options, below(path, name)),
  }));
  const read = fieldReader(schema);
  return (value) => {
    if (!isContainer(value) || value instanceof Map) throw misfit(value);
    let text = '';
    for (const { name, prefix, encode } of fields) {
      const field = encode(read(value, name));
      if (field !== undefined) text += `${text === '' ? '' : ','}${prefix}${field}`;
    }
    return `{${text}}`;
  };
}

/** The one field that is set; without its name. */
function unionEncoder(schema: Schema, options: EncodeOptions, path: string, misfit: EncodeMisfit): Encode {
  const members = schema.fields.map(({ name, schema: inner }) => ({
    name,
    encode: compileEncoder(inner, options, below(path, name)),
    // A field without a value has its default, as in Java's structs.
    fallback: options.ignoreDefaultForNullables ? undefined : inner.default,
  }));
  const read = fieldReader(schema);
  return (value) => {
    if (!isContainer(value) || value instanceof Map) throw misfit(value);
    for (const { name, encode, fallback } of members) {
      const member = read(value, name) ?? fallback;
      if (member !== null && member !== undefined) return encode(member);
    }
    return schema.optional ? 'null' : undefined;
  };
}
