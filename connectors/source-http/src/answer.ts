import { createHash } from 'node:crypto';
import { Schema, type SourceRecord, type SourceRecordInput } from '@tributary/api';
import { parseJson } from '@tributary/api/json';
import { HttpFault } from '@tributary/http-kit';
import type { HttpConfig } from './config.ts';
import { isPrimitive, type Primitive, timeOf, valueAt } from './fields.ts';
import type { Item } from './position.ts';

export interface Answer {
  /** The whole of it; with `response.format=ndjson` an array of the lines. */
  readonly body: unknown;
  /** What is at `records.path`. */
  readonly records: readonly unknown[];
}

/** Reads an answer, with numbers as exact as they were sent. @throws HttpFault if it is no JSON, as after a connection that broke */
export function parseAnswer(config: HttpConfig, text: string): Answer {
  const path = config['records.path'];
  try {
    if (config['response.format'] === 'ndjson') {
      const lines = text.split('\n').filter((line) => line.trim() !== '');
      const body = lines.map(parseJson);
      return { body, records: path === '' ? body : body.flatMap((line) => listOf(valueAt(line, path))) };
    }
    const body = text.trim() === '' ? null : parseJson(text);
    return { body, records: listOf(valueAt(body, path)) };
  } catch (cause) {
    throw new HttpFault('The answer is no JSON, or was cut off', { reason: 'malformed', cause });
  }
}

const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];

const text = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? String(one) : one));

/** What tells a record apart, and how far it is. */
export function itemOf(config: HttpConfig, value: unknown): Item {
  const field = config['id.field'];
  const id = field === null ? undefined : valueAt(value, field);
  const values: Record<string, Primitive> = {};
  for (const name of config['offset.fields']) {
    const at = valueAt(value, name);
    if (isPrimitive(at)) values[name] = at;
  }
  return {
    id: isPrimitive(id) ? String(id) : createHash('sha256').update(text(value)).digest('base64url').slice(0, 22),
    values,
  };
}

const keySchema = Schema.string();

/** The record of a value; its place is added by who knows it. */
export function recordOf(config: HttpConfig, value: unknown): SourceRecordInput {
  const { 'key.field': keyField, 'timestamp.field': timeField } = config;
  const key = keyField === null ? undefined : valueAt(value, keyField);
  const keyed: Partial<SourceRecord> =
    key === undefined || key === null ? {} : { key: isPrimitive(key) ? String(key) : text(key), keySchema };
  return {
    topic: config.topic,
    ...keyed,
    value,
    timestamp: timeField === null ? null : timeOf(valueAt(value, timeField), config['timestamp.unit']),
  };
}
