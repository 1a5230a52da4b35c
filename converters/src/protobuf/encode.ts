import {
  DataError,
  type Decimal,
  describeValue,
  getField,
  isContainer,
  isDecimal,
  isInt64,
  LogicalName,
  type Schema,
} from '@tributary/api';
import { at, below } from '@tributary/api/json';
import type protobuf from 'protobufjs';
import { isWrapped, scalarType, type WriteSchemaOptions } from './from-connect.ts';
import { writeDate, writeDecimal, writeTime, writeTimestamp } from './logical.ts';
import type { ProtoField, ProtoMessage } from './model.ts';
import { enumParameter, isEnum, isUnion, MAP_KEY, MAP_VALUE, protoNames } from './names.ts';
import { SCALARS, type Scalar } from './scalars.ts';

export interface EncodeOptions extends WriteSchemaOptions {
  /** Whether null stays null where the schema has a default. */
  readonly ignoreDefaultForNullables: boolean;
}

/** Writes what is in a message. @throws DataError that names the place of what does not fit */
export type Encode = (writer: protobuf.Writer, value: unknown) => void;

function misfit(schema: Schema, path: string, value: unknown): DataError {
  const type = schema.name ?? schema.type.toUpperCase();
  return new DataError(`Invalid type for ${type}: ${describeValue(value)}${at(path)}`);
}

/** What is written for one value that is not null: a scalar or a message. */
type Content =
  | { readonly scalar: Scalar; readonly toScalar: (value: unknown) => unknown }
  | { readonly message: Encode };

/** A field of a message, and where its value is in the struct. */
interface Plan {
  readonly number: number;
  readonly valueIn: (struct: object) => unknown;
  readonly write: Encode;
}

/** Makes the writer for structs of one schema, once. @param message what `toProto` made of the schema */
export function compileEncoder(schema: Schema, message: ProtoMessage, options: EncodeOptions, path = ''): Encode {
  const name = protoNames(options.scrubInvalidNames);
  const fieldNamed = (field: string): ProtoField => message.fields.find((proto) => proto.name === name(field))!;
  const plans: Plan[] = schema.fields.flatMap((field) => {
    const place = below(path, field.name);
    if (isUnion(field.schema)) return unionPlans(field.name, field.schema, fieldNamed, message, options, place);
    const proto = fieldNamed(field.name);
    const write = fieldEncoder(field.schema, proto, message, options, place);
    return [{ number: proto.number, valueIn: present(field.name, field.schema, options, place), write }];
  });
  plans.sort((a, b) => a.number - b.number);
  return (writer, value) => {
    if (!isContainer(value) || value instanceof Map) throw misfit(schema, path, value);
    for (const { valueIn, write } of plans) {
      const field = valueIn(value);
      if (field !== null && field !== undefined) write(writer, field);
    }
  };
}

/** The value of a field, or the default of its schema. */
function present(name: string, schema: Schema, options: EncodeOptions, path: string): (struct: object) => unknown {
  const fallback = options.ignoreDefaultForNullables ? undefined : schema.default;
  return (struct) => {
    const value = getField(struct, name) ?? fallback;
    if ((value === null || value === undefined) && !schema.optional)
      throw new DataError(`Invalid value: null used for required field${at(path)}`);
    return value;
  };
}

/** One for each member of a oneof; only the first that is set is written. */
function unionPlans(
  name: string,
  union: Schema,
  fieldNamed: (name: string) => ProtoField,
  message: ProtoMessage,
  options: EncodeOptions,
  path: string,
): Plan[] {
  const whole = present(name, union, options, path);
  const chosen = (struct: object): { readonly member: string; readonly value: unknown } | undefined => {
    const value = whole(struct);
    if (value === null || value === undefined) return undefined;
    if (!isContainer(value) || value instanceof Map) throw misfit(union, path, value);
    for (const field of union.fields) {
      const inner =
        getField(value, field.name) ?? (options.ignoreDefaultForNullables ? undefined : field.schema.default);
      if (inner !== null && inner !== undefined) return { member: field.name, value: inner };
    }
    throw new DataError(`Cannot find non-null field of the union${at(path)}`);
  };
  return union.fields.map((field) => {
    const proto = fieldNamed(field.name);
    return {
      number: proto.number,
      valueIn: (struct) => {
        const choice = chosen(struct);
        return choice?.member === field.name ? choice.value : undefined;
      },
      write: fieldEncoder(field.schema, proto, message, options, below(path, field.name)),
    };
  });
}

