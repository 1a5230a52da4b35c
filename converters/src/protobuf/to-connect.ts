import { DataError, Schema, type SchemaOptions } from '@tributary/api';
import protobuf from 'protobufjs';
import { fullNameOf, paramsOf } from './load.ts';
import {
  entryName,
  enumParameter,
  GENERAL_UNION,
  isEntryName,
  MAP_KEY,
  MAP_VALUE,
  mapName,
  PRECISION,
  TAG,
  TYPE,
  UNION_PREFIX,
  WRAPPER,
} from './names.ts';

export interface ReadSchemaOptions {
  readonly generalizedSumTypes: boolean;
  /** Whether names of schemas are full names. */
  readonly fullNames: boolean;
  readonly intForEnums: boolean;
  readonly optionalForNullables: boolean;
  /** Whether fields of proto2 with the label `optional` are optional. */
  readonly optionalForProto2: boolean;
  readonly wrapperForNullables: boolean;
  /** Whether a message around a scalar is read as the scalar. */
  readonly unwrapPrimitives: boolean;
  /** Whether the fields for oneofs have the number of the oneof in their name. */
  readonly indexForUnions: boolean;
  /** Whether the members of oneofs are fields of their message. */
  readonly flattenUnions: boolean;
}

/** The Connect schema of a message. @throws DataError for a message that is part of itself */
export function toConnectSchema(type: protobuf.Type, version: number | null, options: ReadSchemaOptions): Schema {
  return new Reader(options).message(type, { version });
}

type Make = (options: SchemaOptions) => Schema;

const WRAPPED: Readonly<Record<string, Make>> = {
  'google.protobuf.DoubleValue': Schema.float64,
  'google.protobuf.FloatValue': Schema.float32,
  'google.protobuf.Int64Value': Schema.int64,
  'google.protobuf.UInt64Value': Schema.int64,
  'google.protobuf.Int32Value': Schema.int32,
  'google.protobuf.UInt32Value': Schema.int64,
  'google.protobuf.BoolValue': Schema.boolean,
  'google.protobuf.StringValue': Schema.string,
  'google.protobuf.BytesValue': Schema.bytes,
};

/** Whether a message is one of Google's around a scalar. */
export const isWrapper = (type: protobuf.ReflectionObject): boolean => Object.hasOwn(WRAPPED, fullNameOf(type));

/** The name of the field that stands for a oneof. */
export function unionFieldName(oneof: protobuf.OneOf, { indexForUnions }: ReadSchemaOptions): string {
  return indexForUnions ? `${oneof.name}_${realOneofs(oneof.parent as protobuf.Type).indexOf(oneof)}` : oneof.name;
}

/** The oneofs that are declared as such. */
export function realOneofs(type: protobuf.Type): protobuf.OneOf[] {
  return type.oneofsArray.filter((oneof) => !oneof.isProto3Optional);
}

/** The oneof that a field is declared in. */
export function realOneof(field: protobuf.Field): protobuf.OneOf | null {
  return field.partOf && !field.partOf.isProto3Optional ? field.partOf : null;
}

/** Whether a field has the label `optional`, where it means something. */
export function hasOptionalLabel(field: protobuf.Field): boolean {
  if (field.repeated || field.map || field.required || realOneof(field)) return false;
  return field.partOf !== null || (field.hasPresence && !(field.resolvedType instanceof protobuf.Type));
}

/** Whether a field that is not there is null, rather than what its type begins with. */
export function isNullable(field: protobuf.Field, { optionalForProto2 }: ReadSchemaOptions): boolean {
  return field.partOf !== null || (optionalForProto2 && hasOptionalLabel(field));
}

/** Key and value of a map, whether it is declared as one or as the entries that it is on the wire. */
export function entryOf(field: protobuf.Field): { readonly key: FieldType; readonly value: FieldType } | undefined {
  if (field instanceof protobuf.MapField) {
    return {
      key: { scalar: field.keyType, message: null },
      value: { scalar: field.type, message: field.resolvedType },
    };
  }
  const entry = field.resolvedType;
  if (!field.repeated || !(entry instanceof protobuf.Type) || !isEntryName(entry.name)) return undefined;
  const [key, value, ...more] = entry.fieldsArray;
  if (key?.name !== MAP_KEY || value?.name !== MAP_VALUE || more.length > 0 || key.repeated || value.repeated)
    return undefined;
  return { key: typeOf(key), value: typeOf(value) };
}

/** What a field holds one of. */
export interface FieldType {
  readonly scalar: string;
  readonly message: protobuf.Type | protobuf.Enum | null;
  /** Where it is declared, if it has options. */
  readonly field?: protobuf.Field;
}

export function typeOf(field: protobuf.Field): FieldType {
  return { scalar: field.type, message: field.resolvedType, field };
}

class Reader {
  readonly #options: ReadSchemaOptions;
  readonly #open = new Set<protobuf.Type>();

  constructor(options: ReadSchemaOptions) {
    this.#options = options;
  }

