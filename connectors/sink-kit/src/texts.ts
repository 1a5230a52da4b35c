import { dateTypeOf, formatDecimal, isDecimal, type Schema } from '@tributary/api';

/** Bytes in base64, without a copy of them. */
export const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** A Date in ISO 8601: a date alone or a time of day alone where the schema says so. @throws RangeError for an invalid one */
export function dateText(value: Date, schema: Schema | null): string {
  const text = value.toISOString();
  switch (schema && dateTypeOf(schema)) {
    case 'Date':
      return text.slice(0, -'T00:00:00.000Z'.length);
    case 'Time':
      return text.slice(11, -1);
    default:
      return text;
  }
}

/** A single value as text: numbers with all their digits, dates in ISO 8601. Undefined for bytes, containers and invalid dates. */
export function plainText(value: unknown, schema: Schema | null): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
  }
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? undefined : dateText(value, schema);
  return isDecimal(value) ? formatDecimal(value) : undefined;
}

/**
 * A struct, a map or an array as JSON: numbers with all their digits, bytes in base64, dates in ISO 8601. What has no form in JSON, such
 * as Infinity, is null there, as in JSON.stringify.
 * @param exception has the first word on every value that is neither text nor null: its text, or undefined for what has none of its own;
 * it may throw
 */
export function jsonText(value: unknown, exception: (value: unknown) => string | undefined = () => undefined): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return JSON.stringify(value);
  const own = exception(value);
  if (own !== undefined) return own;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value instanceof Date) return JSON.stringify(value) ?? 'null';
  if (value instanceof Uint8Array) return `"${base64(value)}"`;
  if (isDecimal(value)) return formatDecimal(value);
  const inner = (item: unknown): string => jsonText(item, exception);
  if (Array.isArray(value)) return `[${value.map(inner).join(',')}]`;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return `{${entries.map(([key, item]) => `${JSON.stringify(keyText(key, inner))}:${inner(item)}`).join(',')}}`;
}

/** Keys of JSON are text. */
const keyText = (key: unknown, text: (key: unknown) => string): string => (typeof key === 'string' ? key : text(key));
