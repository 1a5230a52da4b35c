import type { ConnectRecord, SinkRecord } from '@tributary/api';
import type { RecordRead } from '../broker/port.ts';

/** Under this key a sink's record carries the bytes that it was made from; copies that transforms make by spreading carry them too. */
const ORIGINAL = Symbol('original');

/** The record with the bytes it was made from, for the dead letter queue. */
export function withOriginal(record: SinkRecord, original: RecordRead): SinkRecord {
  return { ...record, [ORIGINAL]: original } as SinkRecord;
}

/** The record as it was read: itself if it never came further, or undefined if nobody kept it. */
export function originalOf(record: RecordRead | ConnectRecord): RecordRead | undefined {
  return 'keySchema' in record ? (record as { [ORIGINAL]?: RecordRead })[ORIGINAL] : record;
}
