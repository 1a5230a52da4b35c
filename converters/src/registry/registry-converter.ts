import {
  type Config,
  ConnectError,
  type Converter,
  DataError,
  LruCache,
  messageOf,
  RetriableError,
  type Schema,
  type SchemaAndValue,
} from '@tributary/api';
import type { schemaKeys } from './config.ts';
import { resolveReferences } from './references.ts';
import type { RegistrySchema, SchemaRegistry } from './registry.ts';
import { type SubjectName, subjectName } from './subject-names.ts';
import { schemaIdOf, writePrefix } from './wire-format.ts';

/** What is done once per Connect schema to write its values. */
export interface ValueWriter {
  readonly schema: RegistrySchema;
  /** The full name of the record type, for the names of subjects; null if it has none. */
  readonly recordName: string | null;
  /** The message, with the first {@link PREFIX_LENGTH} bytes left free; null for a tombstone. @throws DataError */
  encode(value: unknown): Uint8Array | null;
  /**
   * The writer for messages that name a schema of the registry instead of the own one.
   * @param strict whether that schema must be able to read what is written
   * @throws DataError if it is not
   */
  under(registered: RegistrySchema, references: ReadonlyMap<string, string>, strict: boolean): ValueWriter;
}

/** What is done once per schema of the registry to read messages. */
export interface ValueReader {
  /** @param bytes the whole message; what it is starts at {@link PREFIX_LENGTH} */
  decode(bytes: Uint8Array): SchemaAndValue;
}

/** A schema language, as converters use it. */
export interface SchemaLanguage {
  /** The converter's simple name, for messages. */
  readonly converter: string;
  /** @throws DataError for a schema that the language cannot express */
  writer(schema: Schema | null): ValueWriter;
  /**
   * @param references the texts of other schemas by the names that the schema calls them by
   * @param version of the schema under its subject; null if it is not known there
   * @throws DataError for a schema that Connect has no types for
   */
  reader(schema: RegistrySchema, references: ReadonlyMap<string, string>, version: number | null): ValueReader;
  /** The full name of the record type of a schema in the registry, for the names of subjects. Default: it is not known. */
  recordName?(schema: RegistrySchema, references: ReadonlyMap<string, string>): string | null;
}

interface Prepared {
  readonly id: number;
  readonly writer: ValueWriter;
  /** When to ask the registry again, by performance.now(). */
  readonly until: number;
}

interface Written {
  readonly writer: ValueWriter;
  readonly byTopic: Map<string, Prepared>;
}

type Options = Config<typeof schemaKeys> & { readonly 'latest.cache.ttl.sec': number };

const FOR_GOOD = Number.POSITIVE_INFINITY;
const NOTHING: SchemaAndValue = Object.freeze({ schema: null, value: null });

/**
 * A converter whose messages begin with the id of their schema in a registry. Answers are synchronous once the ids are known.
 */
export class RegistryConverter implements Converter {
  readonly #language: SchemaLanguage;
  readonly #registry: SchemaRegistry;
  readonly #options: Options;
  readonly #what: 'key' | 'value';
  readonly #subject: SubjectName;
  readonly #byIdentity = new WeakMap<Schema, Written>();
  /** For sources that make an equal schema anew for each record. */
  readonly #byContent: LruCache<string, Written>;
  #schemaless: Written | undefined;
  readonly #readers: LruCache<string, ValueReader>;
  /** The one that was used last: mostly the next message has the same. */
  #last: { readonly topic: string; readonly id: number; readonly reader: ValueReader } | undefined;

  /** @param cacheSize how many schemas are kept ready, each way */
  constructor(language: SchemaLanguage, registry: SchemaRegistry, options: Options, isKey: boolean, cacheSize: number) {
    this.#language = language;
    this.#registry = registry;
    this.#options = options;
    this.#what = isKey ? 'key' : 'value';
    this.#subject = subjectName(options[`${this.#what}.subject.name.strategy`], isKey);
    this.#byContent = new LruCache(Math.max(1, cacheSize));
    this.#readers = new LruCache(Math.max(1, cacheSize));
  }

