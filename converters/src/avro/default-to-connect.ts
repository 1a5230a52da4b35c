import {
  dateFromInteger,
  dateTypeOf,
  decimalFromBytes,
  decimalScale,
  int64,
  LogicalName,
  type Schema,
  setField,
  validateValue,
} from '@tributary/api';
import { Fraction, nodeField } from '@tributary/api/json';
import type { AvroNode, Json, RecordNode } from './ast.ts';
import { branchField, isUnionSchema } from './kinds.ts';
import { scrubName } from './names.ts';
import { type AvroOptions, Name } from './options.ts';
import { jsonEntries } from './schema-json.ts';

/** The Connect value that a default in an Avro schema stands for; undefined if it is no value of the type. */
export function connectDefault(schema: Schema, node: AvroNode, json: Json, options: AvroOptions): unknown {
  try {
    const value = convert(schema, node, json, options);
    if (value === null) return undefined;
    validateValue(schema, value);
    return value;
  } catch {
    return undefined;
  }
}

function convert(schema: Schema, node: AvroNode, json: Json, options: AvroOptions): unknown {
  if (json === null || json === undefined) return null;
  const dateType = dateTypeOf(schema);
  if (dateType) return dateFromInteger(dateType, Number(json));
  switch (node.kind) {
    case 'int':
      return json;
    case 'long':
      return int64(json as number | bigint);
    case 'float':
      return Math.fround(toNumber(json));
    case 'double':
      return toNumber(json);
    case 'bytes':
    case 'fixed': {
      const bytes = Buffer.from(json as string, 'latin1');
      return schema.name === LogicalName.decimal ? decimalFromBytes(bytes, decimalScale(schema)) : bytes;
    }
    case 'array':
      return schema.type === 'map'
        ? entries(schema, node.items as RecordNode, json as Json[], options)
        : (json as Json[]).map((item) => convert(schema.valueSchema!, node.items, item, options));
    case 'map': {
      const map: Record<string, unknown> = {};
      for (const [key, item] of jsonEntries(json as object))
        setField(map, key, convert(schema.valueSchema!, node.values, item, options));
      return map;
    }
    case 'record':
      return struct(schema, node, json as object, options);
    case 'union':
      return unionValue(schema, node, json, options);
    default:
      return json;
  }
}

function toNumber(json: Json): number {
  if (json instanceof Fraction) return Number(json.text);
  // NaN and the infinities stand as text.
  return Number(json);
}

/** The entries of a map with keys of any type: pairs as Connect writes them, or the records that they are in Avro. */
function entries(schema: Schema, entry: RecordNode, items: Json[], options: AvroOptions): Map<unknown, unknown> {
  const [key, value] = [Name.key, Name.value].map((name) => entry.fields.find((field) => field.name === name)!.type);
  const part = (item: Json, index: number, name: string): Json =>
    Array.isArray(item) ? item[index] : nodeField(item, name);
  return new Map(
    items.map((item) => [
      convert(schema.keySchema!, key!, part(item, 0, Name.key), options),
      convert(schema.valueSchema!, value!, part(item, 1, Name.value), options),
    ]),
  );
}

function struct(schema: Schema, node: RecordNode, json: object, options: AvroOptions): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  schema.fields.forEach((field, i) => {
    const name = options.scrubInvalidNames ? scrubName(field.name) : field.name;
    const given = nodeField(json, name);
    const type = node.fields[i]!.type;
    setField(
      result,
      field.name,
      given === undefined ? (field.schema.default ?? null) : convert(field.schema, type, given, options),
    );
  });
  return result;
}

/** A value of a union's first branch, or, where the union only makes something optional, of the other one. */
function unionValue(
  schema: Schema,
  node: Extract<AvroNode, { kind: 'union' }>,
  json: Json,
  options: AvroOptions,
): unknown {
  const branch = node.branches.find(({ kind }) => kind !== 'null')!;
  if (!isUnionSchema(schema)) return convert(schema, branch, json, options);
  const name = branchField(branch, node.branches.indexOf(branch), options);
  return { [name]: convert(schema.fields.find((field) => field.name === name)!.schema, branch, json, options) };
}
