import {
  DataError,
  decimalScale,
  fieldOf,
  getField,
  isReorderedKey,
  LogicalName,
  type Schema,
  setField,
} from '@tributary/api';
import protobuf from 'protobufjs';
import { readDate, readDecimal, readTime, readTimestamp } from './logical.ts';
import { SCALARS, type Scalar } from './scalars.ts';
import {
  entryOf,
  type FieldType,
  isNullable,
  isWrapper,
  type ReadSchemaOptions,
  realOneof,
  typeOf,
  unionFieldName,
} from './to-connect.ts';

export interface DecodeOptions extends ReadSchemaOptions {
  /** Whether a message that is not there is one without content, rather than null. */
  readonly generateStructForNulls: boolean;
}

type Struct = Record<string, unknown>;

/** Reads one value up to `end`. @param before what an earlier field of the same number held, to be added to */
type ReadMessage = (reader: protobuf.Reader, end: number, before: unknown) => unknown;

/** Reads one field into a struct. */
type ReadField = (struct: Struct, reader: protobuf.Reader, wireType: number) => void;

interface Kind {
  /** Undefined for what is written as a message or as text. */
  readonly scalar?: Scalar;
  /** From the wire to Connect, for a scalar. */
  readonly convert?: (value: never) => unknown;
  readonly message?: ReadMessage;
}

/** Gives the value of a message. @throws DataError */
export type Decode = (bytes: Uint8Array) => unknown;

/** Makes the reader for one type of message, once. @param schema what `toConnectSchema` made of it */
export function compileDecoder(type: protobuf.Type, schema: Schema, options: DecodeOptions): Decode {
  const read = messageKind(type, schema, options).message!;
  return (bytes) => {
    const reader = protobuf.Reader.create(bytes);
    try {
      return read(reader, bytes.length, undefined);
    } catch (error) {
      if (error instanceof DataError) throw error;
      throw new DataError(`The data is no message '${type.name}': ${(error as Error).message}`, { cause: error });
    }
  };
}

const set = (name: string): ((struct: Struct, value: unknown) => void) =>
  name === '__proto__'
    ? (struct, value) => setField(struct, name, value)
    : (struct, value) => {
        struct[name] = value;
      };

function messageKind(type: protobuf.Type, schema: Schema, options: DecodeOptions): Kind {
  switch (schema.name) {
    case LogicalName.decimal: {
      const scale = decimalScale(schema);
      return { message: (reader, end) => readDecimal(reader, end, scale) };
    }
    case LogicalName.date:
      return { message: readDate };
    case LogicalName.time:
      return { message: readTime };
    case LogicalName.timestamp:
      return { message: readTimestamp };
  }
  return {
    message: schema.type !== 'struct' && isWrapper(type) ? wrapperReader(type) : structReader(type, schema, options),
  };
}

function wrapperReader(type: protobuf.Type): ReadMessage {
  const scalar = SCALARS[type.fieldsArray[0]!.type]!;
  return (reader, end, before) => {
    let value = before ?? scalar.zero;
    while (reader.pos < end) {
      const tag = reader.uint32();
      if (tag >>> 3 === 1) value = scalar.read(reader);
      else reader.skipType(tag & 7);
    }
    return value;
  };
}