  fromConnect(topic: string, schema: Schema | null, value: unknown): Uint8Array | null | Promise<Uint8Array | null> {
    if (schema === null && (value === null || value === undefined)) return null;
    try {
      const written = this.#written(schema);
      const known = written.byTopic.get(topic);
      if (known && (known.until === FOR_GOOD || known.until > performance.now())) return encode(known, value);
      // A tombstone needs no id.
      if (written.writer.encode(value) === null) return null;
      return this.#prepare(topic, written).then(
        (prepared) => this.#located(topic, () => encode(prepared, value)),
        (error: unknown) => {
          throw this.#error(topic, error);
        },
      );
    } catch (error) {
      throw this.#error(topic, error);
    }
  }

  toConnect(topic: string, bytes: Uint8Array | null): SchemaAndValue | Promise<SchemaAndValue> {
    if (bytes === null) return NOTHING;
    try {
      const id = schemaIdOf(bytes);
      if (this.#last?.id === id && this.#last.topic === topic) return this.#last.reader.decode(bytes);
      const known = this.#readers.get(readerKey(topic, id));
      if (known) {
        this.#last = { topic, id, reader: known };
        return known.decode(bytes);
      }
      return this.#open(topic, id).then(
        (reader) => this.#located(topic, () => reader.decode(bytes)),
        (error: unknown) => {
          throw this.#error(topic, error);
        },
      );
    } catch (error) {
      throw this.#error(topic, error);
    }
  }

  close(): void {
    this.#registry.close();
  }

  #written(schema: Schema | null): Written {
    const compile = (): Written => ({ writer: this.#language.writer(schema), byTopic: new Map() });
    if (schema === null) {
      this.#schemaless ??= compile();
      return this.#schemaless;
    }
    let written = this.#byIdentity.get(schema);
    if (!written) {
      const content = contentOf(schema);
      written = this.#byContent.get(content) ?? compile();
      this.#byContent.set(content, written);
      this.#byIdentity.set(schema, written);
    }
    return written;
  }

  async #prepare(topic: string, { writer, byTopic }: Written): Promise<Prepared> {
    const subject = this.#subject(topic, () => writer.recordName);
    const prepared = await this.#idFor(subject, writer);
    byTopic.set(topic, prepared);
    return prepared;
  }

  /** Which schema is written: the own one, registered or looked up, or one that the config names. */
  async #idFor(subject: string, writer: ValueWriter): Promise<Prepared> {
    const options = this.#options;
    const normalize = { normalize: options['normalize.schemas'] };
    if (options['auto.register.schemas'])
      return { id: await this.#registry.register(subject, writer.schema, normalize), writer, until: FOR_GOOD };
    const given = options['use.schema.id'];
    if (given >= 0) {
      const registered = await this.#registry.byId(given, subject);
      return {
        id: given,
        writer: await this.#under(writer, registered, options['id.compatibility.strict']),
        until: FOR_GOOD,
      };
    }
    if (options['use.latest.version']) {
      const { id, schema: registered } = await this.#registry.latest(subject);
      const seconds = options['latest.cache.ttl.sec'];
      return {
        id,
        writer: await this.#under(writer, registered, options['latest.compatibility.strict']),
        until: seconds < 0 ? FOR_GOOD : performance.now() + seconds * 1000,
      };
    }
    return { id: await this.#registry.lookup(subject, writer.schema, normalize), writer, until: FOR_GOOD };
  }

  async #under(writer: ValueWriter, registered: RegistrySchema, strict: boolean): Promise<ValueWriter> {
    if (registered.type !== writer.schema.type)
      throw new DataError(`The schema in the registry is of type ${registered.type}, not ${writer.schema.type}`);
    return writer.under(registered, await resolveReferences(this.#registry, registered), strict);
  }

  async #open(topic: string, id: number): Promise<ValueReader> {
    const subject = this.#options[`${this.#what}.subject.name.strategy`].endsWith('TopicNameStrategy')
      ? this.#subject(topic, () => null)
      : undefined;
    const schema = await this.#registry.byId(id, subject);
    const references = await resolveReferences(this.#registry, schema);
    const version = await this.#versionOf(subject ?? this.#subjectOf(topic, schema, references), schema);
    const reader = this.#language.reader(schema, references, version);
    this.#readers.set(readerKey(topic, id), reader);
    return reader;
  }

  /** The subject of a schema by the name of its record; undefined where it has none. */
  #subjectOf(topic: string, schema: RegistrySchema, references: ReadonlyMap<string, string>): string | undefined {
    const name = this.#language.recordName?.(schema, references) ?? null;
    return name === null ? undefined : this.#subject(topic, () => name);
  }

  async #versionOf(subject: string | undefined, schema: RegistrySchema): Promise<number | null> {
    return subject === undefined ? null : this.#registry.versionOf(subject, schema);
  }

  #located<T>(topic: string, act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw this.#error(topic, error);
    }
  }

  /** Adds where it happened to an error that already says what and where in the value. */
  #error(topic: string, error: unknown): Error {
    const message = `${messageOf(error)} (the ${this.#what} of a record of topic '${topic}', ${this.#language.converter})`;
    if (error instanceof RetriableError) return new RetriableError(message, { cause: error });
    if (error instanceof ConnectError && !(error instanceof DataError)) return error;
    return new DataError(message, { cause: error });
  }
}

/** A text that only equal schemas have. */
function contentOf(schema: Schema): string {
  return JSON.stringify(schema, (_key, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value instanceof Map ? [...value] : value,
  );
}

const readerKey = (topic: string, id: number): string => `${id} ${topic}`;

function encode({ id, writer }: Prepared, value: unknown): Uint8Array | null {
  const bytes = writer.encode(value);
  if (bytes !== null) writePrefix(bytes, id);
  return bytes;
}
