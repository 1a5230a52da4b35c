import { LruCache, type Schema } from '@tributary/api';
import type { Encode } from '@tributary/api/json';
import { compileEncoder, type EncodeOptions, encodeSchemaless } from './json-encode.ts';
import { schemaToJson } from './json-schema.ts';

export interface JsonWriterOptions extends EncodeOptions {
  readonly schemasEnable: boolean;
  readonly cacheSize: number;
}

interface Compiled {
  readonly encode: Encode;
  /** The envelope up to the payload. */
  readonly prefix: string;
}

const NO_SCHEMA: Compiled = { encode: encodeSchemaless, prefix: '{"schema":null,"payload":' };

/** Writes values as JSON bytes; what hangs on the schema alone is done once per schema. */
export class JsonWriter {
  readonly #options: JsonWriterOptions;
  readonly #byIdentity = new WeakMap<Schema, Compiled>();
  /** For sources that make an equal schema anew for each record. */
  readonly #byText: LruCache<string, Compiled>;

  constructor(options: JsonWriterOptions) {
    this.#options = options;
    this.#byText = new LruCache(options.cacheSize);
  }

  /** @throws DataError */
  write(schema: Schema | null, value: unknown): Uint8Array | null {
    if (schema === null && (value === null || value === undefined)) return null;
    const { encode, prefix } = schema === null ? NO_SCHEMA : (this.#byIdentity.get(schema) ?? this.#compile(schema));
    const payload = encode(value);
    return Buffer.from(this.#options.schemasEnable ? `${prefix}${payload}}` : payload);
  }

  #compile(schema: Schema): Compiled {
    const text = this.#textOf(schema);
    let compiled = text === null ? undefined : this.#byText.get(text);
    if (!compiled) {
      compiled = { encode: compileEncoder(schema, this.#options), prefix: `{"schema":${text},"payload":` };
      if (text !== null) this.#byText.set(text, compiled);
    }
    this.#byIdentity.set(schema, compiled);
    return compiled;
  }

  /** Null if the schema has a default that cannot be written, which matters only where schemas are. */
  #textOf(schema: Schema): string | null {
    try {
      return schemaToJson(schema, this.#options);
    } catch (error) {
      if (this.#options.schemasEnable) throw error;
      return null;
    }
  }
}
