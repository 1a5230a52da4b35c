import { DataError, Schema, type SchemaAndValue } from '@tributary/api';
import protobuf from 'protobufjs';
import type { RegistrySchema } from '../registry/registry.ts';
import type { SchemaLanguage, ValueReader, ValueWriter } from '../registry/registry-converter.ts';
import { PREFIX_LENGTH } from '../registry/wire-format.ts';
import { incompatibility } from './compatible.ts';
import type { ProtobufConfig } from './config.ts';
import { compileDecoder, type Decode, type DecodeOptions } from './decode.ts';
import { compileEncoder, type Encode, type EncodeOptions, wrapperEncoder } from './encode.ts';
import { toProto } from './from-connect.ts';
import { FIRST, readIndexes, writeIndexes } from './indexes.ts';
import { type LoadedFile, loadProto, messageAt, messageNamed } from './load.ts';
import type { ProtoMessage } from './model.ts';
import { rootScalar } from './root-scalar.ts';
import { protoText } from './text.ts';
import { toConnectSchema } from './to-connect.ts';

/** Protobuf with .proto files in the registry, as Confluent's ProtobufConverter has it. */
export function protobufLanguage(config: ProtobufConfig): SchemaLanguage {
  const writeOptions: EncodeOptions = {
    generalizedSumTypes: config['generalized.sum.type.support'],
    scrubInvalidNames: config['scrub.invalid.names'],
    optionalForNullables: config['optional.for.nullables'],
    wrapperForNullables: config['wrapper.for.nullables'],
    ignoreDefaultForNullables: config['ignore.default.for.nullables'],
  };
  const readOptions: DecodeOptions = {
    generalizedSumTypes: config['generalized.sum.type.support'],
    fullNames: config['enhanced.protobuf.schema.support'],
    intForEnums: config['int.for.enums'],
    optionalForNullables: config['optional.for.nullables'],
    optionalForProto2: config['optional.for.proto2'],
    wrapperForNullables: config['wrapper.for.nullables'],
    unwrapPrimitives: config['wrapper.for.raw.primitives'],
    indexForUnions: config['generate.index.for.unions'],
    flattenUnions: config['flatten.unions'],
    generateStructForNulls: config['generate.struct.for.nulls'],
  };
  return {
    converter: 'ProtobufConverter',
    writer(schema) {
      if (schema === null)
        throw new DataError(
          'The value has no schema, and protobuf has no data without. Use org.apache.kafka.connect.json.JsonConverter with schemas.enable=false, or a source that gives schemas.',
        );
      return schema.type === 'struct' ? structWriter(schema, writeOptions) : scalarWriter(schema);
    },
    reader: (schema, references, version) =>
      new MessageReader(loadProto(schema.schema, references), version, readOptions),
  };
}

const registered = (schema: string): RegistrySchema => ({ type: 'PROTOBUF', schema, references: [] });

function structWriter(schema: Schema, options: EncodeOptions): ValueWriter {
  const file = toProto(schema, options);
  const { message } = file;
  const recordName = file.package === null ? message.name : `${file.package}.${message.name}`;
  const encode = compileEncoder(schema, message, options);
  return new MessageWriter(registered(protoText(file)), recordName, FIRST, message, encode);
}

function scalarWriter(schema: Schema): ValueWriter {
  const plain = schema.parameters === null ? schema : Schema.with(schema, { parameters: null });
  try {
    const { text, fullName, indexes } = rootScalar(plain);
    return new MessageWriter(registered(text), fullName, indexes, null, wrapperEncoder(plain));
  } catch (error) {
    // A tombstone may have any schema.
    const refuse = () => {
      throw error;
    };
    return new MessageWriter(registered(''), '', FIRST, null, refuse);
  }
}

class MessageWriter implements ValueWriter {
  readonly schema: RegistrySchema;
  readonly recordName: string;
  readonly #indexes: readonly number[];
  /** Null for a scalar. */
  readonly #message: ProtoMessage | null;
  readonly #encode: Encode;

  constructor(
    schema: RegistrySchema,
    recordName: string,
    indexes: readonly number[],
    message: ProtoMessage | null,
    encode: Encode,
  ) {
    this.schema = schema;
    this.recordName = recordName;
    this.#indexes = indexes;
    this.#message = message;
    this.#encode = encode;
  }

  /** Null is a tombstone, whatever the schema says. */
  encode(value: unknown): Uint8Array | null {
    if (value === null || value === undefined) return null;
    // Five bytes for the prefix.
    const writer = protobuf.Writer.create().fixed32(0).bool(false);
    writeIndexes(writer, this.#indexes);
    this.#encode(writer, value);
    return writer.finish();
  }

  under(other: RegistrySchema, references: ReadonlyMap<string, string>, strict: boolean): ValueWriter {
    const found = messageNamed(loadProto(other.schema, references), this.recordName);
    if (!found)
      throw new DataError(
        `The schema in the registry has no message '${this.recordName}'. Register one that has, or set the name with the transform SetSchemaMetadata.`,
      );
    const problem = strict && this.#message ? incompatibility(this.#message, found.type) : undefined;
    if (problem)
      throw new DataError(
        `The schema in the registry cannot read what is written: ${problem} (latest.compatibility.strict=false writes it all the same)`,
      );
    return new MessageWriter(this.schema, this.recordName, found.indexes, this.#message, this.#encode);
  }
}

interface Compiled {
  readonly schema: Schema;
  readonly decode: Decode;
}

class MessageReader implements ValueReader {
  readonly #file: LoadedFile;
  readonly #version: number | null;
  readonly #options: DecodeOptions;
  readonly #compiled = new Map<string, Compiled>();

  constructor(file: LoadedFile, version: number | null, options: DecodeOptions) {
    this.#file = file;
    this.#version = version;
    this.#options = options;
  }

  decode(bytes: Uint8Array): SchemaAndValue {
    const reader = protobuf.Reader.create(bytes.subarray(PREFIX_LENGTH));
    let indexes: readonly number[];
    try {
      indexes = readIndexes(reader);
    } catch (error) {
      throw new DataError('The data ends before it tells which message it is', { cause: error });
    }
    const key = indexes === FIRST ? '0' : indexes.join('.');
    let compiled = this.#compiled.get(key);
    if (!compiled) {
      const type = messageAt(this.#file, indexes);
      const schema = toConnectSchema(type, this.#version, this.#options);
      compiled = { schema, decode: compileDecoder(type, schema, this.#options) };
      this.#compiled.set(key, compiled);
    }
    return { schema: compiled.schema, value: compiled.decode(bytes.subarray(PREFIX_LENGTH + reader.pos)) };
  }
}
