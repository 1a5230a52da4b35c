import { DataError, LogicalName, type Schema } from '@tributary/api';
import type { ProtoEnum, ProtoField, ProtoFile, ProtoMessage } from './model.ts';
import {
  entryName,
  enumParameter,
  GENERAL_UNION,
  isEnum,
  isUnion,
  MAP_KEY,
  MAP_VALUE,
  PRECISION,
  type ProtoName,
  protoNames,
  TAG,
  TYPE,
  UNION_PREFIX,
  WRAPPER,
} from './names.ts';
import { fileOf, WRAPPERS } from './well-known.ts';

export interface WriteSchemaOptions {
  readonly generalizedSumTypes: boolean;
  readonly scrubInvalidNames: boolean;
  /** Whether fields that may be null have the label `optional`. */
  readonly optionalForNullables: boolean;
  /** Whether fields that may be null are messages around the value, such as google.protobuf.StringValue. */
  readonly wrapperForNullables: boolean;
}

const DEFAULT_NAME = 'ConnectDefault';

/** The .proto file of a struct's schema, as Confluent's converter makes it. @throws DataError for what protobuf cannot express */
export function toProto(schema: Schema, options: WriteSchemaOptions): ProtoFile {
  return new Translation(options).file(schema);
}

/** Whether a field's value is written in a message of its own because it may be null. */
export function isWrapped(schema: Schema, inOneof: boolean, { wrapperForNullables }: WriteSchemaOptions): boolean {
  return wrapperForNullables && schema.optional && (!inOneof || schema.parameters?.[WRAPPER] === 'true');
}

interface Draft {
  readonly name: string;
  readonly fields: ProtoField[];
  readonly oneofs: string[];
  readonly messages: ProtoMessage[];
  readonly enums: ProtoEnum[];
}

const emptyDraft = (name: string): Draft => ({ name, fields: [], oneofs: [], messages: [], enums: [] });

class Translation {
  readonly #options: WriteSchemaOptions;
  readonly #name: ProtoName;
  readonly #imports: string[] = [];
  #unnamed = 0;

  constructor(options: WriteSchemaOptions) {
    this.#options = options;
    this.#name = protoNames(options.scrubInvalidNames);
  }

  file(schema: Schema): ProtoFile {
    const parts = (schema.name || `${DEFAULT_NAME}${++this.#unnamed}`).split('.').map(this.#name);
    const message = this.#message(schema, parts.at(-1)!);
    return { package: parts.length > 1 ? parts.slice(0, -1).join('.') : null, imports: this.#imports, message };
  }

  #message(schema: Schema, name: string): ProtoMessage {
    const draft = emptyDraft(name);
    const taken = new Set(schema.fields.flatMap(({ schema: inner }) => tagsOf(inner)));
    let next = 1;
    const number = (inner: Schema): number => {
      const given = tagOf(inner);
      if (given !== undefined) return given;
      while (taken.has(next)) next++;
      return next++;
    };
    for (const field of schema.fields) {
      if (isUnion(field.schema)) this.#oneof(draft, field.schema, number);
      else this.#field(draft, field.schema, this.#name(field.name), number(field.schema), null);
    }
    checkUnique(draft);
    return draft;
  }

  #oneof(draft: Draft, union: Schema, number: (schema: Schema) => number): void {
    const oneof = this.#options.generalizedSumTypes
      ? (union.parameters?.[GENERAL_UNION] ?? '')
      : this.#unqualified((union.name ?? '').slice(UNION_PREFIX.length));
    draft.oneofs.push(this.#name(oneof));
    for (const { name, schema } of union.fields) {
      if (schema.type === 'array' || schema.type === 'map' || isUnion(schema))
        throw new DataError(`The field '${name}' of the oneof '${oneof}' is ${schema.type}, which a oneof cannot hold`);
      this.#field(draft, schema, this.#name(name), number(schema), this.#name(oneof));
    }
  }

  #field(draft: Draft, schema: Schema, name: string, number: number, oneof: string | null): void {
    const isRepeated = schema.type === 'array' || schema.type === 'map';
    const inner = schema.type === 'array' ? schema.valueSchema! : schema;
    if (schema.type === 'array' && (inner.type === 'array' || inner.type === 'map' || isUnion(inner)))
      throw new DataError(
        `The field '${name}' is an array of ${inner.type}, which protobuf has not. Wrap the elements in a struct.`,
      );
    const params: [string, string][] = [];
    const type = this.#type(draft, inner, name, params, oneof !== null);
    const isOptional = this.#options.optionalForNullables && schema.optional && oneof === null;
    const label = isRepeated ? 'repeated' : isOptional ? 'optional' : null;
    draft.fields.push({ name, number, type, label, oneof, params });
  }