function fieldEncoder(
  schema: Schema,
  proto: ProtoField,
  within: ProtoMessage,
  options: EncodeOptions,
  path: string,
): Encode {
  if (schema.type === 'array') return arrayEncoder(schema, proto, within, options, path);
  if (schema.type === 'map') return mapEncoder(schema, proto, within, options, path);
  const content = contentOf(schema, proto, within, options, path);
  if ('message' in content) return messageWriter(proto.number, content.message);
  const { scalar, toScalar } = content;
  const tag = (proto.number << 3) | scalar.wireType;
  // Without a label and outside of a oneof, what a type begins with is not written.
  const isImplicit = proto.label === null && proto.oneof === null;
  return (writer, value) => {
    const written = toScalar(value);
    if (!isImplicit || !isZero(written)) scalar.write(writer.uint32(tag >>> 0), written as never);
  };
}

const isZero = (value: unknown): boolean =>
  Object.is(value, 0) || value === false || value === '' || (value instanceof Uint8Array && value.length === 0);

function messageWriter(number: number, encode: Encode): Encode {
  const tag = ((number << 3) | 2) >>> 0;
  return (writer, value) => {
    encode(writer.uint32(tag).fork(), value);
    writer.ldelim();
  };
}

function arrayEncoder(
  schema: Schema,
  proto: ProtoField,
  within: ProtoMessage,
  options: EncodeOptions,
  path: string,
): Encode {
  const inner = schema.valueSchema!;
  const content = contentOf(inner, proto, within, options, `${path}[]`);
  const items = (value: unknown): readonly unknown[] => {
    if (!Array.isArray(value)) throw misfit(schema, path, value);
    if (value.some((item) => item === null || item === undefined))
      throw new DataError(
        `An array in protobuf holds no null${at(path)}. Filter the elements, or wrap them in a struct.`,
      );
    return value;
  };
  if ('message' in content) {
    const write = messageWriter(proto.number, content.message);
    return (writer, value) => {
      for (const item of items(value)) write(writer, item);
    };
  }
  const { scalar, toScalar } = content;
  const tag = ((proto.number << 3) | (scalar.packable ? 2 : scalar.wireType)) >>> 0;
  if (!scalar.packable) {
    return (writer, value) => {
      for (const item of items(value)) scalar.write(writer.uint32(tag), toScalar(item) as never);
    };
  }
  return (writer, value) => {
    const list = items(value);
    if (list.length === 0) return;
    writer.uint32(tag).fork();
    for (const item of list) scalar.write(writer, toScalar(item) as never);
    writer.ldelim();
  };
}

function mapEncoder(
  schema: Schema,
  proto: ProtoField,
  within: ProtoMessage,
  options: EncodeOptions,
  path: string,
): Encode {
  const entry = nested(within, proto.type);
  const [key, value] = [MAP_KEY, MAP_VALUE].map((name) => entry.fields.find((field) => field.name === name)!);
  const writeKey = fieldEncoder(schema.keySchema!, key!, entry, options, `a key of ${path}`);
  const writeValue = fieldEncoder(schema.valueSchema!, value!, entry, options, below(path, '*'));
  const write = messageWriter(proto.number, (writer, pair) => {
    const [entryKey, entryValue] = pair as readonly [unknown, unknown];
    if (entryKey !== null && entryKey !== undefined) writeKey(writer, entryKey);
    if (entryValue !== null && entryValue !== undefined) writeValue(writer, entryValue);
  });
  return (writer, map) => {
    if (!isContainer(map) || isDecimal(map)) throw misfit(schema, path, map);
    for (const pair of map instanceof Map ? map : Object.entries(map)) write(writer, pair);
  };
}

