import { decimalToString, isDecimal } from '@tributary/api';
import { Fraction } from '@tributary/api/json';

/**
 * A struct, a map or a list as JSON, for a column of text. Long integers and decimals keep their digits, bytes are base64, dates ISO 8601.
 */
export function jsonText(value: unknown): string {
  switch (typeof value) {
    case 'bigint':
      return String(value);
    case 'string':
    case 'number':
    case 'boolean':
      return JSON.stringify(value);
    case 'object':
      break;
    default:
      return 'null';
  }
  if (value === null) return 'null';
  if (value instanceof Date) return JSON.stringify(value);
  if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('base64')}"`;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  if (value instanceof Fraction) return value.text;
  if (isDecimal(value)) return decimalToString(value);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return `{${entries.map(([key, item]) => `${JSON.stringify(keyText(key))}:${jsonText(item)}`).join(',')}}`;
}

const keyText = (key: unknown): string => (typeof key === 'string' ? key : jsonText(key));