  /** The name of a type; what has to be declared for it is. */
  #type(draft: Draft, schema: Schema, fieldName: string, params: [string, string][], inOneof: boolean): string {
    const known = logicalType(schema, params);
    if (known) return this.#import(known);
    if (isEnum(schema)) return this.#enum(draft, schema);
    switch (schema.type) {
      case 'map':
        return this.#declare(draft, this.#entry(schema, entryName(this.#unqualified(schema.name))));
      case 'struct': {
        const name = this.#unqualified(schema.name);
        return this.#declare(draft, this.#message(schema, name === fieldName ? `${name}Message` : name));
      }
      default: {
        if (schema.type === 'int8' || schema.type === 'int16') params.push(['connect.type', schema.type]);
        const scalar = scalarType(schema);
        return isWrapped(schema, inOneof, this.#options) ? this.#import(WRAPPERS[scalar]!) : scalar;
      }
    }
  }

  #entry(schema: Schema, name: string): ProtoMessage {
    const draft = emptyDraft(name);
    this.#field(draft, schema.keySchema!, MAP_KEY, 1, null);
    this.#field(draft, schema.valueSchema!, MAP_VALUE, 2, null);
    const fields = draft.fields.map((field) => (field.label === 'optional' ? { ...field, label: null } : field));
    return { ...draft, fields };
  }

  #enum(draft: Draft, schema: Schema): string {
    const parameter = enumParameter(this.#options.generalizedSumTypes);
    const name = this.#name(schema.parameters![parameter] ?? '');
    const values = Object.entries(schema.parameters!)
      .filter(([key]) => key.startsWith(`${parameter}.`))
      .map(([key, number]) => [this.#name(key.slice(parameter.length + 1)), Number(number)] as const);
    if (!draft.enums.some((known) => known.name === name)) draft.enums.push({ name, values });
    return name;
  }

  #declare(draft: Draft, message: ProtoMessage): string {
    const known = draft.messages.find(({ name }) => name === message.name);
    if (!known) draft.messages.push(message);
    else if (JSON.stringify(known) !== JSON.stringify(message))
      throw new DataError(
        `There are two types '${message.name}' in '${draft.name}' that differ. Give one another name (SetSchemaMetadata).`,
      );
    return message.name;
  }

  #import(type: string): string {
    const file = fileOf(type);
    if (!this.#imports.includes(file)) this.#imports.push(file);
    return type;
  }

  #unqualified(name: string | null): string {
    const full = name || `${DEFAULT_NAME}${++this.#unnamed}`;
    return this.#name(full.slice(full.lastIndexOf('.') + 1));
  }
}

function checkUnique({ name, fields, oneofs, messages, enums }: Draft): void {
  // They share one space of names.
  const names = new Set([...oneofs, ...[...messages, ...enums].map((type) => type.name)]);
  const numbers = new Set<number>();
  for (const field of fields) {
    if (names.has(field.name))
      throw new DataError(
        `'${name}' has two fields or types '${field.name}', which protobuf cannot tell apart. Rename one.`,
      );
    if (numbers.has(field.number))
      throw new DataError(`Two fields of '${name}' have the number ${field.number} (parameter ${TAG})`);
    names.add(field.name);
    numbers.add(field.number);
  }
}

function tagOf(schema: Schema): number | undefined {
  const tag = schema.parameters?.[TAG];
  if (tag === undefined) return undefined;
  const number = Number(tag);
  if (!Number.isInteger(number) || number < 1 || number >= 2 ** 29)
    throw new DataError(`The parameter ${TAG} of a field is '${tag}', which is no number of a field`);
  return number;
}

function tagsOf(schema: Schema): number[] {
  const inner = isUnion(schema) ? schema.fields.map((field) => field.schema) : [schema];
  return inner.map(tagOf).filter((tag) => tag !== undefined);
}

function logicalType(schema: Schema, params: [string, string][]): string | undefined {
  switch (schema.name) {
    case LogicalName.decimal: {
      const { [PRECISION]: precision, scale } = schema.parameters ?? {};
      if (precision !== undefined) params.push(['precision', precision]);
      if (scale !== undefined) params.push(['scale', scale]);
      return 'confluent.type.Decimal';
    }
    case LogicalName.date:
      return 'google.type.Date';
    case LogicalName.time:
      return 'google.type.TimeOfDay';
    case LogicalName.timestamp:
      return 'google.protobuf.Timestamp';
    default:
      return undefined;
  }
}

/** What an int32 and an int64 may be in protobuf, by their parameter. */
const INTEGERS: Readonly<Record<string, readonly string[]>> = {
  int32: ['int32', 'sint32', 'sfixed32'],
  int64: ['int64', 'uint32', 'fixed32', 'uint64', 'sint64', 'fixed64', 'sfixed64'],
};

/** The scalar type of a schema that is no array, map, struct, enum or logical type. @throws DataError */
export function scalarType(schema: Schema): string {
  switch (schema.type) {
    case 'int8':
    case 'int16':
      return 'int32';
    case 'int32':
    case 'int64': {
      const type = schema.parameters?.[TYPE] ?? schema.type;
      if (INTEGERS[schema.type]!.includes(type)) return type;
      throw new DataError(
        `The parameter ${TYPE} of an ${schema.type} is '${type}', which is none of ${INTEGERS[schema.type]!.join(', ')}`,
      );
    }
    case 'float32':
      return 'float';
    case 'float64':
      return 'double';
    case 'boolean':
      return 'bool';
    case 'string':
    case 'bytes':
      return schema.type;
    default:
      throw new DataError(`${schema.type} is no scalar type`);
  }
}
