/** What became of a record, Java's and ours in one form to compare. */
import {
  type ConnectRecord,
  type Definition,
  type PredicateDefinition,
  parseConfig,
  type RecordTransform,
  type Schema,
  type SynchronousTransform,
} from '@tributary/api';
import { type Answer, comparable, comparableSchema, encodeSchema, encodeValue } from '../oracle/oracle.ts';

export interface Outcome {
  /** `refused`: the config is; `failed`: the record does. */
  readonly kind: 'refused' | 'failed' | 'result';
  /** In a form that is the same text for the same outcome; of errors, the class that ours has. */
  readonly result: string;
  /** Of an error. */
  readonly message?: string;
}

/** A slip of Java's (a NullPointerException and the like) is a DataError with us. */
const OUR_CLASS: Readonly<Record<string, string>> = { ConfigException: 'ConfigError' };

const texts = new WeakMap<Schema, string>();

function schemaText(schema: Schema | null): string {
  if (schema === null) return 'null';
  let text = texts.get(schema);
  if (text === undefined) {
    text = JSON.stringify(comparableSchema(encodeSchema(schema)));
    texts.set(schema, text);
  }
  return text;
}

const valueText = (schema: Schema | null, value: unknown): string =>
  JSON.stringify(comparable(encodeValue(schema, value)));

interface Parts {
  readonly topic: string;
  readonly partition: number | null;
  readonly timestamp: number | null;
  readonly keySchema: string;
  readonly key: string;
  readonly valueSchema: string;
  readonly value: string;
  readonly headers: readonly { readonly key: string; readonly schema: string; readonly value: string }[];
}

const parts = (record: ConnectRecord): Parts => ({
  topic: record.topic,
  partition: record.partition,
  timestamp: record.timestamp,
  keySchema: schemaText(record.keySchema),
  key: valueText(record.keySchema, record.key),
  valueSchema: schemaText(record.valueSchema),
  value: valueText(record.valueSchema, record.value),
  headers: record.headers.map(({ key, schema, value }) => ({
    key,
    schema: schemaText(schema),
    value: valueText(schema, value),
  })),
});

interface Reference {
  readonly id: number;
  readonly schema?: unknown;
}
interface Changes {
  readonly topic: string;
  readonly partition: number | null;
  readonly timestamp: number | null;
  readonly keySchema?: Reference | null;
  readonly key?: unknown;
  readonly valueSchema?: Reference | null;
  readonly value?: unknown;
  readonly headers?: readonly { readonly key: string; readonly schema: Reference | null; readonly value: unknown }[];
}

/** Makes what reads Java's answers; it remembers the schemas that were told. */
export function expectations(): (answer: Answer, records: readonly ConnectRecord[]) => Outcome[] {
  const schemas: string[] = [];
  const schemaOf = (reference: Reference | null): string => {
    if (reference === null) return 'null';
    if (reference.schema !== undefined) schemas[reference.id] = JSON.stringify(comparableSchema(reference.schema));
    return schemas[reference.id]!;
  };
  const told = (value: unknown): string => JSON.stringify(comparable(value));
  const recordOf = (changes: Changes, before: ConnectRecord): Parts => {
    const unchanged = parts(before);
    const { topic, partition, timestamp } = changes;
    return {
      topic,
      partition,
      timestamp,
      keySchema: 'keySchema' in changes ? schemaOf(changes.keySchema!) : unchanged.keySchema,
      key: 'key' in changes ? told(changes.key) : unchanged.key,
      valueSchema: 'valueSchema' in changes ? schemaOf(changes.valueSchema!) : unchanged.valueSchema,
      value: 'value' in changes ? told(changes.value) : unchanged.value,
      headers:
        changes.headers?.map(({ key, schema, value }) => ({ key, schema: schemaOf(schema), value: told(value) })) ??
        unchanged.headers,
    };
  };
  const failure = (kind: 'refused' | 'failed', { error, message }: Answer): Outcome => ({
    kind,
    result: OUR_CLASS[error!] ?? 'DataError',
    message: `${error}: ${message}`,
  });
  return (answer, records) => {
    if (answer.error !== undefined)
      return records.map(() => failure('refused', { ...answer, error: 'ConfigException' }));
    const results = answer.results as (boolean | (Answer & { record?: Changes | null }))[];
    return results.map((result, i) => {
      if (typeof result === 'boolean') return { kind: 'result', result: String(result) };
      if (result.error !== undefined) return failure('failed', result);
      return { kind: 'result', result: JSON.stringify(result.record ? recordOf(result.record, records[i]!) : null) };
    });
  };
}

function failure(kind: 'refused' | 'failed', error: Error): Outcome {
  return { kind, result: error.name, message: error.message };
}

/** What our transform or predicate makes of the records. */
export function outcomes(
  definition: Definition,
  props: Readonly<Record<string, string>>,
  records: readonly ConnectRecord[],
): Outcome[] {
  const { config, errors } = parseConfig(definition.config, props);
  const refused = (message: string): Outcome[] =>
    records.map(() => ({ kind: 'refused', result: 'ConfigError', message }));
  if (errors.size > 0) return refused([...errors.values()].flat().join('; '));
  let transform: RecordTransform;
  try {
    if (definition.kind === 'predicate') {
      const test = (definition as PredicateDefinition).create(config as never);
      return records.map((record) => ({ kind: 'result', result: String(test(record)) }));
    }
    transform = (definition as unknown as SynchronousTransform).create(config as never, { onClose() {} });
  } catch (error) {
    return refused((error as Error).message);
  }
  return records.map((record): Outcome => {
    try {
      const result = transform(record);
      return { kind: 'result', result: JSON.stringify(result && parts(result)) };
    } catch (error) {
      return failure('failed', error as Error);
    }
  });
}
