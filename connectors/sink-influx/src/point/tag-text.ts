import { DataError, describeValue, formatDecimal, isDecimal, type Schema } from '@tributary/api';
import { base64, dateText } from '@tributary/sink-kit';
import { arrayText } from '../line/array-text.ts';

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
  if (Array.isArray(value)) return arrayText(value, name);
  throw new DataError(`The tag '${name}' holds ${describeValue(value)}, which has no text`);
}