const nested = (message: ProtoMessage, name: string): ProtoMessage =>
  message.messages.find((inner) => inner.name === name)!;

function contentOf(
  schema: Schema,
  proto: ProtoField,
  within: ProtoMessage,
  options: EncodeOptions,
  path: string,
): Content {
  const logical = logicalContent(schema, path);
  if (logical) return { message: logical };
  if (isEnum(schema)) return { scalar: SCALARS.int32!, toScalar: enumNumber(schema, options, path) };
  if (schema.type === 'struct') return { message: compileEncoder(schema, nested(within, proto.type), options, path) };
  return isWrapped(schema, proto.oneof !== null, options)
    ? { message: wrapperEncoder(schema, path) }
    : scalarContent(schema, scalarType(schema), path);
}

function logicalContent(schema: Schema, path: string): Encode | undefined {
  const dates =
    (write: (writer: protobuf.Writer, value: Date) => void): Encode =>
    (writer, value) => {
      if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw misfit(schema, path, value);
      write(writer, value);
    };
  switch (schema.name) {
    case LogicalName.decimal:
      return (writer, value) => {
        if (!isDecimal(value)) throw misfit(schema, path, value);
        writeDecimal(writer, value as Decimal);
      };
    case LogicalName.date:
      return dates(writeDate);
    case LogicalName.time:
      return dates(writeTime);
    case LogicalName.timestamp:
      return dates(writeTimestamp);
    default:
      return undefined;
  }
}

function enumNumber(schema: Schema, options: EncodeOptions, path: string): (value: unknown) => unknown {
  const parameter = enumParameter(options.generalizedSumTypes);
  return (value) => {
    if (schema.type === 'int32') {
      if (!Number.isInteger(value)) throw misfit(schema, path, value);
      return value;
    }
    const number = schema.parameters?.[`${parameter}.${String(value)}`];
    if (typeof value !== 'string' || number === undefined)
      throw new DataError(`${describeValue(value)}${at(path)} is no symbol of the enum '${schema.name ?? ''}'`);
    return Number(number);
  };
}

interface ScalarContent {
  readonly scalar: Scalar;
  readonly toScalar: (value: unknown) => unknown;
}

/** What a scalar is in Google's messages around one, where it is not itself. */
const IN_WRAPPER: Readonly<Record<string, string>> = {
  sint32: 'int32',
  sfixed32: 'int32',
  fixed32: 'uint32',
  sint64: 'int64',
  sfixed64: 'int64',
  fixed64: 'uint64',
};

/** Writes a scalar as what is in one of Google's messages around one. @throws DataError for a schema that is no scalar */
export function wrapperEncoder(schema: Schema, path = ''): Encode {
  const type = scalarType(schema);
  const { scalar, toScalar } = scalarContent(schema, IN_WRAPPER[type] ?? type, path);
  return (writer, value) => {
    const written = toScalar(value);
    if (!isZero(written)) scalar.write(writer.uint32((1 << 3) | scalar.wireType), written as never);
  };
}

function scalarContent(schema: Schema, type: string, path: string): ScalarContent {
  const fits = fitter(schema, type);
  return {
    scalar: SCALARS[type]!,
    toScalar(value) {
      if (!fits(value)) throw misfit(schema, path, value);
      return value;
    },
  };
}

const LIMITS: Readonly<Record<string, number>> = { int8: 2 ** 7, int16: 2 ** 15, int32: 2 ** 31 };

function fitter(schema: Schema, type: string): (value: unknown) => boolean {
  switch (schema.type) {
    case 'int8':
    case 'int16':
    case 'int32': {
      const limit = LIMITS[schema.type]!;
      return (value) => Number.isInteger(value) && (value as number) >= -limit && (value as number) < limit;
    }
    case 'int64':
      return type === 'uint32' || type === 'fixed32'
        ? (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32
        : isInt64;
    case 'float32':
    case 'float64':
      return (value) => typeof value === 'number';
    case 'boolean':
      return (value) => typeof value === 'boolean';
    case 'string':
      return (value) => typeof value === 'string';
    default:
      return (value) => value instanceof Uint8Array;
  }
}
