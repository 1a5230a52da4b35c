import type { SinkRecord } from '@tributary/api';
import { toJavaString } from '@tributary/api/text';

/** Bytes are written as they are. */
export type Line = string | Uint8Array;

/** Bytes inside of another value. */
const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** What a record's value looks like in the file. */
export function lineOf({ value, valueSchema }: Pick<SinkRecord, 'value' | 'valueSchema'>): Line {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? value : toJavaString(valueSchema, value, base64);
}
