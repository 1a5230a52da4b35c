import { decimalToString, isDecimal } from '../decimal.ts';
import { describeValue } from '../describe.ts';
import { DataError } from '../errors.ts';
import type { Schema } from '../schema.ts';
import { getField } from '../struct.ts';
import { civilDate, MILLIS_PER_DAY } from './calendar.ts';
import { numberToString } from './literal-text.ts';

const pad = (value: number): string => String(value).padStart(2, '0');
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

function dateToString(date: Date): string {
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(pad).join(':');
  const { year, month, dayOfMonth } = civilDate(Math.floor(date.getTime() / MILLIS_PER_DAY));
  // Java leaves out which era a year is of.
  return `${DAYS[date.getUTCDay()]} ${MONTHS[month]} ${pad(dayOfMonth)} ${time} UTC ${year > 0 ? year : 1 - year}`;
}

/**
 * A value as Java's toString() shows it: `Struct{a=1,b=x}`, `{a=1, b=x}` for maps, `[1, 2]` for arrays, `1.0` for a float64. Dates are
 * shown in UTC.
 * @param bytesToString for bytes, which in Java are shown by their address in memory (`[B@1b6d3586`)
 * @throws DataError for what is no value of Connect's
 */
export function toJavaString(
  schema: Schema | null,
  value: unknown,
  bytesToString: (bytes: Uint8Array) => string,
): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
      return numberToString(schema, value);
    case 'boolean':
      return String(value);
    case 'undefined':
      return 'null';
    case 'object':
      return value === null ? 'null' : objectToString(schema, value, bytesToString);
    default:
      throw new DataError(`${describeValue(value)} cannot be written as text`);
  }
}

function objectToString(schema: Schema | null, value: object, bytesToString: (bytes: Uint8Array) => string): string {
  const text = (own: Schema | null, item: unknown): string => toJavaString(own, item, bytesToString);
  if (isDecimal(value)) return decimalToString(value);
  if (value instanceof Date) return dateToString(value);
  if (value instanceof Uint8Array) return bytesToString(value);
  if (Array.isArray(value)) return `[${value.map((item) => text(schema?.valueSchema ?? null, item)).join(', ')}]`;
  if (schema?.type === 'struct') {
    const fields = schema.fields
      .map((field) => [field, getField(value, field.name) ?? null] as const)
      .filter(([, item]) => item !== null)
      .map(([field, item]) => `${field.name}=${text(field.schema, item)}`);
    return `Struct{${fields.join(',')}}`;
  }
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  const pairs = entries.map(
    ([key, item]) => `${text(schema?.keySchema ?? null, key)}=${text(schema?.valueSchema ?? null, item)}`,
  );
  return `{${pairs.join(', ')}}`;
}
