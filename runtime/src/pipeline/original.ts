import type { ConnectRecord, SinkRecord } from '@tributary/api';
import type { RecordRead } from '../broker/port.ts';

/** Under this key a sink's record carries the bytes that it was made from; copies that transforms make by spreading carry them too. */
const ORIGINAL = Symbol('original');

/** Gives a record that was just made the bytes that it was made from, for the dead letter queue. @returns the record itself */
export function withOriginal(record: SinkRecord, original: RecordRead): SinkRecord {
  return Object.assign(record, { [ORIGINAL]: original });
}

/** The record as it was read: itself if it never came further, or undefined if nobody kept it. */
export function originalOf(record: RecordRead | ConnectRecord): RecordRead | undefined {
  return 'keySchema' in record ? (record as { [ORIGINAL]?: RecordRead })[ORIGINAL] : record;
}
