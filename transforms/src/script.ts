import {
  type BatchTransform,
  type Config,
  type ConnectRecord,
  DataError,
  defineTransform,
  type Header,
  long,
  messageOf,
  type SinkRecord,
  string,
  type TransformResult,
  valueEquals,
} from '@tributary/api';
import { batchRunner, compileExpression, type Expression, shorten } from './script-run.ts';
import { copied, headersOf, inferringSchema, keepSchema, type SchemaFor } from './script-values.ts';

const config = {
  expression: string({
    importance: 'high',
    nonEmpty: true,
    doc: 'An expression of JavaScript. It sees key, value, headers (an object), topic, partition, timestamp (ms) and offset (null for sources) of the record. It is trusted code of whoever may write configs: it runs inside the worker.',
    validate(expression) {
      try {
        compileExpression(expression);
        return undefined;
      } catch (error) {
        return messageOf(error);
      }
    },
  }),
  mode: string({
    oneOf: ['filter', 'map'],
    importance: 'high',
    doc: 'filter: records stay for which the expression is true. map: the expression is the new value (null makes a tombstone); record({value, key, topic, partition, timestamp, headers}) changes other parts, those left out stay; drop drops the record.',
  }),
  schema: string({
    default: 'keep',
    oneOf: ['keep', 'infer'],
    doc: 'The schema of what a map gives. keep: that of before where it fits, otherwise none. infer: that of before where it fits, otherwise one made from the value.',
  }),
  'timeout.ms': long({
    default: 1000,
    min: 1,
    max: 60_000,
    importance: 'low',
    doc: 'How long the expression may take, in ms: a record for which it takes longer fails. After three of them in a batch, so does the rest of the batch.',
  }),
};

/** What `record({...})` gives. */
class Changes {
  readonly parts: Readonly<Record<string, unknown>>;

  constructor(parts: unknown) {
    if (typeof parts !== 'object' || parts === null)
      throw new TypeError('record() needs an object, as in record({topic: "x"})');
    const strange = Object.keys(parts).find((name) => !PARTS.includes(name));
    if (strange !== undefined) throw new TypeError(`record() knows no ${strange}, but ${PARTS.join(', ')}`);
    this.parts = parts as Readonly<Record<string, unknown>>;
  }
}

const PARTS = ['key', 'value', 'topic', 'partition', 'timestamp', 'headers'];
const DROP = Symbol('drop');
const changes = (parts: unknown): Changes => new Changes(parts);

const placeOf = (record: ConnectRecord): string => {
  const { offset } = record as SinkRecord;
  const place = [`topic '${record.topic}'`, ...(record.partition === null ? [] : [`partition ${record.partition}`])];
  return [...place, ...(offset === undefined ? [] : [`offset ${offset}`])].join(', ');
};

function evaluate(expression: Expression, record: ConnectRecord): unknown {
  const { topic, partition, timestamp } = record;
  const offset = (record as SinkRecord).offset ?? null;
  return expression(
    copied(record.key),
    copied(record.value),
    headersOf(record),
    topic,
    partition,
    timestamp,
    offset,
    changes,
    DROP,
  );
}

function headersFrom(record: ConnectRecord, given: unknown): readonly Header[] {
  if (typeof given !== 'object' || given === null) throw new TypeError('headers must be an object of values by name');
  return Object.entries(given).map(([key, value]): Header => {
    const before = record.headers.findLast((header) => header.key === key);
    return before && valueEquals(before.value, value) ? before : { key, value: value ?? null, schema: null };
  });
}

function checked<T>(name: string, value: unknown, fits: (value: unknown) => value is T): T {
  if (!fits(value)) throw new TypeError(`${name} must not be ${String(value)}`);
  return value;
}
const isTopic = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isPartition = (value: unknown): value is number | null =>
  value === null || (Number.isInteger(value) && (value as number) >= 0);
const isTimestamp = (value: unknown): value is number | null => value === null || Number.isSafeInteger(value);

/** The record that a map's result asks for. */
function mapped<R extends ConnectRecord>(record: R, result: unknown, schemaFor: SchemaFor): R | null {
  if (result === DROP) return null;
  if (result === undefined || typeof result === 'function' || typeof result === 'symbol')
    throw new TypeError(`the expression gave ${typeof result}; a tombstone is null, and 'drop' drops the record`);
  if (typeof (result as PromiseLike<unknown> | null)?.then === 'function')
    throw new TypeError('the expression gave a promise; it cannot wait');
  const parts = result instanceof Changes ? result.parts : { value: result };
  const updated: R = { ...record };
  const write = updated as { -readonly [K in keyof ConnectRecord]: ConnectRecord[K] };
  if ('value' in parts) {
    write.value = parts.value ?? null;
    write.valueSchema = schemaFor(record.valueSchema, write.value);
  }
  if ('key' in parts) {
    write.key = parts.key ?? null;
    write.keySchema = schemaFor(record.keySchema, write.key);
  }
  if ('topic' in parts) write.topic = checked('topic', parts.topic, isTopic);
  if ('partition' in parts) write.partition = checked('partition', parts.partition, isPartition);
  if ('timestamp' in parts) write.timestamp = checked('timestamp', parts.timestamp, isTimestamp);
  if ('headers' in parts) write.headers = headersFrom(record, parts.headers);
  return updated;
}

function create(options: Config<typeof config>): BatchTransform {
  const expression = compileExpression(options.expression);
  const run = batchRunner(options['timeout.ms']);
  const schemaFor = options.schema === 'infer' ? inferringSchema() : keepSchema;
  const shown = shorten(options.expression);
  const failed = (record: ConnectRecord, what: string, cause?: unknown): DataError =>
    new DataError(`${what}, for the record at ${placeOf(record)}, in the expression: ${shown}`, { cause });
  const resultOf = <R extends ConnectRecord>(record: R): TransformResult<R> => {
    try {
      const result = evaluate(expression, record);
      if (options.mode === 'filter') return result ? record : null;
      return mapped(record, result, schemaFor);
    } catch (error) {
      return failed(
        record,
        error instanceof Error ? `${error.name}: ${error.message}` : `It threw ${String(error)}`,
        error,
      );
    }
  };
  return async <R extends ConnectRecord>(records: readonly R[]) => {
    const results: TransformResult<R>[] = [];
    run(
      records.length,
      (i) => {
        results[i] = resultOf(records[i]!);
      },
      (i) => {
        results[i] = failed(records[i]!, `It took longer than 'timeout.ms' (${options['timeout.ms']})`);
      },
    );
    return results;
  };
}

export const script = defineTransform({
  class: 'tributary.transforms.Script',
  aliases: ['Script'],
  version: '0.1.0',
  doc: "Filters or changes records by a JavaScript expression of the operator's own.",
  config,
  asynchronous: true,
  create,
});
