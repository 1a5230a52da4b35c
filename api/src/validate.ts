import { isDecimal } from './decimal.ts';
import { DataError } from './errors.ts';
import { isInt64 } from './int64.ts';
import { decimalScale, LogicalName, type Schema } from './schema.ts';

const INTEGER_LIMIT = { int8: 2 ** 7, int16: 2 ** 15, int32: 2 ** 31 } as const;

function fits(schema: Schema, value: unknown): boolean {
  switch (schema.name) {
    case LogicalName.decimal:
      return isDecimal(value) && value.scale === decimalScale(schema);
    case LogicalName.date:
    case LogicalName.time:
    case LogicalName.timestamp:
      return value instanceof Date && !Number.isNaN(value.getTime());
  }
  switch (schema.type) {
    case 'int8':
    case 'int16':
    case 'int32': {
      const limit = INTEGER_LIMIT[schema.type];
      return Number.isInteger(value) && (value as number) >= -limit && (value as number) < limit;
    }
    case 'int64':
      return isInt64(value);
    case 'float32':
    case 'float64':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'string':
      return typeof value === 'string';
    case 'bytes':
      return value instanceof Uint8Array;
    case 'array':
      return Array.isArray(value);
    case 'map':
      return value instanceof Map || isPlainObject(value);
    case 'struct':
      return isPlainObject(value);
  }
}

/** Whether the value may be a struct or a map: an object that is no list, no bytes and no Date. Maps in the form of `Map` are some too. */
export const isContainer = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Uint8Array) &&
  !(value instanceof Date);

/** Whether the value is an object that stands for a struct or a schemaless map. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function nameOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value !== 'object') return `${typeof value} ${String(value)}`;
  if (isDecimal(value)) return `Decimal of scale ${value.scale}`;
  return Object.getPrototypeOf(value)?.constructor?.name ?? 'object';
}

/**
 * Checks a value against its schema, all the way down.
 * @param path names the value in the message, such as `value.price`
 * @throws DataError that names the first place that does not fit
 */
export function validateValue(schema: Schema, value: unknown, path = 'value'): void {
  if (value === null || value === undefined) {
    if (schema.optional || schema.default !== undefined) return;
    throw new DataError(`Invalid value: null used for required ${path} of type ${schema.name ?? schema.type}`);
  }
  if (!fits(schema, value)) {
    throw new DataError(`Invalid value: ${path} has schema type ${schema.name ?? schema.type} but is ${nameOf(value)}`);
  }
  if (schema.type === 'array') {
    (value as unknown[]).forEach((item, i) => {
      validateValue(schema.valueSchema!, item, `${path}[${i}]`);
    });
  } else if (schema.type === 'map') {
    const entries = value instanceof Map ? value.entries() : Object.entries(value as object);
    for (const [key, item] of entries) {
      validateValue(schema.keySchema!, key, `a key of ${path}`);
      validateValue(schema.valueSchema!, item, `${path}.${String(key)}`);
    }
  } else if (schema.type === 'struct') {
    const struct = value as Record<string, unknown>;
    for (const field of schema.fields) validateValue(field.schema, struct[field.name], `${path}.${field.name}`);
  }
}
