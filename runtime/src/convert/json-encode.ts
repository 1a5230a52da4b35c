import {
  DataError,
  describeValue,
  getField,
  isContainer,
  isDecimal,
  isInheritedName,
  type Schema,
} from '@tributary/api';
import {
  at,
  base64,
  below,
  compileScalarEncoder,
  type DecimalFormat,
  type Encode,
  type EncodeMisfit,
  encodeMisfit,
  MAX_DEPTH,
  quote,
} from '@tributary/api/json';
import { float64ToString } from '@tributary/api/text';

export interface EncodeOptions {
  readonly decimalFormat: DecimalFormat;
  readonly replaceNullWithDefault: boolean;
}

/** Makes the writer for one schema, once; the writer does no more per value than it must. */
export function compileEncoder(schema: Schema, options: EncodeOptions, path = ''): Encode {
  const encode = compileNonNull(schema, options, path);
  const takesDefault = schema.default !== undefined && schema.default !== null && options.replaceNullWithDefault;
  let forNull = !takesDefault && schema.optional ? 'null' : undefined;
  return (value) => {
    if (value !== null && value !== undefined) return encode(value);
    if (takesDefault) forNull ??= encode(schema.default);
    if (forNull !== undefined) return forNull;
    throw new DataError(
      `Conversion error: null value for field that is required and has no default value${at(path)} (${typeName(schema)})`,
    );
  };
}

const typeName = (schema: Schema): string => schema.name ?? schema.type.toUpperCase();

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
      return structEncoder(schema, options, path, misfit);
  }
}

/** Literals in headers make lists and maps whose elements have no common schema. */
function compileInner(schema: Schema | null, options: EncodeOptions, path: string): Encode {
  return schema === null ? encodeSchemaless : compileEncoder(schema, options, path);
}

function arrayEncoder(schema: Schema, options: EncodeOptions, path: string, misfit: EncodeMisfit): Encode {
  const encode = compileInner(schema.valueSchema, options, `${path}[]`);
  return (value) => {
    if (!Array.isArray(value)) throw misfit(value);
    let text = '[';
    for (let i = 0; i < value.length; i++) text += i === 0 ? encode(value[i]) : `,${encode(value[i])}`;
    return `${text}]`;
  };
}

function mapEncoder(schema: Schema, options: EncodeOptions, path: string, misfit: EncodeMisfit): Encode {
  const encodeKey = compileInner(schema.keySchema, options, `a key of ${path || 'the map'}`);
  const encodeValue = compileInner(schema.valueSchema, options, below(path, '*'));
  const asObject = schema.keySchema?.type === 'string';
  return (value) => {
    if (!isContainer(value)) throw misfit(value);
    let text = '';
    for (const [key, item] of value instanceof Map ? value : Object.entries(value)) {
      const encodedKey = encodeKey(key);
      if (text !== '') text += ',';
      if (asObject) text += `${encodedKey === 'null' ? '"null"' : encodedKey}:${encodeValue(item)}`;
      else text += `[${encodedKey},${encodeValue(item)}]`;
    }
    return asObject ? `{${text}}` : `[${text}]`;
  };
}

function structEncoder(schema: Schema, options: EncodeOptions, path: string, misfit: EncodeMisfit): Encode {
  const names = schema.fields.map(({ name }) => name);
  const prefixes = names.map((name, i) => `${i === 0 ? '{' : ','}${quote(name)}:`);
  const encoders = schema.fields.map((field) => compileEncoder(field.schema, options, below(path, field.name)));
  const read = names.some(isInheritedName)
    ? getField
    : (struct: object, name: string): unknown => (struct as Record<string, unknown>)[name];
  return (value) => {
    if (!isContainer(value) || value instanceof Map) throw misfit(value);
    if (names.length === 0) return '{}';
    let text = '';
    for (let i = 0; i < names.length; i++) text += prefixes[i]! + encoders[i]!(read(value, names[i]!));
    return `${text}}`;
  };
}

/** Whether JSON.stringify writes the value as it must be. */
function isSimple(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number': {
      if (Number.isSafeInteger(value)) return value !== 0 || !Object.is(value, -0);
      const size = Math.abs(value);
      return size >= 1e-3 && size < 1e7;
    }
    case 'object': {
      if (value === null) return true;
      if (depth > MAX_DEPTH) return false;
      if (Array.isArray(value)) return value.every((item) => isSimple(item, depth + 1));
      const prototype = Object.getPrototypeOf(value);
      if ((prototype !== Object.prototype && prototype !== null) || 'toJSON' in value) return false;
      for (const key in value) if (!isSimple((value as Record<string, unknown>)[key], depth + 1)) return false;
      return true;
    }
    default:
      return false;
  }
}

const SURROGATE = /[\ud800-\udfff]/;

/** The JSON text of a value without a schema: null, booleans, numbers, text, bytes, arrays and maps. @throws DataError for anything else */
export function encodeSchemaless(value: unknown): string {
  if (isSimple(value, 1)) {
    const json = JSON.stringify(value);
    if (!json.includes('\\u') && !SURROGATE.test(json)) return json;
  }
  return schemaless(value, '', 0);
}

function noSchema(value: unknown, path: string): DataError {
  return new DataError(
    `${describeValue(value)}${at(path)} has no type in JSON without a schema. Give the record a schema, or turn the value into a number or text first.`,
  );
}

function schemaless(value: unknown, path: string, depth: number): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return schemalessNumber(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return value.toString();
    case 'undefined':
      return 'null';
    case 'object':
      return value === null ? 'null' : schemalessObject(value, path, depth + 1);
    default:
      throw noSchema(value, path);
  }
}

function schemalessNumber(value: number): string {
  // Integers beyond 2^53 are bigints; a number of that size is a float64.
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? '-0.0' : String(value);
  const text = float64ToString(value);
  return Number.isFinite(value) ? text : `"${text}"`;
}

function schemalessObject(value: object, path: string, depth: number): string {
  if (depth > MAX_DEPTH) throw new DataError(`The value is nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    let text = '[';
    for (let i = 0; i < value.length; i++) text += `${i === 0 ? '' : ','}${schemaless(value[i], path, depth)}`;
    return `${text}]`;
  }
  if (value instanceof Map) return schemalessMap(value, path, depth);
  if (value instanceof Uint8Array) return base64(value);
  const prototype = Object.getPrototypeOf(value);
  if ((prototype !== Object.prototype && prototype !== null) || isDecimal(value)) throw noSchema(value, path);
  let text = '';
  for (const key of Object.keys(value)) {
    const item = (value as Record<string, unknown>)[key];
    if (item === undefined) continue;
    text += `${text === '' ? '' : ','}${quote(key)}:${schemaless(item, key, depth)}`;
  }
  return `{${text}}`;
}

function schemalessMap(map: ReadonlyMap<unknown, unknown>, path: string, depth: number): string {
  let asObject = true;
  for (const key of map.keys()) asObject &&= typeof key === 'string';
  let text = '';
  for (const [key, item] of map) {
    if (text !== '') text += ',';
    if (asObject) text += `${quote(key as string)}:${schemaless(item, key as string, depth)}`;
    else text += `[${schemaless(key, path, depth)},${schemaless(item, path, depth)}]`;
  }
  return asObject ? `{${text}}` : `[${text}]`;
}
