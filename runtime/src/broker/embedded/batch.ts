/**
 * How records lie in a stored value. A value is a batch: records of one partition with rising offsets, stored under the
 * offset of the first.
 *
 *     u8 version (1), u8 flags (1: LogAppendTime), u16 0, u32 records, u32 last offset - base, f64 base timestamp, f64 largest timestamp
 *     per record: offset - base, timestamp - base timestamp (zigzag), key, value, number of headers, headers (name, value)
 *
 * Numbers are little endian; those of a record are varints of 7 bits a byte, low bits first. Bytes that may be null are preceded
 * by their length + 1, and 0 is null; a header's name by its length.
 */
import type { TimestampType } from '@tributary/api';
import type { RawHeader, RecordRead } from '../port.ts';

const VERSION = 1;
const LOG_APPEND_TIME = 1;
const HEADER_BYTES = 28;
/** A batch that has reached this size takes no further record. */
const FULL_BYTES = 256 * 1024;
/** Nor does one of so many, however small: a batch is decoded in one go. */
const FULL_RECORDS = 4096;
/** Below this length a loop copies faster than a call. */
const SHORT = 32;
const NO_HEADERS: readonly RawHeader[] = Object.freeze([]);

/** What is stored of a record, beside its offset. */
export interface BatchRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RawHeader[];
}

/** The most that a record can take in a batch. */
export function storedSize(record: BatchRecord): number {
  let size = 40 + (record.key?.length ?? 0) + (record.value?.length ?? 0);
  for (const { key, value } of record.headers) size += 20 + key.length * 3 + (value?.length ?? 0);
  return size;
}

export class BatchBuilder {
  readonly base: number;
  count = 0;
  last: number;
  #buffer: Buffer<ArrayBuffer>;
  #at = HEADER_BYTES;
  #baseTimestamp: number;
  #maxTimestamp: number;
  #logAppendTime: boolean;

  constructor(base: number, baseTimestamp: number, logAppendTime: boolean) {
    this.base = base;
    this.last = base - 1;
    this.#baseTimestamp = baseTimestamp;
    this.#maxTimestamp = baseTimestamp;
    this.#logAppendTime = logAppendTime;
    this.#buffer = Buffer.allocUnsafeSlow(1024);
  }

  get size(): number {
    return this.#at;
  }

  get full(): boolean {
    return this.#at >= FULL_BYTES || this.count >= FULL_RECORDS;
  }

  /** Offsets have to rise. `size` is the record's {@link storedSize}. */
  append(offset: number, timestamp: number, record: BatchRecord, size: number): void {
    if (this.#at + size > this.#buffer.length) this.#grow(size);
    if (timestamp > this.#maxTimestamp) this.#maxTimestamp = timestamp;
    const delta = timestamp - this.#baseTimestamp;
    this.#varint(offset - this.base);
    this.#varint(delta >= 0 ? delta * 2 : -delta * 2 - 1);
    this.#bytes(record.key);
    this.#bytes(record.value);
    const { headers } = record;
    this.#varint(headers.length);
    for (let index = 0; index < headers.length; index++) {
      const { key, value } = headers[index]!;
      const name = Buffer.from(key);
      this.#varint(name.length);
      this.#copy(name);
      this.#bytes(value);
    }
    this.last = offset;
    this.count++;
  }

  /** The batch as it is stored. The builder must not be used after this. */
  finish(): Buffer {
    const buffer = this.#buffer;
    buffer[0] = VERSION;
    buffer[1] = this.#logAppendTime ? LOG_APPEND_TIME : 0;
    buffer.writeUInt16LE(0, 2);
    buffer.writeUInt32LE(this.count, 4);
    buffer.writeUInt32LE(this.last - this.base, 8);
    buffer.writeDoubleLE(this.#baseTimestamp, 12);
    buffer.writeDoubleLE(this.#maxTimestamp, 20);
    return buffer.subarray(0, this.#at);
  }

  #grow(size: number): void {
    const roomy = this.#at + size > FULL_BYTES ? this.#at + size : Math.min(2 * FULL_BYTES, 4 * this.#buffer.length);
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#at + size, roomy));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }

  #varint(value: number): void {
    const buffer = this.#buffer;
    let rest = value;
    while (rest > 0x7fffffff) {
      buffer[this.#at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest > 127) {
      buffer[this.#at++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    buffer[this.#at++] = rest;
  }

  #bytes(bytes: Uint8Array | null): void {
    if (bytes === null) {
      this.#buffer[this.#at++] = 0;
      return;
    }
    this.#varint(bytes.length + 1);
    this.#copy(bytes);
  }

  #copy(bytes: Uint8Array): void {
    const { length } = bytes;
    if (length < SHORT) {
      const buffer = this.#buffer;
      const at = this.#at;
      for (let index = 0; index < length; index++) buffer[at + index] = bytes[index]!;
    } else {
      this.#buffer.set(bytes, this.#at);
    }
    this.#at += length;
  }
}

/** What the head of a stored batch says. */
export interface BatchHead {
  readonly count: number;
  /** The offset of the last record - the base offset. */
  readonly lastDelta: number;
  readonly maxTimestamp: number;
  readonly baseTimestamp: number;
  readonly logAppendTime: boolean;
}

/** @throws Error if the batch was written by a later version */
export function readHead(batch: Buffer): BatchHead {
  if (batch[0] !== VERSION) {
    throw new Error(`A batch of the embedded log has format ${batch[0]}, but this version reads ${VERSION}`);
  }
  return {
    count: batch.readUInt32LE(4),
    lastDelta: batch.readUInt32LE(8),
    baseTimestamp: batch.readDoubleLE(12),
    maxTimestamp: batch.readDoubleLE(20),
    logAppendTime: (batch[1]! & LOG_APPEND_TIME) !== 0,
  };
}

/** Where {@link decode} stands. One reader for all: decoding never waits. */
let source: Buffer;
let cursor = 0;

function varint(): number {
  let byte = source[cursor++]!;
  if (byte < 128) return byte;
  let value = byte & 127;
  for (let scale = 128; ; scale *= 128) {
    byte = source[cursor++]!;
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
}

function bytes(): Uint8Array | null {
  const length = varint() - 1;
  if (length < 0) return null;
  const view = Buffer.from(source.buffer, source.byteOffset + cursor, length);
  cursor += length;
  return view;
}

function headers(): readonly RawHeader[] {
  const count = varint();
  if (count === 0) return NO_HEADERS;
  const list: RawHeader[] = [];
  for (let index = 0; index < count; index++) {
    const length = varint();
    const key = source.toString('utf8', cursor, cursor + length);
    cursor += length;
    list.push({ key, value: bytes() });
  }
  return list;
}

/** The records of a batch from an offset on. Keys and values are views of the batch. The timestamp type is the batch's unless given. */
export function decode(
  batch: Buffer,
  place: { readonly topic: string; readonly partition: number },
  base: number,
  from: number,
  timestampTypeGiven?: TimestampType,
): RecordRead[] {
  const head = readHead(batch);
  const { topic, partition } = place;
  const timestampType = timestampTypeGiven ?? (head.logAppendTime ? 'LogAppendTime' : 'CreateTime');
  const records: RecordRead[] = [];
  source = batch;
  cursor = HEADER_BYTES;
  for (let index = 0; index < head.count; index++) {
    const offset = base + varint();
    const zigzag = varint();
    const timestamp = head.baseTimestamp + (zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2);
    const key = bytes();
    const value = bytes();
    const list = headers();
    if (offset >= from) records.push({ topic, partition, offset, timestamp, timestampType, key, value, headers: list });
  }
  return records;
}