function structReader(type: protobuf.Type, schema: Schema, options: DecodeOptions): ReadMessage {
  const fields = new Map<number, ReadField>();
  const finish: ((struct: Struct) => void)[] = [];
  /** What a struct holds before anything is read; cloned, so that all have one hidden class from the start. */
  const template: Struct = {};
  for (const { name } of schema.fields) setField(template, name, null);
  /** What no two structs may share. */
  const fresh: ((struct: Struct) => void)[] = [];
  for (const field of type.fieldsArray) {
    const oneof = realOneof(field);
    if (oneof && !options.flattenUnions) {
      fields.set(field.id, unionField(field, fieldOf(schema, unionFieldName(oneof, options))!, options));
      continue;
    }
    const { schema: inner } = fieldOf(schema, field.name)!;
    const assign = set(field.name);
    if (oneof) {
      const others = oneof.fieldsArray.filter((other) => other !== field).map((other) => set(other.name));
      const read = singleField(field, inner, options);
      fields.set(field.id, (struct, reader, wireType) => {
        for (const clear of others) clear(struct, null);
        read(struct, reader, wireType);
      });
      continue;
    }
    const entry = entryOf(field);
    if (entry) {
      fields.set(field.id, mapField(field.name, entry, inner, options));
      fresh.push((struct) => assign(struct, new Map()));
      if (inner.keySchema!.type === 'string')
        finish.push((struct) => assign(struct, withTextKeys(getField(struct, field.name))));
    } else if (field.repeated) {
      fields.set(field.id, repeatedField(field, inner.valueSchema!, options));
      fresh.push((struct) => assign(struct, []));
    } else {
      fields.set(field.id, singleField(field, inner, options));
      const message = missingMessage(field, inner, options);
      if (message)
        finish.push((struct) => {
          if (getField(struct, field.name) === null) assign(struct, message());
        });
      else setField(template, field.name, missingValue(field, inner, options));
    }
  }
  return (reader, end, before) => {
    const struct = (before as Struct | undefined) ?? { ...template };
    if (before === undefined) for (const prepare of fresh) prepare(struct);
    while (reader.pos < end) {
      const tag = reader.uint32();
      const read = fields.get(tag >>> 3);
      if (read) read(struct, reader, tag & 7);
      else reader.skipType(tag & 7);
    }
    if (reader.pos !== end) throw new DataError(`The message '${type.name}' ends in the middle of a field`);
    for (const complete of finish) complete(struct);
    return struct;
  };
}

/** Makes the message that a field without one is read as, where that is asked for. */
function missingMessage(field: protobuf.Field, schema: Schema, options: DecodeOptions): (() => unknown) | undefined {
  const type = field.resolvedType;
  if (!(type instanceof protobuf.Type) || !options.generateStructForNulls) return undefined;
  const read = messageKind(type, schema, options).message!;
  return () => read(protobuf.Reader.create(new Uint8Array(0)), 0, undefined);
}

/** What a field is that is not written. */
function missingValue(field: protobuf.Field, schema: Schema, options: DecodeOptions): unknown {
  if (field.resolvedType instanceof protobuf.Type) return null;
  return isNullable(field, options) && !options.generateStructForNulls ? null : zeroOf(field, schema, options);
}

function zeroOf(field: protobuf.Field, schema: Schema, options: DecodeOptions): unknown {
  const type = field.resolvedType;
  if (type instanceof protobuf.Enum) {
    const number = (field.typeDefault as number | null) ?? Object.values(type.values)[0] ?? 0;
    return enumValue(type, options)(number as never);
  }
  const scalar = SCALARS[field.type]!;
  const declared: unknown = field.options?.default === undefined ? undefined : field.typeDefault;
  if (declared === undefined || declared === null) return scalar.zero;
  // A default of the schema, as it comes from the wire.
  const writer = protobuf.Writer.create();
  scalar.write(writer, declared as never);
  const value = scalar.read(protobuf.Reader.create(writer.finish()));
  return schema.type === 'bytes' ? Uint8Array.from(value as Uint8Array) : value;
}

const enumValue = (type: protobuf.Enum, { intForEnums }: ReadSchemaOptions): ((number: never) => unknown) =>
  intForEnums
    ? (number) => number
    : (number) => type.valuesById[number] ?? `UNKNOWN_ENUM_VALUE_${type.name}_${String(number)}`;

function kindOf({ scalar, message }: FieldType, schema: Schema, options: DecodeOptions): Kind {
  if (message instanceof protobuf.Enum) return { scalar: SCALARS.int32!, convert: enumValue(message, options) };
  if (message) return messageKind(message, schema, options);
  return { scalar: SCALARS[scalar]!, ...narrowed(schema) };
}

/** int8 and int16 have 32 bits on the wire; what does not fit is refused. */
function narrowed(schema: Schema): Pick<Kind, 'convert'> {
  if (schema.type !== 'int8' && schema.type !== 'int16') return {};
  const limit = schema.type === 'int8' ? 2 ** 7 : 2 ** 15;
  return {
    convert: (value: number) => {
      if (value >= -limit && value < limit) return value;
      throw new DataError(`${value} does not fit ${schema.type}, which confluent.field_meta says the field is`);
    },
  };
}