  message(type: protobuf.Type, options: SchemaOptions): Schema {
    const wrapped = this.#options.unwrapPrimitives ? WRAPPED[fullNameOf(type)] : undefined;
    if (wrapped) return wrapped(options);
    if (this.#open.has(type)) {
      throw new DataError(
        `The message '${fullNameOf(type)}' is part of itself. Connect schemas of that kind are not supported: let a ByteArrayConverter pass the data on as it is.`,
      );
    }
    this.#open.add(type);
    const fields = realOneofs(type).flatMap((oneof) =>
      this.#options.flattenUnions
        ? this.#members(oneof)
        : [[unionFieldName(oneof, this.#options), this.#union(oneof)] as const],
    );
    for (const field of type.fieldsArray) if (!realOneof(field)) fields.push([field.name, this.#field(field, false)]);
    this.#open.delete(type);
    return Schema.struct(fields, { ...options, name: this.#named(type) });
  }

  #named(object: protobuf.ReflectionObject): string {
    return this.#options.fullNames ? fullNameOf(object) : object.name;
  }

  #union(oneof: protobuf.OneOf): Schema {
    const mark = this.#options.generalizedSumTypes
      ? { name: oneof.name, parameters: { [GENERAL_UNION]: oneof.name } }
      : { name: `${UNION_PREFIX}${this.#named(oneof)}` };
    return Schema.struct(this.#members(oneof), { ...mark, optional: true });
  }

  #members(oneof: protobuf.OneOf): (readonly [name: string, schema: Schema])[] {
    return oneof.fieldsArray.map((field) => [field.name, this.#field(field, true)] as const);
  }

  #field(field: protobuf.Field, inOneof: boolean): Schema {
    const { optionalForNullables, wrapperForNullables } = this.#options;
    const wrapperMark = inOneof && wrapperForNullables && field.resolvedType && isWrapper(field.resolvedType);
    const optional = inOneof || (optionalForNullables ? hasOptionalLabel(field) : !wrapperForNullables);
    const parameters = { ...(wrapperMark && { [WRAPPER]: 'true' }), [TAG]: String(field.id) };
    const entry = entryOf(field);
    if (entry) return this.#map(field, entry, { parameters, optional: true });
    if (field.repeated)
      return Schema.array(this.#type(typeOf(field), { optional: true }), { parameters, optional: true });
    return this.#type(typeOf(field), { parameters, optional });
  }

  #map(field: protobuf.Field, entry: NonNullable<ReturnType<typeof entryOf>>, options: SchemaOptions): Schema {
    const { optionalForNullables, wrapperForNullables } = this.#options;
    const inner = (type: FieldType, tag: string): Schema =>
      this.#type(type, { parameters: { [TAG]: tag }, optional: !optionalForNullables && !wrapperForNullables });
    const message = field instanceof protobuf.MapField ? entryName(field.name) : field.resolvedType!.name;
    const scope = field instanceof protobuf.MapField ? field.parent! : field.resolvedType!.parent!;
    const fullName = this.#options.fullNames ? `${fullNameOf(scope)}.${message}`.replace(/^\./, '') : message;
    return Schema.map(inner(entry.key, '1'), inner(entry.value, '2'), { ...options, name: mapName(fullName) });
  }

  /** Messages and enums are optional, whatever the field is. */
  #type({ scalar, message, field }: FieldType, options: SchemaOptions): Schema {
    if (message instanceof protobuf.Enum) return this.#enum(message, { ...options, optional: true });
    if (message) return this.#messageField(message, field, { ...options, optional: true });
    const { make, type } = scalarSchema(scalar, field);
    return make(type ? { ...options, parameters: { [TYPE]: type, ...options.parameters } } : options);
  }

  #enum(type: protobuf.Enum, options: SchemaOptions): Schema {
    const mark = enumParameter(this.#options.generalizedSumTypes);
    const values = Object.entries(type.values).map(([symbol, number]) => [`${mark}.${symbol}`, String(number)]);
    const parameters = { [mark]: type.name, ...Object.fromEntries(values), ...options.parameters };
    const make = this.#options.intForEnums ? Schema.int32 : Schema.string;
    return make({ ...options, name: this.#named(type), parameters });
  }

  #messageField(type: protobuf.Type, field: protobuf.Field | undefined, options: SchemaOptions): Schema {
    switch (fullNameOf(type)) {
      case 'confluent.type.Decimal': {
        const { precision, scale } = field ? paramsOf(field) : {};
        const parameters = { ...(isInteger(precision) && { [PRECISION]: precision }), ...options.parameters };
        return Schema.decimal(isInteger(scale) ? Number(scale) : 0, { ...options, parameters });
      }
      case 'google.type.Date':
        return Schema.date(options);
      case 'google.type.TimeOfDay':
        return Schema.time(options);
      case 'google.protobuf.Timestamp':
        return Schema.timestamp(options);
    }
    const wrapped = this.#options.wrapperForNullables ? WRAPPED[fullNameOf(type)] : undefined;
    return wrapped ? wrapped(options) : this.message(type, options);
  }
}

const isInteger = (text: string | undefined): text is string => text !== undefined && /^[+-]?\d+$/.test(text);

/** The Connect type of a scalar, and what the scalar is called where that is not the type's usual one. */
function scalarSchema(
  scalar: string,
  field: protobuf.Field | undefined,
): { readonly make: Make; readonly type?: string } {
  switch (scalar) {
    case 'int32':
    case 'sint32':
    case 'sfixed32': {
      const connectType = field && paramsOf(field)['connect.type'];
      if (connectType === 'int8') return { make: Schema.int8 };
      if (connectType === 'int16') return { make: Schema.int16 };
      return scalar === 'int32' ? { make: Schema.int32 } : { make: Schema.int32, type: scalar };
    }
    case 'float':
      return { make: Schema.float32 };
    case 'double':
      return { make: Schema.float64 };
    case 'bool':
      return { make: Schema.boolean };
    case 'string':
      return { make: Schema.string };
    case 'bytes':
      return { make: Schema.bytes };
    case 'int64':
      return { make: Schema.int64 };
    default:
      return { make: Schema.int64, type: scalar };
  }
}
