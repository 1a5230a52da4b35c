/** Writes record batches (message format 2) as the broker stores them. */

import type { RecordToSend } from '../port.ts';
import { type Compression, compress, compressionBits } from './compression.ts';
import { crc32c } from './library.ts';
import { varintSize, varlongSize, writeVarint, writeVarlong } from './varint.ts';

/** Bytes before the first record. */
export const BATCH_OVERHEAD = 61;
const TRANSACTIONAL = 0x10;
const BATCH_LENGTH_AT = 8;
const MAGIC_AT = 16;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;

export interface BatchIdentity {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** Of the first record. -1 with producer id -1. */
  readonly sequence: number;
  readonly transactional: boolean;
  readonly compression: Compression;
}

const headerKeys = new Map<string, Buffer>();

function headerKey(key: string): Buffer {
  let bytes = headerKeys.get(key);
  if (!bytes) {
    bytes = Buffer.from(key);
    if (headerKeys.size < 1_000) headerKeys.set(key, bytes);
  }
  return bytes;
}

function headersSize(record: RecordToSend): number {
  let size = 0;
  for (const { key, value } of record.headers) {
    const length = headerKey(key).length;
    size += varintSize(length) + length;
    size += value === null ? 1 : varintSize(value.length) + value.length;
  }
  return size;
}

/** What the record takes in a batch at most, closely enough to cut batches by. */
export function recordSize(record: RecordToSend): number {
  const key = record.key === null ? 0 : record.key.length;
  const value = record.value === null ? 0 : record.value.length;
  return 24 + key + value + (record.headers.length === 0 ? 0 : headersSize(record));
}

/**
 * @param bound at least the sum of the records' `recordSize`
 * @param now the timestamp of records without one
 */
export function encodeBatch(
  records: readonly RecordToSend[],
  bound: number,
  identity: BatchIdentity,
  now: number,
): Buffer {
  const buffer = Buffer.allocUnsafeSlow(BATCH_OVERHEAD + bound + 16 * records.length);
  const firstTimestamp = records[0]!.timestamp ?? now;
  let maxTimestamp = firstTimestamp;
  let at = BATCH_OVERHEAD;
  for (let index = 0; index < records.length; index++) {
    const record = records[index]!;
    const timestamp = record.timestamp ?? now;
    if (timestamp > maxTimestamp) maxTimestamp = timestamp;
    at = writeRecord(buffer, at, record, timestamp - firstTimestamp, index);
  }

  const bits = compressionBits(identity.compression);
  let batch = buffer;
  if (bits !== 0) {
    const body = compress(bits, buffer.subarray(BATCH_OVERHEAD, at));
    at = BATCH_OVERHEAD + body.length;
    batch = Buffer.allocUnsafeSlow(at);
    batch.set(body, BATCH_OVERHEAD);
  }
  batch.writeBigInt64BE(0n, 0);
  batch.writeInt32BE(at - BATCH_LENGTH_AT - 4, BATCH_LENGTH_AT);
  batch.writeInt32BE(-1, 12);
  batch[MAGIC_AT] = 2;
  batch.writeInt16BE(bits | (identity.transactional ? TRANSACTIONAL : 0), ATTRIBUTES_AT);
  batch.writeInt32BE(records.length - 1, 23);
  batch.writeBigInt64BE(BigInt(firstTimestamp), 27);
  batch.writeBigInt64BE(BigInt(maxTimestamp), 35);
  batch.writeBigInt64BE(identity.producerId, 43);
  batch.writeInt16BE(identity.producerEpoch, 51);
  batch.writeInt32BE(identity.sequence, 53);
  batch.writeInt32BE(records.length, 57);
  batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES_AT, at)), CRC_AT);
  return batch.subarray(0, at);
}

function writeRecord(
  buffer: Buffer,
  start: number,
  record: RecordToSend,
  timestampDelta: number,
  index: number,
): number {
  const { key, value, headers } = record;
  let size = 1 + varlongSize(timestampDelta) + varintSize(index);
  size += key === null ? 1 : varintSize(key.length) + key.length;
  size += value === null ? 1 : varintSize(value.length) + value.length;
  size += headers.length === 0 ? 1 : varintSize(headers.length) + headersSize(record);

  let at = writeVarint(buffer, start, size);
  buffer[at++] = 0;
  at = writeVarlong(buffer, at, timestampDelta);
  at = writeVarint(buffer, at, index);
  at = writeBytes(buffer, at, key);
  at = writeBytes(buffer, at, value);
  at = writeVarint(buffer, at, headers.length);
  for (const header of headers) {
    at = writeBytes(buffer, at, headerKey(header.key));
    at = writeBytes(buffer, at, header.value);
  }
  return at;
}

function writeBytes(buffer: Buffer, at: number, bytes: Uint8Array | null): number {
  if (bytes === null) return writeVarint(buffer, at, -1);
  const length = bytes.length;
  const start = writeVarint(buffer, at, length);
  // A call into native code costs more than a short loop.
  if (length < 24) for (let i = 0; i < length; i++) buffer[start + i] = bytes[i]!;
  else buffer.set(bytes, start);
  return start + length;
}
