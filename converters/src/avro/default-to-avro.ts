import { DataError, dateToInteger, dateTypeOf, decimalToBytes, getField, isDecimal, type Schema } from '@tributary/api';
import { Fraction, nodeField } from '@tributary/api/json';
import { float32ToString, float64ToString } from '@tributary/api/text';
import type { AvroNode, Json } from './ast.ts';
import { hasTextKeys, isUnionSchema } from './kinds.ts';
import { scrubName } from './names.ts';
import type { AvroOptions } from './options.ts';

/** A Connect value as the JSON that stands for it in an Avro schema. @throws DataError if it is no value of the schema */
export function avroDefault(schema: Schema, value: unknown, options: AvroOptions): Json {
  if (value === null || value === undefined) return null;
  const dateType = dateTypeOf(schema);
  if (dateType) return dateToInteger(dateType, value as Date);
  switch (schema.type) {
    case 'float32':
      return fraction(float32ToString(value as number));
    case 'float64':
      return fraction(float64ToString(value as number));
    case 'bytes':
      return Buffer.from(isDecimal(value) ? decimalToBytes(value) : (value as Uint8Array)).toString('latin1');
    case 'array':
      return (value as unknown[]).map((item) => inner(schema.valueSchema, item, options));
    case 'map': {
      const entries = value instanceof Map ? [...value] : Object.entries(value as object);
      const pairs = entries.map(([key, item]) => [
        inner(schema.keySchema, key, options),
        inner(schema.valueSchema, item, options),
      ]);
      return hasTextKeys(schema, options) ? new Map(pairs as [string, Json][]) : pairs;
    }
    case 'struct': {
      const fields = schema.fields.map((field): [string, Json] => [
        options.scrubInvalidNames ? scrubName(field.name) : field.name,
        avroDefault(field.schema, getField(value as object, field.name) ?? field.schema.default, options),
      ]);
      return isUnionSchema(schema) ? (fields[0]?.[1] ?? null) : new Map(fields);
    }
    default:
      return value;
  }
}

function inner(schema: Schema | null, value: unknown, options: AvroOptions): Json {
  if (schema !== null) return avroDefault(schema, value, options);
  throw new DataError('A default of a list or map whose elements have no schema cannot be written in an Avro schema');
}

/** A number as Java prints it; NaN and the infinities, which JSON has not, as text. */
const fraction = (text: string): Json => (/^-?\d/.test(text) ? new Fraction(text) : text);

const isNumber = (json: Json): boolean =>
  typeof json === 'number' || typeof json === 'bigint' || json instanceof Fraction;

/** Whether the JSON is a value of the type; only then may it stand as default of a field. */
export function isValidDefault(node: AvroNode, json: Json): boolean {
  switch (node.kind) {
    case 'null':
      return json === null;
    case 'boolean':
      return typeof json === 'boolean';
    case 'int':
      return Number.isInteger(json) && (json as number) >= -(2 ** 31) && (json as number) < 2 ** 31;
    case 'long':
      return Number.isInteger(json) || typeof json === 'bigint';
    case 'float':
    case 'double':
      return isNumber(json);
    case 'string':
    case 'bytes':
    case 'enum':
    case 'fixed':
      return typeof json === 'string';
    case 'array':
      return Array.isArray(json) && json.every((item) => isValidDefault(node.items, item));
    case 'map':
      return isObject(json) && [...valuesOf(json)].every((item) => isValidDefault(node.values, item));
    case 'record':
      return (
        isObject(json) &&
        node.fields.every((field) => isValidDefault(field.type, nodeField(json, field.name) ?? nullOr(json, field)))
      );
    case 'union':
      return node.branches.some((branch) => isValidDefault(branch, json));
  }
}

const isObject = (json: Json): json is object =>
  typeof json === 'object' && json !== null && !Array.isArray(json) && !(json instanceof Fraction);

const valuesOf = (json: object): Iterable<Json> => (json instanceof Map ? json.values() : Object.values(json));

/** What a field of a default record has: null if the record says so, else the field's own default. */
function nullOr(json: object, field: { readonly name: string; readonly default: Json }): Json {
  return nodeField(json, field.name) === null ? null : field.default;
}
