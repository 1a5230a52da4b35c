import { type Config, DataError, type Schema, schemaEquals } from '@tributary/api';
import { Lru } from '../registry/lru.ts';
import type { RegistrySchema, SchemaRegistry } from '../registry/registry.ts';
import { type SubjectName, subjectName } from '../registry/subject-names.ts';
import { PREFIX_LENGTH, writePrefix } from '../registry/wire-format.ts';
import { referencedTexts, writeSchema, writeSchemaTtl } from '../registry/write-schema.ts';
import { ANYTHING } from './anything.ts';
import type { AvroNode } from './ast.ts';
import { type avroKeys, avroOptions } from './config.ts';
import { avroSchemaOf } from './connect-to-avro.ts';
import { compileEncoder, type Encode } from './encode.ts';
import type { AvroOptions } from './options.ts';
import { parseSchema } from './schema-json.ts';
import { schemaText } from './schema-text.ts';
import { Writer } from './writer.ts';

export type AvroConfig = Config<typeof avroKeys>;

/** A Connect schema with what follows from it alone. */
interface Mapped {
  readonly schema: Schema | null;
  readonly node: AvroNode;
  readonly text: string;
}

/** What it takes to write a value to one topic. */
interface Prepared {
  readonly id: number;
  readonly encode: Encode;
  /** The data of plain bytes stands without a length, as Confluent's serialiser writes it. */
  readonly raw: boolean;
  /** When to ask the registry again, by performance.now(). */
  readonly until: number;
}

/** Stands for the schema of values without one, so that it can be a key. */
const NO_SCHEMA = {};

/** One for all: what is written is copied before anyone else writes. */
const output = new Writer();

/** Writes values; what hangs on the schema alone is done once per schema. */
export class AvroWriter {
  readonly #registry: SchemaRegistry;
  readonly #config: AvroConfig;
  readonly #options: AvroOptions;
  readonly #subject: SubjectName;
  readonly #ttlMs: number;
  readonly #mapped = new WeakMap<object, Mapped>();
  /** For sources that make an equal schema anew for each record. */
  readonly #byText: Lru<string, Mapped>;
  readonly #prepared = new Map<string, WeakMap<Mapped, Prepared | Promise<Prepared>>>();

  constructor(registry: SchemaRegistry, config: AvroConfig, isKey: boolean) {
    this.#registry = registry;
    this.#config = config;
    this.#options = avroOptions(config);
    this.#subject = subjectName(config[isKey ? 'key.subject.name.strategy' : 'value.subject.name.strategy'], isKey);
    this.#ttlMs = writeSchemaTtl(config, config['latest.cache.ttl.sec']);
    this.#byText = new Lru(config['schemas.cache.config']);
  }

  /** @throws DataError, and what the registry throws */
  write(topic: string, schema: Schema | null, value: unknown): Uint8Array | null | Promise<Uint8Array> {
    if (value === null || value === undefined) {
      if (schema === null || schema.optional) return null;
      throw new DataError(
        `Found null value for non-optional schema (${schema.name ?? schema.type.toUpperCase()}): make the schema optional, or leave it out for a tombstone`,
      );
    }
    const prepared = this.#prepare(topic, this.#mappedOf(schema));
    if (!(prepared instanceof Promise)) return encoded(prepared, value);
    return prepared.then((ready) => encoded(ready, value));
  }

  #mappedOf(schema: Schema | null): Mapped {
    const key = schema ?? NO_SCHEMA;
    let mapped = this.#mapped.get(key);
    if (mapped) return mapped;
    const node = avroSchemaOf(schema, this.#options);
    const text = schemaText(node);
    mapped = this.#byText.get(text);
    // The text does not tell everything where connect.meta.data is off.
    if (!mapped || !schemaEquals(mapped.schema, schema)) {
      mapped = { schema, node, text };
      this.#byText.set(text, mapped);
    }
    this.#mapped.set(key, mapped);
    return mapped;
  }

  #prepare(topic: string, mapped: Mapped): Prepared | Promise<Prepared> {
    let ofTopic = this.#prepared.get(topic);
    if (!ofTopic) {
      ofTopic = new WeakMap();
      this.#prepared.set(topic, ofTopic);
    }
    const known = ofTopic.get(mapped);
    if (
      known &&
      (known instanceof Promise || this.#ttlMs === Number.POSITIVE_INFINITY || known.until > performance.now())
    )
      return known;
    const pending = this.#ask(topic, mapped);
    ofTopic.set(mapped, pending);
    pending.then(
      (ready) => ofTopic.set(mapped, ready),
      () => ofTopic.delete(mapped),
    );
    return pending;
  }

  async #ask(topic: string, { schema, node, text }: Mapped): Promise<Prepared> {
    const subject = this.#subject(topic, () => (node.kind === 'record' ? node.fullName : null));
    const own: RegistrySchema = { type: 'AVRO', schema: text, references: [] };
    const { id, other, strictKey } = await writeSchema(this.#registry, this.#config, subject, own);
    const until = performance.now() + this.#ttlMs;
    if (other === null) return prepared(id, schema, node, this.#options, until);
    const referenced = await referencedTexts(this.#registry, other);
    if (strictKey !== null) {
      // Loaded only where it is asked for, so that others start faster.
      const { checkCanRead } = await import('./compatibility.ts');
      checkCanRead(schemaText(parseSchema(other.schema, referenced)), text, strictKey);
    }
    return prepared(id, schema, parseSchema(other.schema, referenced), this.#options, until);
  }
}

function prepared(id: number, schema: Schema | null, node: AvroNode, options: AvroOptions, until: number): Prepared {
  if (schema === null && node !== ANYTHING)
    throw new DataError(
      'A value without a schema cannot be written with a schema of the registry: give the record a schema, or set use.latest.version=false',
    );
  return { id, encode: compileEncoder(schema, node, options), raw: node.kind === 'bytes', until };
}

function encoded({ id, encode, raw }: Prepared, value: unknown): Uint8Array {
  output.reset(PREFIX_LENGTH);
  encode(value, output);
  const bytes = raw ? withoutLength(output.take()) : output.take();
  writePrefix(bytes, id);
  return bytes;
}

/** Drops the length behind the prefix, which ends with a byte below 0x80. */
function withoutLength(bytes: Uint8Array): Uint8Array {
  let end = PREFIX_LENGTH;
  while (bytes[end]! >= 0x80) end++;
  return bytes.copyWithin(PREFIX_LENGTH, end + 1).subarray(0, bytes.length - (end + 1 - PREFIX_LENGTH));
}
