import { isContainer, type SinkRecord } from '@tributary/api';
import { parseExactJson, parseJson } from '@tributary/api/json';

/** Records of text that was read, so that several columns and tables read it once. */
const known = new WeakMap<SinkRecord, SinkRecord>();

/** The record, with a key and a value that are JSON in text as what the JSON says, as with the DataStax sink. */
export function opened(record: SinkRecord): SinkRecord {
  if (!mayBeJson(record.value) && !mayBeJson(record.key)) return record;
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

/** Called for each column: most keys are text, and few of them JSON. */
function mayBeJson(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  const first = value.charCodeAt(0);
  return first === 0x7b || first <= 0x20;
}

/** More digits than a double is sure to keep. */
const LONG_FRACTION = /(?=\d*\.\d)(?:\d\.?){16}|\d[eE]/;

function objectIn(text: unknown): object | undefined {
  if (!mayBeJson(text)) return undefined;
  try {
    const value = LONG_FRACTION.test(text) ? parseExactJson(text, true) : parseJson(text);
    return isContainer(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
