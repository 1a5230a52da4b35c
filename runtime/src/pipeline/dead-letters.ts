import {
  ConfigError,
  ConnectError,
  DataError,
  messageOf,
  parseConfig,
  RetriableError,
  type SourceRecord,
} from '@tributary/api';
import type { RawHeader, RecordRead, RecordToSend } from '../broker/port.ts';
import { jsonConverter } from '../convert/json-converter.ts';
import { toJson } from '../store/json.ts';
import type { Failure } from './errors.ts';
import { traceOf } from './trace.ts';

/** Where dead letters go and whether they say why. */
export interface DeadLetterSettings {
  readonly topic: string;
  readonly contextHeaders: boolean;
  readonly connector: string;
  readonly task: number;
}

/** The prefix of context headers, as DeadLetterQueueReporter of Java Connect has it. */
const PREFIX = '__connect.errors.';

const encoder = new TextEncoder();

/** Java's classes for the errors that have one, so that whoever sorts dead letters by class finds the names that it knows. */
function exceptionClass(error: unknown): string {
  if (error instanceof RetriableError) return 'org.apache.kafka.connect.errors.RetriableException';
  if (error instanceof DataError) return 'org.apache.kafka.connect.errors.DataException';
  if (error instanceof ConfigError) return 'org.apache.kafka.common.config.ConfigException';
  if (error instanceof ConnectError) return 'org.apache.kafka.connect.errors.ConnectException';
  return error instanceof Error ? error.name : typeof error;
}

function headers(entries: ReadonlyArray<readonly [name: string, text: string]>): readonly RawHeader[] {
  return entries.map(([name, text]) => ({ key: PREFIX + name, value: encoder.encode(text) }));
}

function contextHeaders(
  { connector, task }: DeadLetterSettings,
  { stage, plugin, error }: Failure,
  place: ReadonlyArray<readonly [name: string, text: string]>,
): readonly RawHeader[] {
  return headers([
    ...place,
    ['connector.name', connector],
    ['task.id', String(task)],
    ['stage', stage],
    ['class.name', stage === 'TASK_PUT' ? 'org.apache.kafka.connect.sink.SinkTask' : plugin],
    ['exception.class.name', exceptionClass(error)],
    ['exception.message', messageOf(error)],
    ['exception.stacktrace', traceOf(error)],
  ]);
}

/** The record that a sink could not take, byte for byte as it was read, behind its own headers those of the failure. */
export function sinkDeadLetter(settings: DeadLetterSettings, original: RecordRead, failure: Failure): RecordToSend {
  const { topic, partition, offset } = original;
  const context = settings.contextHeaders
    ? contextHeaders(settings, failure, [
        ['topic', topic],
        ['partition', String(partition)],
        ['offset', String(offset)],
      ])
    : [];
  return {
    topic: settings.topic,
    partition: null,
    key: original.key,
    value: original.value,
    timestamp: original.timestamp < 0 ? null : original.timestamp,
    headers: context.length === 0 ? original.headers : [...original.headers, ...context],
  };
}

const envelope = jsonConverter.create(parseConfig(jsonConverter.config, { 'converter.type': 'value' }).config, {
  isKey: false,
});

/**
 * A source's record as JSON with its schema, as JsonConverter writes it. Where the value does not fit its own schema, which may be why the
 * record is here, the schema is left away.
 */
function asJson(topic: string, schema: SourceRecord['valueSchema'], value: unknown): Uint8Array | null {
  if (value === null || value === undefined) return null;
  try {
    return envelope.fromConnect(topic, schema, value) as Uint8Array | null;
  } catch {
    return toJson({ schema: null, payload: plain(value) });
  }
}

/** Whatever it is, as something that JSON can hold. */
function plain(value: unknown): unknown {
  if (value === null || ['string', 'boolean', 'bigint'].includes(typeof value)) return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.getTime();
  if (value instanceof Map) return [...value].map(([key, item]) => [plain(key), plain(item)]);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return String(value);
}

/**
 * The record that a source yielded and that could not be written. It never had bytes, so that key and value are JSON with
 * their schemas; the context tells where in the source it was, from which it can be had again.
 */
export function sourceDeadLetter(settings: DeadLetterSettings, record: SourceRecord, failure: Failure): RecordToSend {
  const context = settings.contextHeaders
    ? contextHeaders(settings, failure, [
        ['topic', record.topic],
        ...(record.sourcePartition
          ? ([['source.partition', Buffer.from(toJson(record.sourcePartition)).toString()]] as const)
          : []),
        ...(record.sourceOffset
          ? ([['source.offset', Buffer.from(toJson(record.sourceOffset)).toString()]] as const)
          : []),
      ])
    : [];
  return {
    topic: settings.topic,
    partition: null,
    key: asJson(record.topic, record.keySchema, record.key),
    value: asJson(record.topic, record.valueSchema, record.value),
    timestamp: record.timestamp,
    headers: context,
  };
}
