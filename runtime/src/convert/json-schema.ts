import { DataError, Schema, type SchemaOptions, type SchemaType, setField } from '@tributary/api';
import { nodeField, quote } from '@tributary/api/json';
import { compileDecoder, type DecodeOptions } from './json-decode.ts';
import { compileEncoder, type EncodeOptions } from './json-encode.ts';

/** What JSON calls the types; two names differ from Connect's own. */
const TYPE_NAMES: Readonly<Record<SchemaType, string>> = {
  int8: 'int8',
  int16: 'int16',
  int32: 'int32',
  int64: 'int64',
  float32: 'float',
  float64: 'double',
  boolean: 'boolean',
  string: 'string',
  bytes: 'bytes',
  array: 'array',
  map: 'map',
  struct: 'struct',
};

const TYPES: ReadonlyMap<string, SchemaType> = new Map(
  Object.entries(TYPE_NAMES).map(([type, name]) => [name, type as SchemaType]),
);

/** The JSON text of a schema, as it stands in the envelope: keys in Java's order, no white space. */
export function schemaToJson(schema: Schema | null, options: EncodeOptions, field?: string): string {
  if (schema === null) return 'null';
  let text = `{"type":"${TYPE_NAMES[schema.type]}"`;
  if (schema.type === 'array') text += `,"items":${schemaToJson(schema.valueSchema, options)}`;
  else if (schema.type === 'map') {
    text += `,"keys":${schemaToJson(schema.keySchema, options)},"values":${schemaToJson(schema.valueSchema, options)}`;
  } else if (schema.type === 'struct') {
    text += `,"fields":[${schema.fields.map((inner) => schemaToJson(inner.schema, options, inner.name)).join()}]`;
  }
  text += `,"optional":${schema.optional}`;
  if (schema.name !== null) text += `,"name":${quote(schema.name)}`;
  if (schema.version !== null) text += `,"version":${schema.version}`;
  if (schema.doc !== null) text += `,"doc":${quote(schema.doc)}`;
  if (schema.parameters !== null) {
    const entries = Object.entries(schema.parameters);
    text += `,"parameters":{${entries.map(([key, value]) => `${quote(key)}:${quote(value)}`).join()}}`;
  }
  if (schema.default !== undefined && schema.default !== null) {
    text += `,"default":${compileEncoder(schema, options, 'the default')(schema.default)}`;
  }
  if (field !== undefined) text += `,"field":${quote(field)}`;
  return `${text}}`;
}

/** Reads a schema from parsed JSON. @throws DataError with Java's words for what is missing or wrong */
export function schemaFromJson(node: unknown, options: DecodeOptions): Schema {
  const typeName = nodeField(node, 'type');
  if (typeof typeName !== 'string') throw new DataError("Schema must contain 'type' field");
  const type = TYPES.get(typeName);
  if (type === undefined) throw new DataError(`Unknown schema type: ${typeName}`);
  const schema = build(type, node, optionsFrom(node), options);
  const value = nodeField(node, 'default');
  if (value === undefined || (value === null && schema.optional)) return schema;
  return Schema.with(schema, { default: compileDecoder(schema, options, 'the default')(value, true) });
}

function optionsFrom(node: unknown): SchemaOptions {
  const name = nodeField(node, 'name');
  const version = nodeField(node, 'version');
  const doc = nodeField(node, 'doc');
  return {
    optional: nodeField(node, 'optional') === true,
    name: typeof name === 'string' ? name : null,
    version: Number.isInteger(version) ? (version as number) : null,
    doc: typeof doc === 'string' ? doc : null,
    parameters: parametersFrom(nodeField(node, 'parameters')),
  };
}

function parametersFrom(node: unknown): Readonly<Record<string, string>> | null {
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return null;
  const parameters: Record<string, string> = {};
  const entries = node instanceof Map ? [...node] : Object.entries(node);
  for (const [key, value] of entries) {
    if (typeof value !== 'string') throw new DataError('Schema parameters must have string values.');
    setField(parameters, key, value);
  }
  return entries.length > 0 ? parameters : null;
}

function build(type: SchemaType, node: unknown, schemaOptions: SchemaOptions, options: DecodeOptions): Schema {
  switch (type) {
    case 'array': {
      const items = nodeField(node, 'items') ?? null;
      if (items === null) throw new DataError('Array schema did not specify the element type');
      return Schema.array(schemaFromJson(items, options), schemaOptions);
    }
    case 'map': {
      const keys = nodeField(node, 'keys') ?? null;
      const values = nodeField(node, 'values') ?? null;
      if (keys === null) throw new DataError('Map schema did not specify the key type');
      if (values === null) throw new DataError('Map schema did not specify the value type');
      return Schema.map(schemaFromJson(keys, options), schemaFromJson(values, options), schemaOptions);
    }
    case 'struct': {
      const fields = nodeField(node, 'fields');
      if (!Array.isArray(fields)) throw new DataError('Struct schema\'s "fields" argument is not an array.');
      return Schema.struct(
        fields.map((field): [string, Schema] => {
          const name = nodeField(field, 'field');
          if (typeof name !== 'string') throw new DataError("Struct schema's field name not specified properly");
          if (name === '') throw new DataError('A field of the struct schema has an empty name');
          return [name, schemaFromJson(field, options)];
        }),
        schemaOptions,
      );
    }
    default:
      return Schema[type](schemaOptions);
  }
}
