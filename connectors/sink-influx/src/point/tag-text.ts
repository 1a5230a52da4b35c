import { DataError, dateTypeOf, describeValue, formatDecimal, isDecimal, type Schema } from '@tributary/api';
import { base64, jsonText } from '../line/json-text.ts';

/** The text of a tag's value: tags are always text. Not called for null, maps and structs. @throws DataError for what has no text */
export function tagText(value: unknown, schema: Schema | null, name: string): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value);
  }
  if (isDecimal(value)) return formatDecimal(value);
  if (value instanceof Date && !Number.isNaN(value.getTime())) return dateText(value, schema);
  if (value instanceof Uint8Array) return base64(value);
  if (Array.isArray(value)) return jsonText(value, name);
  throw new DataError(`The tag '${name}' holds ${describeValue(value)}, which has no text`);
}

function dateText(value: Date, schema: Schema | null): string {
  const text = value.toISOString();
  switch (schema && dateTypeOf(schema)) {
    case 'Date':
      return text.slice(0, 10);
    case 'Time':
      return text.slice(11, -1);
    default:
      return text;
  }
}
