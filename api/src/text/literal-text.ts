import { decimalToString, isDecimal } from '../decimal.ts';
import { describeValue } from '../describe.ts';
import { DataError } from '../errors.ts';
import type { Schema } from '../schema.ts';
import { getField } from '../struct.ts';
import { MILLIS_PER_DAY } from './calendar.ts';
import { DateFormat } from './date-format.ts';
import { float32ToString, float64ToString } from './numbers.ts';

const DATE = new DateFormat('yyyy-MM-dd');
const TIME = new DateFormat("HH:mm:ss.SSS'Z'");
const TIMESTAMP = new DateFormat("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'");

/** A number as Java shows it; without a schema, a whole number that is exact counts as an integer. */
export function numberToString(schema: Schema | null, value: number | bigint): string {
  if (typeof value === 'bigint') return value.toString();
  if (schema?.type === 'float32') return float32ToString(value);
  if (schema?.type === 'float64') return float64ToString(value);
  const isFloat = !Number.isSafeInteger(value) || (Object.is(value, -0) && !schema?.type.startsWith('int'));
  return isFloat ? float64ToString(value) : String(value);
}

/**
 * A value as a literal that `parseLiteral` reads back: text as it is, text within lists quoted, bytes in base64, dates as ISO 8601.
 * Source: org.apache.kafka.connect.data.Values.convertToString.
 * @throws DataError for what is no value of Connect's
 */
export function formatLiteral(schema: Schema | null, value: unknown, embedded = false): string {
  switch (typeof value) {
    case 'undefined':
      return 'null';
    case 'boolean':
      return String(value);
    case 'number':
    case 'bigint':
      return numberToString(schema, value);
    case 'string':
      return embedded ? `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : value;
    case 'object':
      return value === null ? 'null' : formatObject(schema, value, embedded);
    default:
      throw new DataError(`Failed to serialize unexpected value type: ${describeValue(value)}`);
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function formatDate(date: Date): string {
  const time = date.getTime();
  if (time < MILLIS_PER_DAY) return TIME.format(date);
  return (time % MILLIS_PER_DAY === 0 ? DATE : TIMESTAMP).format(date);
}

function formatObject(schema: Schema | null, value: object, embedded: boolean): string {
  if (value instanceof Uint8Array) return embedded ? `"${base64(value)}"` : base64(value);
  if (isDecimal(value)) return decimalToString(value);
  if (value instanceof Date) return formatDate(value);
  const keys = schema?.keySchema ?? null;
  const values = schema?.valueSchema ?? null;
  if (Array.isArray(value)) return `[${value.map((item) => formatLiteral(values, item, true)).join()}]`;
  const entries =
    schema?.type === 'struct'
      ? schema.fields.map(
          (field) =>
            `${formatLiteral(null, field.name, true)}:${formatLiteral(field.schema, getField(value, field.name) ?? field.schema.default, true)}`,
        )
      : [...(value instanceof Map ? value : Object.entries(value))].map(
          ([key, item]) => `${formatLiteral(keys, key, true)}:${formatLiteral(values, item, true)}`,
        );
  return `{${entries.join()}}`;
}
