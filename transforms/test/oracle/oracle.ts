/** Asks Kafka Connect's own classes; the encoding is that of Oracle.java. */
import { join } from 'node:path';
import { type ConnectRecord, getField, type Header, isDecimal, type Schema, type SinkRecord } from '@tributary/api';
import { type JavaRunOptions, javaRun } from '@tributary/services';

export interface Answer {
  /** The simple name of the exception that was thrown. */
  readonly error?: string;
  readonly message?: string;
  readonly [key: string]: unknown;
}

/**
 * One answer for each question, in order, from one run of Java.
 * @param more further classes for it to find, and the jars it runs on
 */
export async function askJava(
  questions: readonly object[],
  more: Pick<JavaRunOptions, 'jars'> & { readonly withSources?: readonly string[] } = {},
): Promise<Answer[]> {
  const output = await javaRun({
    ...more,
    sourceFile: join(import.meta.dirname, 'Oracle.java'),
    stdin: questions.map((question) => `${JSON.stringify(question)}\n`).join(''),
    jvmArgs: ['-Dfile.encoding=UTF-8', '-Dstdout.encoding=UTF-8'],
    timeoutMs: 110_000,
  });
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  if (lines.length !== questions.length) throw new Error(`${questions.length} questions, ${lines.length} answers`);
  return lines.map((line) => JSON.parse(line));
}

const bits = new DataView(new ArrayBuffer(8));

export function floatBits(value: number): string {
  bits.setFloat32(0, value);
  return String(bits.getInt32(0));
}

export function doubleBits(value: number): string {
  bits.setFloat64(0, value);
  return String(bits.getBigInt64(0));
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined;

/** Without a schema a whole number counts as int64, another as float64. */
export function encodeValue(schema: Schema | null, value: unknown): unknown {
  if (isAbsent(value)) return null;
  if (value instanceof Date) return ['date', String(value.getTime())];
  if (isDecimal(value)) return ['decimal', String(value.unscaled), value.scale];
  if (value instanceof Uint8Array) return ['bytes', base64(value)];
  if (typeof value === 'boolean') return ['boolean', value];
  if (typeof value === 'string') return ['string', value];
  if (typeof value === 'bigint') return [schema?.type ?? 'int64', String(value)];
  if (typeof value === 'number') {
    const type =
      schema && /int|float/.test(schema.type)
        ? schema.type
        : Number.isSafeInteger(value) && !Object.is(value, -0)
          ? 'int64'
          : 'float64';
    if (type === 'float32') return [type, floatBits(value)];
    return [type, type === 'float64' ? doubleBits(value) : String(value)];
  }
  if (Array.isArray(value)) return ['array', value.map((item) => encodeValue(schema?.valueSchema ?? null, item))];
  if (schema?.type === 'struct') {
    const struct = value as Record<string, unknown>;
    return ['struct', schema.fields.map(({ name, schema }) => [name, encodeValue(schema, getField(struct, name))])];
  }
  const entries = value instanceof Map ? [...value] : Object.entries(value as object);
  return [
    'map',
    entries.map(([key, item]) => [
      encodeValue(schema?.keySchema ?? null, key),
      encodeValue(schema?.valueSchema ?? null, item),
    ]),
  ];
}

export function encodeSchema(schema: Schema | null): unknown {
  if (schema === null) return null;
  return {
    type: schema.type,
    optional: schema.optional,
    name: schema.name,
    version: schema.version,
    doc: schema.doc,
    parameters: Object.entries(schema.parameters ?? {}),
    default: encodeValue(schema, schema.default),
    ...((schema.type === 'array' || schema.type === 'map') && { items: encodeSchema(schema.valueSchema) }),
    ...(schema.type === 'map' && { keys: encodeSchema(schema.keySchema) }),
    ...(schema.type === 'struct' && {
      fields: schema.fields.map((field) => [field.name, encodeSchema(field.schema)]),
    }),
  };
}

export function encodeRecord(record: ConnectRecord): unknown {
  const { offset } = record as SinkRecord;
  return {
    topic: record.topic,
    partition: record.partition,
    keySchema: encodeSchema(record.keySchema),
    key: encodeValue(record.keySchema, record.key),
    valueSchema: encodeSchema(record.valueSchema),
    value: encodeValue(record.valueSchema, record.value),
    timestamp: record.timestamp,
    headers: record.headers.map(({ key, schema, value }: Header) => ({
      key,
      schema: encodeSchema(schema),
      value: encodeValue(schema, value),
    })),
    ...(offset !== undefined && { offset }),
  };
}

const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** An encoded value in a form that is the same for what JavaScript cannot tell apart: widths of numbers, orders of maps. */
export function comparable(encoded: unknown): unknown {
  if (isAbsent(encoded)) return null;
  if (Array.isArray(encoded) && typeof encoded[0] === 'string') {
    const [type, value] = encoded as [string, unknown];
    switch (type) {
      case 'int8':
      case 'int16':
      case 'int32':
      case 'int64':
        return ['number', value];
      case 'float32':
        bits.setInt32(0, Number(value));
        return ['number', numberText(bits.getFloat32(0))];
      case 'float64':
        bits.setBigInt64(0, BigInt(value as string));
        return ['number', numberText(bits.getFloat64(0))];
      case 'array':
        return [type, (value as unknown[]).map(comparable)];
      case 'struct':
        return [type, (value as [string, unknown][]).map(([name, item]) => [name, comparable(item)])];
      case 'map':
        return [
          type,
          (value as [unknown, unknown][])
            .map(([key, item]) => [comparable(key), comparable(item)])
            .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
        ];
      default:
        return encoded;
    }
  }
  return encoded;
}

/** An encoded schema, with its defaults comparable. */
export function comparableSchema(encoded: unknown): unknown {
  if (isAbsent(encoded)) return null;
  const schema = encoded as Record<string, unknown>;
  return {
    ...schema,
    default: comparable(schema.default),
    ...('items' in schema && { items: comparableSchema(schema.items) }),
    ...('keys' in schema && { keys: comparableSchema(schema.keys) }),
    ...('fields' in schema && {
      fields: (schema.fields as [string, unknown][]).map(([name, field]) => [name, comparableSchema(field)]),
    }),
  };
}

export function comparableRecord(encoded: unknown): unknown {
  if (isAbsent(encoded)) return null;
  const record = encoded as Record<string, unknown>;
  return {
    topic: record.topic,
    partition: record.partition,
    timestamp: record.timestamp,
    keySchema: comparableSchema(record.keySchema),
    key: comparable(record.key),
    valueSchema: comparableSchema(record.valueSchema),
    value: comparable(record.value),
    headers: (record.headers as Record<string, unknown>[]).map((header) => ({
      key: header.key,
      schema: comparableSchema(header.schema),
      value: comparable(header.value),
    })),
  };
}
