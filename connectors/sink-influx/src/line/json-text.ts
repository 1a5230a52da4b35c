import { DataError, formatDecimal, isDecimal } from '@tributary/api';

/**
 * The JSON text of an array, with all digits: integers and decimals as they are, dates in ISO 8601, bytes in base64.
 * @throws DataError for what JSON has no text for, such as NaN
 */
export function jsonText(value: unknown, name: string): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'number':
      if (!Number.isFinite(value))
        throw new DataError(`The field '${name}' holds ${value}, for which JSON has no text`);
      return Object.is(value, -0) ? '-0' : String(value);
    case 'undefined':
      return 'null';
  }
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map((item) => jsonText(item, name)).join(',')}]`;
  if (value instanceof Uint8Array) return `"${base64(value)}"`;
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new DataError(`The field '${name}' holds an invalid date`);
    return `"${value.toISOString()}"`;
  }
  if (isDecimal(value)) return formatDecimal(value);
  const entries = value instanceof Map ? [...value] : Object.entries(value as object);
  return `{${entries.map(([key, item]) => `${JSON.stringify(String(key))}:${jsonText(item, name)}`).join(',')}}`;
}

export const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
