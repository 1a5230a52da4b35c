import { isUtf8 } from 'node:buffer';
import { DataError, type Schema, type SchemaAndValue } from '@tributary/api';
import { type Decode, hasDecimals, JsonSyntaxError, NEEDS_EXACT, parseExactJson } from '@tributary/api/json';
import type { RegistrySchema } from '../registry/registry.ts';
import type { SchemaLanguage, ValueReader, ValueWriter } from '../registry/registry-converter.ts';
import { PREFIX_LENGTH } from '../registry/wire-format.ts';
import type { JsonSchemaConfig } from './config.ts';
import { compileDecoder, hasUnion } from './decode.ts';
import { compileEncoder, type Encode } from './encode.ts';
import { toJsonSchema } from './from-connect.ts';
import { toConnectSchema } from './to-connect.ts';
import { compileValidator, type Validate } from './validate.ts';

/** JSON with a JSON Schema in the registry, as Confluent's JsonSchemaConverter has it. */
export function jsonSchemaLanguage(config: JsonSchemaConfig): SchemaLanguage {
  const writeOptions = {
    decimalFormat: config['decimal.format'],
    ignoreDefaultForNullables: config['ignore.default.for.nullables'],
    generalizedSumTypes: config['generalized.sum.type.support'],
    additionalProperties: config['object.additional.properties'],
  };
  const readOptions = {
    generalizedSumTypes: config['generalized.sum.type.support'],
    optionalForNonRequired: config['use.optional.for.nonrequired'],
    flattenSingletons: config['flatten.singleton.unions'],
  };
  const validates = config['json.fail.invalid.schema'];
  const validator = (schema: string, references: ReadonlyMap<string, string>): Validate =>
    compileValidator(schema, references, config['ignore.modern.dialects']);
  return {
    converter: 'JsonSchemaConverter',
    writer(schema) {
      if (schema === null)
        throw new DataError(
          'The value has no schema, and this converter writes none without. Use org.apache.kafka.connect.json.JsonConverter with schemas.enable=false, or a source that gives schemas.',
        );
      const text = toJsonSchema(schema, writeOptions);
      const registered: RegistrySchema = { type: 'JSON', schema: text, references: [] };
      const encode = compileEncoder(schema, writeOptions);
      return new JsonValueWriter(
        registered,
        schema.name,
        encode,
        validates ? validator(text, new Map()) : null,
        validator,
      );
    },
    reader(schema, references, version) {
      const connect = toConnectSchema(schema.schema, references, version, readOptions);
      return new JsonValueReader(connect, validates ? validator(schema.schema, references) : null);
    },
  };
}

class JsonValueWriter implements ValueWriter {
  readonly schema: RegistrySchema;
  readonly recordName: string | null;
  readonly #encode: Encode;
  readonly #validate: Validate | null;
  readonly #validator: typeof compileValidator;

  constructor(
    schema: RegistrySchema,
    recordName: string | null,
    encode: Encode,
    validate: Validate | null,
    validator: typeof compileValidator,
  ) {
    this.schema = schema;
    this.recordName = recordName;
    this.#encode = encode;
    this.#validate = validate;
    this.#validator = validator;
  }

  encode(value: unknown): Uint8Array | null {
    const json = this.#encode(value);
    if (json === undefined) return null;
    this.#validate?.(json);
    const bytes = Buffer.allocUnsafe(PREFIX_LENGTH + Buffer.byteLength(json));
    bytes.write(json, PREFIX_LENGTH);
    return bytes;
  }

  /** Whether another schema can read what is written is found out from what is written. */
  under(registered: RegistrySchema, references: ReadonlyMap<string, string>, strict: boolean): ValueWriter {
    const isOther = registered.schema !== this.schema.schema;
    const validate =
      isOther && (strict || this.#validate) ? this.#validator(registered.schema, references) : this.#validate;
    return new JsonValueWriter(this.schema, this.recordName, this.#encode, validate, this.#validator);
  }
}

class JsonValueReader implements ValueReader {
  readonly #schema: Schema;
  readonly #decode: Decode;
  readonly #validate: Validate | null;
  /** Whether JSON.parse would lose what the schema asks for: always with decimals and unions, and once it has been so. */
  #exact: boolean;

  constructor(schema: Schema, validate: Validate | null) {
    this.#schema = schema;
    this.#decode = compileDecoder(schema);
    this.#validate = validate;
    this.#exact = hasDecimals(schema) || hasUnion(schema);
  }

  decode(bytes: Uint8Array): SchemaAndValue {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset + PREFIX_LENGTH, bytes.byteLength - PREFIX_LENGTH);
    const text = buffer.toString('utf8');
    if (text.includes('\ufffd') && !isUtf8(buffer)) throw new DataError('Not JSON but binary data (no valid UTF-8)');
    this.#validate?.(text);
    return { schema: this.#schema, value: this.#value(text) };
  }

  #value(text: string): unknown {
    if (!this.#exact) {
      try {
        return this.#decode(JSON.parse(text), false);
      } catch (error) {
        // The exact parser has the better words for what is wrong.
        if (error !== NEEDS_EXACT && !(error instanceof SyntaxError)) throw error;
        this.#exact = error === NEEDS_EXACT;
      }
    }
    try {
      return this.#decode(parseExactJson(text, true), true);
    } catch (error) {
      throw error instanceof JsonSyntaxError
        ? new DataError(`Not valid JSON: ${error.message}`, { cause: error })
        : error;
    }
  }
}
