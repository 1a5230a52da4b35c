import { DataError, describeValue, type Schema } from '@tributary/api';
import { base64, plainText } from '@tributary/sink-kit';
import { arrayText } from '../line/array-text.ts';

/** The text of a tag's value: tags are always text. Not called for null, maps and structs. @throws DataError for what has no text */
export function tagText(value: unknown, schema: Schema | null, name: string): string {
  const text = plainText(value, schema);
  if (text !== undefined) return text;
  if (value instanceof Uint8Array) return base64(value);
  if (Array.isArray(value)) return arrayText(value, name);
  throw new DataError(`The tag '${name}' holds ${describeValue(value)}, which has no text`);
}
