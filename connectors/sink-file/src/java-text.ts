import { decimalToString, isDecimal, type Schema } from '@tributary/api';
import { float32ToString, float64ToString } from '@tributary/api/text';

/**
 * A value as Java prints the objects that Kafka Connect makes of it: `Struct{a=1,b=x}` (null fields are left out), `{a=1, b=x}`
 * for a map, `[1, 2]` for an array, `null`; floats as `1.0`; dates in UTC as `Thu Jan 01 00:00:00 UTC 1970`.
 * Two things differ, where Java prints what varies from run to run: the entries of a map keep their order, and bytes inside of
 * another value are in Base64.
 */
export function javaText(schema: Schema | null, value: unknown): string {
  if (value === null || value === undefined) return 'null';
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return number(schema, value);
    case 'object':
      break;
    default:
      return String(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => javaText(schema?.valueSchema ?? null, item)).join(', ')}]`;
  if (value instanceof Date) return date(value);
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (isDecimal(value)) return decimalToString(value);
  if (schema?.type === 'struct') return struct(schema, value as Record<string, unknown>);
  return map(schema, value instanceof Map ? value : Object.entries(value));
}

function number(schema: Schema | null, value: number): string {
  if (schema?.type === 'float32') return float32ToString(value);
  return schema?.type === 'float64' || !Number.isSafeInteger(value) ? float64ToString(value) : String(value);
}

function struct(schema: Schema, value: Record<string, unknown>): string {
  const fields: string[] = [];
  for (const { name, schema: own } of schema.fields) {
    const field = Object.hasOwn(value, name) ? value[name] : null;
    if (field !== null && field !== undefined) fields.push(`${name}=${javaText(own, field)}`);
  }
  return `Struct{${fields.join(',')}}`;
}

function map(schema: Schema | null, entries: Iterable<[unknown, unknown]>): string {
  const [keys, values] = [schema?.keySchema ?? null, schema?.valueSchema ?? null];
  return `{${Array.from(entries, ([key, item]) => `${javaText(keys, key)}=${javaText(values, item)}`).join(', ')}}`;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');

/** As java.util.Date.toString in the zone UTC; without milliseconds, as there. */
function date(value: Date): string {
  const day = `${DAYS[value.getUTCDay()]} ${MONTHS[value.getUTCMonth()]} ${two(value.getUTCDate())}`;
  const time = [value.getUTCHours(), value.getUTCMinutes(), value.getUTCSeconds()].map(two).join(':');
  return `${day} ${time} UTC ${value.getUTCFullYear()}`;
}