/** Reads one value; `wireType` tells whether it is what the schema says. */
function readOne(kind: Kind, reader: protobuf.Reader, before: unknown): unknown {
  if (kind.message) {
    const length = reader.uint32();
    return kind.message(reader, within(reader, length), before);
  }
  const value = kind.scalar!.read(reader) as never;
  return kind.convert ? kind.convert(value) : value;
}

/** The end of a part of the message. @throws DataError if it is beyond the message's */
function within(reader: protobuf.Reader, length: number): number {
  const end = reader.pos + length;
  if (end > reader.len) throw new DataError('The data ends in the middle of a message');
  return end;
}

const wireTypeOf = (kind: Kind): number => kind.scalar?.wireType ?? 2;

function singleField(field: protobuf.Field, schema: Schema, options: DecodeOptions): ReadField {
  const kind = kindOf(typeOf(field), schema, options);
  const assign = set(field.name);
  const { name } = field;
  const expected = wireTypeOf(kind);
  return (struct, reader, wireType) => {
    if (wireType !== expected) reader.skipType(wireType);
    else assign(struct, readOne(kind, reader, kind.message ? (struct[name] ?? undefined) : undefined));
  };
}

function repeatedField(field: protobuf.Field, schema: Schema, options: DecodeOptions): ReadField {
  const kind = kindOf(typeOf(field), schema, options);
  const { name } = field;
  const expected = wireTypeOf(kind);
  return (struct, reader, wireType) => {
    const list = struct[name] as unknown[];
    if (wireType === 2 && kind.scalar?.packable) {
      const end = within(reader, reader.uint32());
      while (reader.pos < end) list.push(readOne(kind, reader, undefined));
    } else if (wireType === expected) list.push(readOne(kind, reader, undefined));
    else reader.skipType(wireType);
  };
}

function mapField(
  name: string,
  entry: NonNullable<ReturnType<typeof entryOf>>,
  schema: Schema,
  options: DecodeOptions,
): ReadField {
  const keys = kindOf(entry.key, schema.keySchema!, options);
  const values = kindOf(entry.value, schema.valueSchema!, options);
  const empty = (kind: Kind, type: FieldType): unknown => {
    if (kind.message) return kind.message(protobuf.Reader.create(new Uint8Array(0)), 0, undefined);
    if (type.message instanceof protobuf.Enum)
      return kind.convert!((Object.values(type.message.values)[0] ?? 0) as never);
    return kind.scalar!.zero;
  };
  return (struct, reader, wireType) => {
    if (wireType !== 2) return void reader.skipType(wireType);
    const end = within(reader, reader.uint32());
    let key: unknown;
    let value: unknown;
    while (reader.pos < end) {
      const tag = reader.uint32();
      if (tag === ((1 << 3) | wireTypeOf(keys))) key = readOne(keys, reader, undefined);
      else if (tag === ((2 << 3) | wireTypeOf(values))) value = readOne(values, reader, value);
      else reader.skipType(tag & 7);
    }
    let map = struct[name] as Map<unknown, unknown>;
    if (!(map instanceof Map)) {
      map = new Map(Object.entries(map));
      struct[name] = map;
    }
    map.set(key ?? empty(keys, entry.key), value ?? empty(values, entry.value));
  };
}

/** A map with text as keys as a plain object, where that keeps keys and order. */
function withTextKeys(map: unknown): unknown {
  if (!(map instanceof Map)) return map;
  for (const key of map.keys() as MapIterator<string>) if (key === '__proto__' || isReorderedKey(key)) return map;
  return Object.fromEntries(map);
}

/** A member of a oneof: the struct that stands for it has this one alone. */
function unionField(
  field: protobuf.Field,
  union: { readonly name: string; readonly schema: Schema },
  options: DecodeOptions,
): ReadField {
  const member = singleField(field, fieldOf(union.schema, field.name)!.schema, options);
  const names = union.schema.fields.map(({ name }) => name);
  return (struct, reader, wireType) => {
    const before = struct[union.name] as Struct | null;
    const choice: Struct = {};
    for (const name of names) choice[name] = name === field.name ? (before?.[name] ?? null) : null;
    member(choice, reader, wireType);
    struct[union.name] = choice;
  };
}
