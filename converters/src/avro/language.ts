import { DataError, decimalFromBytes, decimalScale, type Schema, type SchemaAndValue } from '@tributary/api';
import type { RegistrySchema } from '../registry/registry.ts';
import type { SchemaLanguage, ValueReader, ValueWriter } from '../registry/registry-converter.ts';
import { PREFIX_LENGTH } from '../registry/wire-format.ts';
import { ANYTHING, isAnything } from './anything.ts';
import { decodeAnything } from './anything-codec.ts';
import type { AvroNode } from './ast.ts';
import { connectSchemaOf, type UnionCounter } from './avro-to-connect.ts';
import { checkCanRead } from './compatibility.ts';
import { type AvroConfig, avroOptions } from './config.ts';
import { avroSchemaOf } from './connect-to-avro.ts';
import { compileDecoder, type Decode } from './decode.ts';
import { compileEncoder, type Encode } from './encode.ts';
import { isDecimalSchema } from './kinds.ts';
import type { AvroOptions } from './options.ts';
import { Reader } from './reader.ts';
import { parseSchema } from './schema-json.ts';
import { schemaText } from './schema-text.ts';
import { Writer } from './writer.ts';

/** Avro with its schema in the registry, as Confluent's AvroConverter has it. */
export function avroLanguage(config: AvroConfig): SchemaLanguage {
  const options = avroOptions(config);
  const unions: UnionCounter = { next: 0 };
  return {
    converter: 'AvroConverter',
    writer(schema) {
      const node = avroSchemaOf(schema, options);
      return new AvroValueWriter(
        schema,
        { type: 'AVRO', schema: schemaText(node), references: [] },
        node,
        node,
        options,
      );
    },
    recordName: (schema, references) => recordName(parse(schema, references)),
    reader(schema, references, version) {
      const node = parse(schema, references);
      if (isAnything(node)) return new AvroValueReader(null, decodeAnything);
      const connect = connectSchemaOf(node, options, unions, version);
      // The data of plain bytes stands without its length, as Confluent's serialiser writes it.
      return new AvroValueReader(connect, node.kind === 'bytes' ? rawDecoder(connect) : compileDecoder(connect, node));
    },
  };
}

function parse({ type, schema }: RegistrySchema, references: ReadonlyMap<string, string>): AvroNode {
  if (type === 'AVRO') return parseSchema(schema, [...references.values()]);
  throw new DataError(`Its schema is of type ${type}, not AVRO: use the converter that the data was written with`);
}

const recordName = (node: AvroNode): string | null => (node.kind === 'record' ? node.fullName : null);

/** One for all: what is written is copied before anyone else writes. */
const output = new Writer();

class AvroValueWriter implements ValueWriter {
  readonly schema: RegistrySchema;
  readonly recordName: string | null;
  readonly #connect: Schema | null;
  readonly #own: AvroNode;
  readonly #options: AvroOptions;
  readonly #encode: Encode;
  /** Whether the data is plain bytes, which stand without their length. */
  readonly #raw: boolean;

  /** @param node the schema that is written with; it may be another than the own one */
  constructor(connect: Schema | null, schema: RegistrySchema, own: AvroNode, node: AvroNode, options: AvroOptions) {
    this.schema = schema;
    this.recordName = recordName(own);
    this.#connect = connect;
    this.#own = own;
    this.#options = options;
    this.#encode = compileEncoder(connect, node, options);
    this.#raw = node.kind === 'bytes';
  }

  encode(value: unknown): Uint8Array | null {
    if (value === null || value === undefined) {
      if (this.#connect === null || this.#connect.optional) return null;
      throw new DataError(
        'Found null value for non-optional schema: make the schema optional, or send a tombstone without a schema',
      );
    }
    output.reset(PREFIX_LENGTH);
    this.#encode(value, output);
    return this.#raw ? withoutLength(output.take()) : output.take();
  }

  under(registered: RegistrySchema, references: ReadonlyMap<string, string>, strict: boolean): ValueWriter {
    const node = parse(registered, references);
    if (this.#connect === null && !isAnything(node))
      throw new DataError(
        'A value without a schema cannot be written with a schema of the registry: give the record a schema, or leave use.latest.version and use.schema.id out',
      );
    if (strict) checkCanRead(schemaText(node), this.schema.schema);
    const target = this.#connect === null ? ANYTHING : node;
    return new AvroValueWriter(this.#connect, this.schema, this.#own, target, this.#options);
  }
}

/** Drops the length behind the prefix, which ends with a byte below 0x80. */
function withoutLength(bytes: Uint8Array): Uint8Array {
  let end = PREFIX_LENGTH;
  while (bytes[end]! >= 0x80) end++;
  const dropped = end + 1 - PREFIX_LENGTH;
  return bytes.copyWithin(PREFIX_LENGTH, end + 1).subarray(0, bytes.length - dropped);
}

function rawDecoder(schema: Schema): Decode {
  if (!isDecimalSchema(schema)) return (reader) => reader.rest();
  const scale = decimalScale(schema);
  return (reader) => decimalFromBytes(reader.rest(), scale);
}

/** One for all: nothing else reads while a value is read. */
const input = new Reader();

class AvroValueReader implements ValueReader {
  readonly #schema: Schema | null;
  readonly #decode: Decode;

  constructor(schema: Schema | null, decode: Decode) {
    this.#schema = schema;
    this.#decode = decode;
  }

  decode(bytes: Uint8Array): SchemaAndValue {
    input.open(bytes, PREFIX_LENGTH);
    return { schema: this.#schema, value: this.#decode(input) };
  }
}
