import type { SinkRecord } from '@tributary/api';
import { javaText } from './java-text.ts';

/** Bytes are written as they are. */
export type Line = string | Uint8Array;

/** What a record's value looks like in the file. */
export function lineOf({ value, valueSchema }: Pick<SinkRecord, 'value' | 'valueSchema'>): Line {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array ? value : javaText(valueSchema, value);
}
