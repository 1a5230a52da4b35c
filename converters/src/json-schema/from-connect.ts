import { DataError, decimalToString, LogicalName, parseDecimal, Schema } from '@tributary/api';
import { Fraction, parseExactJson } from '@tributary/api/json';
import { compileEncoder, type EncodeOptions } from './encode.ts';
import { javaHashOrder } from './java-hash.ts';
import {
  CONNECT_INDEX,
  CONNECT_PARAMETERS,
  CONNECT_TYPE,
  CONNECT_VERSION,
  enumParameter,
  isEnum,
  isObjectKey,
  isUnion,
  MAP_KEY,
  MAP_VALUE,
  NULL_SYMBOL,
  OWN_PREFIX,
} from './names.ts';

export interface WriteSchemaOptions extends EncodeOptions {
  readonly generalizedSumTypes: boolean;
  readonly additionalProperties: boolean;
}

/** A keyword of JSON Schema and its value as JSON text, or undefined for one that is not there. */
type Keyword = readonly [name: string, text: string | undefined];

const NULL_TYPE = '{"type":"null"}';

function object(keywords: readonly Keyword[]): string {
  const present = keywords.filter(([, text]) => text !== undefined);
  return `{${present.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
}

const text = (value: string | number | null | undefined): string | undefined =>
  value === null || value === undefined ? undefined : JSON.stringify(value);

/** The JSON Schema of a Connect schema as text, keyword for keyword in the order of Confluent's converter. @throws DataError */
export function toJsonSchema(schema: Schema, options: WriteSchemaOptions): string {
  return write(schema, options, null, false);
}

function write(schema: Schema, options: WriteSchemaOptions, index: number | null, ignoreOptional: boolean): string {
  if (schema.type === 'struct' && isUnion(schema)) {
    const members = schema.fields.map((field) => write(required(field.schema), options, field.index, true));
    return oneOf(schema.optional ? [NULL_TYPE, ...members] : members, index);
  }
  if (!schema.optional || ignoreOptional) return writeType(schema, options, index);
  return oneOf([NULL_TYPE, writeType(schema, options, null)], index);
}

const required = (schema: Schema): Schema => (schema.optional ? Schema.with(schema, { optional: false }) : schema);

function oneOf(choices: readonly string[], index: number | null): string {
  return object([
    [CONNECT_INDEX, text(index)],
    ['oneOf', `[${choices.join(',')}]`],
  ]);
}

interface TypeKeywords {
  /** What stands before the description. */
  readonly head: readonly Keyword[];
  readonly connectType?: string;
  /** What stands at the end. */
  readonly tail?: readonly Keyword[];
}

function writeType(schema: Schema, options: WriteSchemaOptions, index: number | null): string {
  const { head, connectType, tail = [] } = typeKeywords(schema, options);
  return object([
    ...head,
    ['title', text(schema.name)],
    ['description', text(schema.doc)],
    ['default', defaultText(schema, options)],
    [CONNECT_INDEX, text(index)],
    [CONNECT_VERSION, text(schema.version)],
    [CONNECT_TYPE, text(connectType)],
    [CONNECT_PARAMETERS, parametersText(schema)],
    ...tail,
  ]);
}

const type = (name: string): readonly Keyword[] => [['type', `"${name}"`]];

function typeKeywords(schema: Schema, options: WriteSchemaOptions): TypeKeywords {
  switch (schema.type) {
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
      return { head: type('integer'), connectType: schema.type };
    case 'float32':
    case 'float64':
      return { head: type('number'), connectType: schema.type };
    case 'boolean':
      return { head: [], tail: type('boolean') };
    case 'string':
      return { head: isEnum(schema) ? [['enum', symbols(schema, options)]] : type('string') };
    case 'bytes': {
      const isNumber = schema.name === LogicalName.decimal && options.decimalFormat === 'NUMERIC';
      return { head: type(isNumber ? 'number' : 'string'), connectType: 'bytes' };
    }
    case 'array':
      return { head: type('array'), tail: [['items', write(schema.valueSchema!, options, null, false)]] };
    case 'map':
      return mapKeywords(schema, options);
    case 'struct':
      return structKeywords(schema, options);
  }
}

function symbols(schema: Schema, options: WriteSchemaOptions): string {
  const prefix = `${enumParameter(options.generalizedSumTypes)}.`;
  const names = Object.keys(schema.parameters!)
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length));
  return JSON.stringify(javaHashOrder(names.map((name) => (name === NULL_SYMBOL ? null : name))));
}

function mapKeywords(schema: Schema, options: WriteSchemaOptions): TypeKeywords {
  if (isObjectKey(schema.keySchema!)) {
    const values = write(schema.valueSchema!, options, null, false);
    return { head: type('object'), connectType: 'map', tail: [['additionalProperties', values]] };
  }
  const entry = object([
    ...type('object'),
    properties([
      [MAP_KEY, write(schema.keySchema!, options, 0, false)],
      [MAP_VALUE, write(schema.valueSchema!, options, 1, false)],
    ]),
  ]);
  return { head: type('array'), connectType: 'map', tail: [['items', entry]] };
}

function structKeywords(schema: Schema, options: WriteSchemaOptions): TypeKeywords {
  const fields = schema.fields.map(
    ({ name, index, schema: inner }) => [name, write(inner, options, index, false)] as const,
  );
  const closed: Keyword = ['additionalProperties', options.additionalProperties ? undefined : 'false'];
  return { head: [...type('object'), closed], tail: [properties(fields)] };
}

/** None at all where there are no fields. */
function properties(fields: ReadonlyArray<readonly [name: string, text: string]>): Keyword {
  const texts = new Map(fields);
  const names = javaHashOrder(fields.map(([name]) => name));
  return ['properties', names.length === 0 ? undefined : object(names.map((name) => [name, texts.get(name)!]))];
}

function parametersText(schema: Schema): string | undefined {
  const names = Object.keys(schema.parameters ?? {}).filter((name) => !name.startsWith(OWN_PREFIX));
  if (names.length === 0) return undefined;
  // Two maps one after the other, the second one made for just so many entries.
  const ordered = javaHashOrder(javaHashOrder(names), names.length);
  return object(ordered.map((name) => [name, JSON.stringify(schema.parameters![name])]));
}

function defaultText(schema: Schema, options: WriteSchemaOptions): string | undefined {
  if (schema.default === undefined || schema.default === null) return undefined;
  const json = compileEncoder(schema, options)(schema.default);
  if (json === undefined) throw new DataError(`The default of ${schema.name ?? schema.type} has no JSON`);
  return withShortNumbers(parseExactJson(json, true));
}

/** JSON with numbers as they stand in Confluent's schemas: without zeros at the end, `1.0E+21`. */
function withShortNumbers(node: unknown): string {
  if (node instanceof Fraction) return decimalToString(parseDecimal(shortened(node.text)));
  if (typeof node === 'bigint') return node.toString();
  if (Array.isArray(node)) return `[${node.map(withShortNumbers).join(',')}]`;
  if (typeof node === 'object' && node !== null) {
    const entries = node instanceof Map ? [...node] : Object.entries(node);
    return object(entries.map(([key, item]) => [key, withShortNumbers(item)]));
  }
  return JSON.stringify(node);
}

const shortened = (number: string): string => (/[eE]/.test(number) ? number : number.replace(/\.?0+$/, ''));
