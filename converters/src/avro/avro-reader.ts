import { DataError, decimalFromBytes, decimalScale, type Schema, type SchemaAndValue } from '@tributary/api';
import { Lru } from '../registry/lru.ts';
import type { SchemaRegistry } from '../registry/registry.ts';
import { type SubjectName, subjectName } from '../registry/subject-names.ts';
import { PREFIX_LENGTH, schemaIdOf } from '../registry/wire-format.ts';
import { referencedTexts } from '../registry/write-schema.ts';
import { isAnything } from './anything.ts';
import { decodeAnything } from './anything-codec.ts';
import { connectSchemaOf, type UnionCounter } from './avro-to-connect.ts';
import type { AvroConfig } from './avro-writer.ts';
import { avroOptions } from './config.ts';
import { compileDecoder, type Decode } from './decode.ts';
import { isDecimalSchema } from './kinds.ts';
import type { AvroOptions } from './options.ts';
import { Reader } from './reader.ts';
import { parseSchema } from './schema-json.ts';

interface Prepared {
  readonly schema: Schema | null;
  readonly decode: Decode;
}

const NOTHING: SchemaAndValue = Object.freeze({ schema: null, value: null });

/** One for all: nothing else reads while a value is read. */
const input = new Reader();

/** Reads values with the schemas that they were written with; each is compiled once per topic. */
export class AvroReader {
  readonly #registry: SchemaRegistry;
  readonly #options: AvroOptions;
  readonly #subject: SubjectName;
  readonly #cacheSize: number;
  readonly #unions: UnionCounter = { next: 0 };
  readonly #topics = new Map<string, Lru<number, Prepared | Promise<Prepared>>>();
  /** What was read last: mostly the next has the same. */
  #last: { readonly topic: string; readonly id: number; readonly prepared: Prepared } | undefined;

  constructor(registry: SchemaRegistry, config: AvroConfig, isKey: boolean) {
    this.#registry = registry;
    this.#options = avroOptions(config);
    this.#subject = subjectName(config[isKey ? 'key.subject.name.strategy' : 'value.subject.name.strategy'], isKey);
    this.#cacheSize = config['schemas.cache.config'];
  }

  /** @throws DataError, and what the registry throws */
  read(topic: string, bytes: Uint8Array | null): SchemaAndValue | Promise<SchemaAndValue> {
    if (bytes === null) return NOTHING;
    const id = schemaIdOf(bytes);
    if (this.#last?.id === id && this.#last.topic === topic) return decoded(this.#last.prepared, bytes);
    const prepared = this.#prepare(topic, id);
    if (prepared instanceof Promise) return prepared.then((ready) => decoded(ready, bytes));
    this.#last = { topic, id, prepared };
    return decoded(prepared, bytes);
  }

  #prepare(topic: string, id: number): Prepared | Promise<Prepared> {
    let ofTopic = this.#topics.get(topic);
    if (!ofTopic) {
      ofTopic = new Lru(this.#cacheSize);
      this.#topics.set(topic, ofTopic);
    }
    const known = ofTopic.get(id);
    if (known) return known;
    const pending = this.#ask(topic, id);
    ofTopic.set(id, pending);
    pending.then(
      (ready) => ofTopic.set(id, ready),
      () => ofTopic.drop(id, pending),
    );
    return pending;
  }

  async #ask(topic: string, id: number): Promise<Prepared> {
    const registered = await this.#registry.byId(id);
    if (registered.type !== 'AVRO') {
      throw new DataError(
        `The schema with id ${id} is of type ${registered.type}, not AVRO: use the converter that the data was written with`,
      );
    }
    const node = parseSchema(registered.schema, await referencedTexts(this.#registry, registered));
    if (isAnything(node)) return { schema: null, decode: decodeAnything };
    const subject = this.#subject(topic, () => (node.kind === 'record' ? node.fullName : null));
    const version = await this.#registry.versionOf(subject, registered);
    const schema = connectSchemaOf(node, this.#options, this.#unions, version);
    // The data of plain bytes stands without a length.
    const raw = node.kind === 'bytes';
    return { schema, decode: raw ? rawDecoder(schema) : compileDecoder(schema, node) };
  }
}

function rawDecoder(schema: Schema): Decode {
  if (!isDecimalSchema(schema)) return (reader) => reader.rest();
  const scale = decimalScale(schema);
  return (reader) => decimalFromBytes(reader.rest(), scale);
}

function decoded({ schema, decode }: Prepared, bytes: Uint8Array): SchemaAndValue {
  input.open(bytes, PREFIX_LENGTH);
  return { schema, value: decode(input) };
}
