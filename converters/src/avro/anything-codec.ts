import type { Int64 } from '@tributary/api';
import { DataError, describeValue, isPlainObject } from '@tributary/api';
import { MAX_DEPTH } from '@tributary/api/json';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** The fields of {@link ANYTHING}, in its order. */
const FIELDS = ['boolean', 'bytes', 'double', 'float', 'int', 'long', 'string', 'array', 'map'] as const;
type FieldName = (typeof FIELDS)[number];

/** Writes a value without a schema as Confluent's converter does: whole numbers as long, others as double. */
export function encodeAnything(value: unknown, writer: Writer): void {
  write(value, writer, 0);
}

function write(value: unknown, writer: Writer, depth: number): void {
  if (depth > MAX_DEPTH) throw new DataError(`The value is nested deeper than ${MAX_DEPTH} levels`);
  const field = fieldFor(value);
  for (const name of FIELDS) {
    if (name !== field) {
      writer.long(0);
      continue;
    }
    writer.long(1);
    writeField(name, value, writer, depth + 1);
  }
}

/** Which field holds the value; null for null. */
function fieldFor(value: unknown): FieldName | null {
  if (value === null || value === undefined) return null;
  switch (typeof value) {
    case 'boolean':
      return 'boolean';
    case 'string':
      return 'string';
    case 'bigint':
      return 'long';
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'long' : 'double';
  }
  if (value instanceof Uint8Array) return 'bytes';
  if (Array.isArray(value)) return 'array';
  if (value instanceof Map || (isPlainObject(value) && typeof value['unscaled'] !== 'bigint')) return 'map';
  throw new DataError(
    `${describeValue(value)} has no type in Avro without a schema. Give the record a schema, or turn the value into a number or text first.`,
  );
}

function writeField(field: FieldName, value: unknown, writer: Writer, depth: number): void {
  switch (field) {
    case 'boolean':
      writer.boolean(value as boolean);
      break;
    case 'bytes':
      writer.bytes(value as Uint8Array);
      break;
    case 'double':
      writer.double(value as number);
      break;
    case 'long':
      writer.long(value as Int64);
      break;
    case 'string':
      writer.string(value as string);
      break;
    case 'array': {
      const items = value as readonly unknown[];
      if (items.length > 0) {
        writer.long(items.length);
        for (const item of items) write(item, writer, depth);
      }
      writer.long(0);
      break;
    }
    case 'map': {
      const entries = value instanceof Map ? [...value] : Object.entries(value as object);
      if (entries.length > 0) {
        writer.long(entries.length);
        for (const [key, item] of entries) {
          write(key, writer, depth);
          write(item, writer, depth);
        }
      }
      writer.long(0);
    }
  }
}

/** Reads what {@link encodeAnything} or Java wrote: of several fields that are set, the first counts. */
export function decodeAnything(reader: Reader): unknown {
  return read(reader, 0);
}

function read(reader: Reader, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new DataError(`The data is nested deeper than ${MAX_DEPTH} levels`);
  let result: unknown = null;
  for (const field of FIELDS) {
    if (reader.long() === 0) continue;
    const value = readField(field, reader, depth + 1);
    result ??= value;
  }
  return result;
}

function readField(field: FieldName, reader: Reader, depth: number): unknown {
  switch (field) {
    case 'boolean':
      return reader.boolean();
    case 'bytes':
      return reader.bytes();
    case 'double':
      return reader.double();
    case 'float':
      return reader.float();
    case 'int':
      return reader.int();
    case 'long':
      return reader.long();
    case 'string':
      return reader.string();
    case 'array': {
      const items: unknown[] = [];
      for (let count = reader.block(); count !== 0; count = reader.block()) {
        for (let i = 0; i < count; i++) items.push(read(reader, depth));
      }
      return items;
    }
    case 'map':
      return readMap(reader, depth);
  }
}

/** A plain object where all keys are text that objects keep in place, else a Map. */
function readMap(reader: Reader, depth: number): unknown {
  const map = new Map<unknown, unknown>();
  for (let count = reader.block(); count !== 0; count = reader.block()) {
    for (let i = 0; i < count; i++) {
      const key = read(reader, depth);
      map.set(key, read(reader, depth));
    }
  }
  return toObject(map) ?? map;
}

function toObject(map: ReadonlyMap<unknown, unknown>): Record<string, unknown> | undefined {
  for (const key of map.keys()) if (typeof key !== 'string' || key === '__proto__' || /^\d/.test(key)) return undefined;
  return Object.fromEntries(map as ReadonlyMap<string, unknown>);
}
