import {
  DataError,
  dateToInteger,
  dateTypeOf,
  decimalScale,
  decimalToBytes,
  describeValue,
  isDecimal,
  isInt64,
  type Schema,
} from '@tributary/api';
import { at } from '@tributary/api/json';
import type { AvroNode, EnumNode, FixedNode, PrimitiveNode } from './ast.ts';
import { isDecimalSchema } from './kinds.ts';
import type { Writer } from './writer.ts';

/** Writes one value. @throws DataError that names the place of what does not fit */
export type Encode = (value: unknown, writer: Writer) => void;

/** The error for a value that is not of the schema's type. */
export type Misfit = (value: unknown) => DataError;

/** Where in the value, for messages; nothing at the top. */

const typeName = (schema: Schema): string => schema.name ?? schema.type.toUpperCase();

export function misfitOf(schema: Schema, path: string): Misfit {
  return (value) => new DataError(`Invalid type for ${typeName(schema)}: ${describeValue(value)}${at(path)}`);
}

export function noNull(schema: Schema, path: string): DataError {
  return new DataError(`Found null value for non-optional schema${at(path)} (${typeName(schema)})`);
}

/** The error for an Avro type that values of the schema do not go into. */
export function noPlace(schema: Schema, node: AvroNode, path: string): DataError {
  return new DataError(
    `Values of type ${typeName(schema)}${at(path)} cannot be written with the Avro type ${'fullName' in node ? node.fullName : node.kind}`,
  );
}

type WriteNumber = (value: number | bigint, writer: Writer) => void;

const NUMBERS: Partial<Record<AvroNode['kind'], WriteNumber>> = {
  int: (value, writer) => writer.long(value),
  long: (value, writer) => writer.long(value),
  float: (value, writer) => writer.float(Number(value)),
  double: (value, writer) => writer.double(Number(value)),
};

/** The Avro types that numbers may be written as, which are wider or the same. */
const WIDER: Partial<Record<Schema['type'], readonly AvroNode['kind'][]>> = {
  int8: ['int', 'long', 'float', 'double'],
  int16: ['int', 'long', 'float', 'double'],
  int32: ['int', 'long', 'float', 'double'],
  int64: ['long', 'float', 'double'],
  float32: ['float', 'double'],
  float64: ['double'],
};

const LIMITS: Partial<Record<Schema['type'], number>> = { int8: 2 ** 7, int16: 2 ** 15, int32: 2 ** 31 };

/** The writer for a schema without parts. @throws DataError where the Avro type has no place for its values */
export function scalarEncoder(schema: Schema, node: AvroNode, path: string): Encode {
  const misfit = misfitOf(schema, path);
  if (WIDER[schema.type]) return numberEncoder(schema, node, path, misfit);
  switch (node.kind) {
    case 'boolean':
      if (schema.type !== 'boolean') break;
      return (value, writer) => {
        if (typeof value !== 'boolean') throw misfit(value);
        writer.boolean(value);
      };
    case 'string':
      if (schema.type !== 'string') break;
      return (value, writer) => {
        if (typeof value !== 'string') throw misfit(value);
        writer.string(value);
      };
    case 'enum':
      if (schema.type !== 'string') break;
      return enumEncoder(node, path, misfit);
    case 'bytes':
    case 'fixed':
      if (schema.type !== 'bytes') break;
      return bytesEncoder(schema, node, path, misfit);
  }
  throw noPlace(schema, node, path);
}

function numberEncoder(schema: Schema, node: AvroNode, path: string, misfit: Misfit): Encode {
  if (!WIDER[schema.type]!.includes(node.kind)) throw noPlace(schema, node, path);
  const write = NUMBERS[node.kind]!;
  const dateType = dateTypeOf(schema);
  if (dateType) {
    return (value, writer) => {
      if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw misfit(value);
      write(dateToInteger(dateType, value), writer);
    };
  }
  if (schema.type === 'int64') {
    return (value, writer) => {
      if (!isInt64(value)) throw misfit(value);
      write(value, writer);
    };
  }
  const limit = LIMITS[schema.type];
  if (limit === undefined) {
    return (value, writer) => {
      if (typeof value !== 'number') throw misfit(value);
      write(value, writer);
    };
  }
  return (value, writer) => {
    if (!Number.isInteger(value) || (value as number) < -limit || (value as number) >= limit) throw misfit(value);
    write(value as number, writer);
  };
}

function enumEncoder({ symbols, fullName }: EnumNode, path: string, misfit: Misfit): Encode {
  const indexes = new Map(symbols.map((symbol, i) => [symbol, i]));
  return (value, writer) => {
    if (typeof value !== 'string') throw misfit(value);
    const index = indexes.get(value);
    if (index === undefined)
      throw new DataError(`The text${at(path)} is none of the symbols of enum ${fullName}: ${symbols.join(', ')}`);
    writer.long(index);
  };
}

function bytesEncoder(schema: Schema, node: PrimitiveNode | FixedNode, path: string, misfit: Misfit): Encode {
  const write =
    node.kind !== 'fixed'
      ? (bytes: Uint8Array, writer: Writer): void => writer.bytes(bytes)
      : (bytes: Uint8Array, writer: Writer): void => {
          if (bytes.length !== node.size)
            throw new DataError(`${bytes.length} bytes${at(path)} where fixed ${node.fullName} has ${node.size}`);
          writer.fixed(bytes);
        };
  if (!isDecimalSchema(schema)) {
    return (value, writer) => {
      if (!(value instanceof Uint8Array)) throw misfit(value);
      write(value, writer);
    };
  }
  const scale = decimalScale(schema);
  return (value, writer) => {
    if (!isDecimal(value)) throw misfit(value);
    if (value.scale !== scale)
      throw new DataError(
        `Decimal value has mismatching scale for given Decimal schema. Schema has scale ${scale}, value has scale ${value.scale}.${at(path)}`,
      );
    const bytes = decimalToBytes(value);
    write(node.kind === 'fixed' ? signExtended(bytes, node.size) : bytes, writer);
  };
}

/** The same number in more bytes, if it has too few. */
function signExtended(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length >= size) return bytes;
  const extended = new Uint8Array(size).fill(bytes[0]! & 0x80 ? 0xff : 0);
  extended.set(bytes, size - bytes.length);
  return extended;
}
