/** The schema languages that Confluent's registry knows, by its names. */
export type SchemaType = 'AVRO' | 'JSON' | 'PROTOBUF';

/** A schema that another one needs: the name by which it is meant there, and where it is registered. */
export interface SchemaReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

/** A schema as the registry keeps it. */
export interface RegistrySchema {
  readonly type: SchemaType;
  /** The schema's own text: JSON for AVRO and JSON, a .proto file for PROTOBUF. */
  readonly schema: string;
  readonly references: readonly SchemaReference[];
}

export interface WriteOptions {
  /** Whether the registry brings the schema to a normal form before it compares. */
  readonly normalize: boolean;
}

/** The newest version of a subject. */
export interface LatestSchema {
  readonly id: number;
  readonly version: number;
  readonly schema: RegistrySchema;
}

/**
 * Where schemas are kept, as converters see it. What was answered is remembered: a call may be made once per record without a
 * request each time, and calls for the same thing at the same time make one request.
 *
 * Each method rejects with RetriableError where another attempt may help (no connection, a timeout, 429, 5xx), with ConfigError
 * where the registry refuses the credentials (401, 403), and with DataError otherwise (unknown schema, incompatible schema ...).
 * No message holds a secret.
 */
export interface SchemaRegistry {
  /** Registers a schema under a subject unless it is there already. @returns its id */
  register(subject: string, schema: RegistrySchema, options: WriteOptions): Promise<number>;
  /** The id of a schema that is registered under the subject. Rejects with DataError if it is not. */
  lookup(subject: string, schema: RegistrySchema, options: WriteOptions): Promise<number>;
  /** The version that a schema has under a subject; null if it, or the subject, is not there. */
  versionOf(subject: string, schema: RegistrySchema): Promise<number | null>;
  /** @param subject where the registry may look first; it matters only to registries with contexts */
  byId(id: number, subject?: string): Promise<RegistrySchema>;
  /** Remembered for `latest.cache.ttl.sec` only. */
  latest(subject: string): Promise<LatestSchema>;
  /** One version of a subject, to resolve references. */
  version(subject: string, version: number): Promise<RegistrySchema>;
  /** Closes idle connections. */
  close(): void;
}
