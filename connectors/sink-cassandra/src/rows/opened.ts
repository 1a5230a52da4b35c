import { isContainer, type SinkRecord } from '@tributary/api';
import { parseExactJson, parseJson } from '@tributary/api/json';

/** Records of text that was read, so that several columns and tables read it once. */
const known = new WeakMap<SinkRecord, SinkRecord>();

/** The record, with a key and a value that are JSON in text as what the JSON says, as with the DataStax sink. */
export function opened(record: SinkRecord): SinkRecord {
  if (typeof record.value !== 'string' && typeof record.key !== 'string') return record;
  const done = known.get(record);
  if (done !== undefined) return done;
  const [key, value] = [objectIn(record.key), objectIn(record.value)];
  const open =
    key === undefined && value === undefined
      ? record
      : {
          ...record,
          ...(key && { key, keySchema: null }),
          ...(value && { value, valueSchema: null }),
        };
  known.set(record, open);
  return open;
}

/** More digits than a double is sure to keep. */
const LONG_FRACTION = /(?=\d*\.\d)(?:\d\.?){16}|\d[eE]/;

function objectIn(text: unknown): object | undefined {
  if (typeof text !== 'string' || !/^\s*\{/.test(text)) return undefined;
  try {
    const value = LONG_FRACTION.test(text) ? parseExactJson(text, true) : parseJson(text);
    return isContainer(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
