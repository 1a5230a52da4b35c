import {
  DataError,
  dateFromInteger,
  dateTypeOf,
  decimalFromBytes,
  decimalScale,
  isReorderedKey,
  type Schema,
  setField,
} from '@tributary/api';
import { ANYTHING } from './anything.ts';
import type { AvroNode, EnumNode, RecordNode, UnionNode } from './ast.ts';
import { isDecimalSchema, isUnionSchema } from './kinds.ts';
import { Name } from './options.ts';
import type { Reader } from './reader.ts';

/** Reads one value. @throws DataError where the bytes are not what the schema says */
export type Decode = (reader: Reader) => unknown;

/** Items without a single byte, such as empty records: more of them than this are an attack or corrupt. */
const MAX_EMPTY_ITEMS = 1_000_000;

/** Makes the reader of values that were written with the Avro schema, once. @param schema what `connectSchemaOf` made of it */
export function compileDecoder(schema: Schema, node: AvroNode): Decode {
  if (node.kind === 'union') return isUnionSchema(schema) ? unionDecoder(schema, node) : optionalDecoder(schema, node);
  const decode = plainDecoder(schema, node);
  if (node.kind === 'null') return decode;
  const dateType = dateTypeOf(schema);
  if (dateType) return (reader) => dateFromInteger(dateType, Number(decode(reader)));
  if (isDecimalSchema(schema)) {
    const scale = decimalScale(schema);
    return (reader) => decimalFromBytes(decode(reader) as Uint8Array, scale);
  }
  return decode;
}

function plainDecoder(schema: Schema, node: Exclude<AvroNode, UnionNode>): Decode {
  switch (node.kind) {
    case 'null':
      return () => null;
    case 'boolean':
      return (reader) => reader.boolean();
    case 'int':
      return intDecoder(schema);
    case 'long':
      return (reader) => reader.long();
    case 'float':
      return (reader) => reader.float();
    case 'double':
      return (reader) => reader.double();
    case 'string':
      return (reader) => reader.string();
    case 'bytes':
      return (reader) => reader.bytes();
    case 'fixed': {
      const { size } = node;
      return (reader) => reader.fixed(size);
    }
    case 'enum':
      return enumDecoder(node);
    case 'record':
      return recordDecoder(schema, node);
    case 'array':
      return schema.type === 'map'
        ? entriesDecoder(schema, node.items as RecordNode)
        : arrayDecoder(schema, node.items);
    case 'map':
      return mapDecoder(compileDecoder(schema.valueSchema!, node.values));
  }
}

function intDecoder(schema: Schema): Decode {
  // As Java, which keeps the lowest bits.
  if (schema.type === 'int8') return (reader) => (reader.int() << 24) >> 24;
  if (schema.type === 'int16') return (reader) => (reader.int() << 16) >> 16;
  return (reader) => reader.int();
}

function enumDecoder({ symbols, fullName }: EnumNode): Decode {
  return (reader) => {
    const symbol = symbols[reader.int()];
    if (symbol === undefined)
      throw new DataError(`The data names a symbol that enum ${fullName} has not: it is corrupt`);
    return symbol;
  };
}

function recordDecoder(schema: Schema, node: RecordNode): Decode {
  const names = schema.fields.map(({ name }) => name);
  const decoders = schema.fields.map((field, i) => compileDecoder(field.schema, node.fields[i]!.type));
  const count = names.length;
  if (names.includes('__proto__')) {
    return (reader) => {
      const struct: Record<string, unknown> = {};
      for (let i = 0; i < count; i++) setField(struct, names[i]!, decoders[i]!(reader));
      return struct;
    };
  }
  return (reader) => {
    const struct: Record<string, unknown> = {};
    for (let i = 0; i < count; i++) struct[names[i]!] = decoders[i]!(reader);
    return struct;
  };
}

/** Calls for each item of the blocks that arrays and maps consist of. */
function eachItem(reader: Reader, visit: () => void, isEmpty: boolean): void {
  let total = 0;
  for (let count = reader.block(); count !== 0; count = reader.block()) {
    total += count;
    if (isEmpty && total > MAX_EMPTY_ITEMS)
      throw new DataError(`The data says that it has ${total} items without contents: it is corrupt`);
    for (let i = 0; i < count; i++) visit();
  }
}

/** Whether values of the type take no bytes. */
function takesNoBytes(node: AvroNode): boolean {
  switch (node.kind) {
    case 'null':
      return true;
    case 'fixed':
      return node.size === 0;
    case 'record':
      return node !== ANYTHING && node.fields.every((field) => takesNoBytes(field.type));
    default:
      return false;
  }
}

function arrayDecoder(schema: Schema, items: AvroNode): Decode {
  const decode = compileDecoder(schema.valueSchema!, items);
  const isEmpty = takesNoBytes(items);
  return (reader) => {
    const array: unknown[] = [];
    eachItem(reader, () => array.push(decode(reader)), isEmpty);
    return array;
  };
}

/** A plain object, or a Map where an object would move keys. */
function mapDecoder(decodeValue: Decode): Decode {
  return (reader) => {
    const plain: Record<string, unknown> = {};
    let map: Map<string, unknown> | undefined;
    eachItem(
      reader,
      () => {
        const key = reader.string();
        if (!map && (key === '__proto__' || isReorderedKey(key))) map = new Map(Object.entries(plain));
        const value = decodeValue(reader);
        if (map) map.set(key, value);
        else plain[key] = value;
      },
      false,
    );
    return map ?? plain;
  };
}

/** A map with keys of any type is an array of records with key and value, in either order. */
function entriesDecoder(schema: Schema, entry: RecordNode): Decode {
  const keyFirst = entry.fields[0]!.name === Name.key;
  const [first, second] = entry.fields.map((field) =>
    compileDecoder(field.name === Name.key ? schema.keySchema! : schema.valueSchema!, field.type),
  );
  const isEmpty = takesNoBytes(entry);
  return (reader) => {
    const map = new Map<unknown, unknown>();
    eachItem(
      reader,
      () => {
        const one = first!(reader);
        const other = second!(reader);
        if (keyFirst) map.set(one, other);
        else map.set(other, one);
      },
      isEmpty,
    );
    return map;
  };
}

const noBranch = (): DataError => new DataError('The data names a branch that its union has not: it is corrupt');

/** A union with one branch but for the null. */
function optionalDecoder(schema: Schema, node: UnionNode): Decode {
  const decoders = node.branches.map((branch) => compileDecoder(schema, branch));
  return (reader) => {
    const decode = decoders[reader.long() as number];
    if (!decode) throw noBranch();
    return decode(reader);
  };
}

function unionDecoder(schema: Schema, node: UnionNode): Decode {
  let next = 0;
  const branches = node.branches.map((branch) => {
    if (branch.kind === 'null') return null;
    const { name, schema: own } = schema.fields[next++]!;
    return { name, decode: compileDecoder(own, branch) };
  });
  return (reader) => {
    const branch = branches[reader.long() as number];
    if (branch === undefined) throw noBranch();
    return branch && { [branch.name]: branch.decode(reader) };
  };
}
