/**
 * Reads record batches as they come in a fetch answer, a few records at a time, and leaves out what a reader must not see:
 * control records, and those of aborted transactions when reading committed ones.
 */

import type { TimestampType } from '@tributary/api';
import { BrokerError } from '../errors.ts';
import type { RawHeader, RecordRead } from '../port.ts';
import { decompress } from './compression.ts';
import { crc32c } from './library.ts';

const COMPRESSION_BITS = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
/** Offset and length fields, which the length does not count. */
const PREFIX = 12;
const HEADER = 61;
const ABORT_MARKER = 0;
const NO_HEADERS: readonly RawHeader[] = Object.freeze([]);

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

function int64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * 0x100000000 + buffer.readUInt32BE(at + 4);
}

export class BatchDecoder {
  readonly #topic: string;
  readonly #partition: number;
  readonly #buffer: Buffer;
  readonly #checkCrc: boolean;
  /** By first offset; null when reading uncommitted records too. */
  readonly #aborted: readonly AbortedTransaction[] | null;
  #nextAborted = 0;
  /** Producers whose open transaction, at this point of the log, will be aborted. */
  readonly #abortedProducers = new Set<number>();
  /** Where the next batch starts. */
  #at = 0;
  /** The first offset not handed out or passed yet. */
  #position: number;

  // The batch being read.
  #records: Buffer;
  #recordAt = 0;
  #left = 0;
  #baseOffset = 0;
  #baseTimestamp = 0;
  #appendTime = -1;
  #batchEnd = 0;

  /**
   * @param position the offset that was asked for; earlier records of its batch are left out
   * @param aborted null to read uncommitted records too
   */
  constructor(
    topic: string,
    partition: number,
    buffer: Buffer,
    position: number,
    aborted: readonly AbortedTransaction[] | null,
    checkCrc: boolean,
  ) {
    this.#topic = topic;
    this.#partition = partition;
    this.#buffer = buffer;
    this.#records = buffer;
    this.#position = position;
    this.#aborted = aborted && [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
    this.#checkCrc = checkCrc;
  }

  /** Where reading goes on, past records left out too. */
  get position(): number {
    return this.#position;
  }

  /** The offset after the last whole batch, for the next fetch; `position` if there is none. */
  static endOffset(buffer: Buffer, position: number): number {
    let end = position;
    for (let at = 0; at + HEADER <= buffer.length; ) {
      const next = at + PREFIX + buffer.readInt32BE(at + 8);
      if (next > buffer.length) break;
      end = Math.max(end, int64(buffer, at) + buffer.readInt32BE(at + 23) + 1);
      at = next;
    }
    return end;
  }

  /** Appends up to `max` records to `out`. @returns whether there may be more */
  read(out: RecordRead[], max: number): boolean {
    let room = max;
    while (true) {
      if (this.#left === 0) {
        if (!this.#nextBatch()) return false;
        continue;
      }
      if (room <= 0) return true;
      const record = this.#nextRecord();
      if (record) {
        out.push(record);
        room--;
      }
    }
  }

  /** Enters the next batch with records to hand out, passing others. */
  #nextBatch(): boolean {
    const buffer = this.#buffer;
    const at = this.#at;
    if (this.#batchEnd > this.#position) this.#position = this.#batchEnd;
    if (at + HEADER > buffer.length) return false;
    const end = at + PREFIX + buffer.readInt32BE(at + 8);
    // Brokers cut the last batch of an answer where the size limit falls.
    if (end > buffer.length) return false;
    const magic = buffer[at + 16]!;
    const baseOffset = int64(buffer, at);
    const where = `${this.#topic}-${this.#partition} at offset ${baseOffset}`;
    if (magic !== 2)
      throw new BrokerError(`Partition ${where} holds records in the old message format ${magic}, which is not read`, {
        code: 'UNSUPPORTED_FOR_MESSAGE_FORMAT',
      });
    if (this.#checkCrc && crc32c(buffer.subarray(at + 21, end)) !== buffer.readUInt32BE(at + 17))
      throw new BrokerError(`Partition ${where} holds a corrupt record batch: its checksum does not fit`, {
        code: 'CORRUPT_MESSAGE',
      });
    this.#at = end;
    const attributes = buffer.readInt16BE(at + 21);
    this.#baseOffset = baseOffset;
    this.#batchEnd = baseOffset + buffer.readInt32BE(at + 23) + 1;
    if (this.#leaveOut(at, attributes)) return true;
    this.#baseTimestamp = int64(buffer, at + 27);
    this.#appendTime = attributes & LOG_APPEND_TIME ? int64(buffer, at + 35) : -1;
    this.#left = buffer.readInt32BE(at + 57);
    const compression = attributes & COMPRESSION_BITS;
    if (compression === 0) {
      this.#records = buffer;
      this.#recordAt = at + HEADER;
    } else {
      this.#records = decompress(compression, buffer.subarray(at + HEADER, end));
      this.#recordAt = 0;
    }
    return true;
  }

  #leaveOut(at: number, attributes: number): boolean {
    const control = (attributes & CONTROL) !== 0;
    if (this.#aborted && attributes & TRANSACTIONAL) {
      const producerId = int64(this.#buffer, at + 43);
      for (; this.#nextAborted < this.#aborted.length; this.#nextAborted++) {
        const transaction = this.#aborted[this.#nextAborted]!;
        if (transaction.firstOffset >= this.#batchEnd) break;
        this.#abortedProducers.add(transaction.producerId);
      }
      if (control) {
        if (this.#markerType(at) === ABORT_MARKER) this.#abortedProducers.delete(producerId);
      } else if (this.#abortedProducers.has(producerId)) return true;
    }
    return control || this.#batchEnd <= this.#position;
  }

  /** The control record's key is its version and type, 16 bits each. */
  #markerType(at: number): number {
    const records = this.#records;
    this.#records = this.#buffer;
    this.#recordAt = at + HEADER;
    this.#varint();
    this.#recordAt++;
    this.#varlong();
    this.#varint();
    const keyLength = this.#varint();
    const type = keyLength >= 4 ? this.#buffer.readInt16BE(this.#recordAt + 2) : -1;
    this.#records = records;
    return type;
  }

  #nextRecord(): RecordRead | null {
    this.#left--;
    const length = this.#varint();
    const end = this.#recordAt + length;
    this.#recordAt++;
    const timestampDelta = this.#varlong();
    const offset = this.#baseOffset + this.#varint();
    if (offset < this.#position) {
      this.#recordAt = end;
      return null;
    }
    const key = this.#bytes();
    const value = this.#bytes();
    const headerCount = this.#varint();
    let headers = NO_HEADERS;
    if (headerCount > 0) {
      const list: RawHeader[] = [];
      for (let i = 0; i < headerCount; i++) {
        const size = this.#varint();
        const name = this.#records.toString('utf8', this.#recordAt, this.#recordAt + size);
        this.#recordAt += size;
        list.push({ key: name, value: this.#bytes() });
      }
      headers = list;
    }
    this.#recordAt = end;
    this.#position = offset + 1;
    const appended = this.#appendTime !== -1;
    const timestampType: TimestampType = appended ? 'LogAppendTime' : 'CreateTime';
    return {
      topic: this.#topic,
      partition: this.#partition,
      offset,
      timestamp: appended ? this.#appendTime : this.#baseTimestamp + timestampDelta,
      timestampType,
      key,
      value,
      headers,
    };
  }

  #bytes(): Uint8Array | null {
    const length = this.#varint();
    if (length < 0) return null;
    const start = this.#recordAt;
    this.#recordAt = start + length;
    return this.#records.subarray(start, start + length);
  }

  #varint(): number {
    const records = this.#records;
    let byte = records[this.#recordAt++]!;
    let value = byte & 0x7f;
    for (let shift = 7; byte & 0x80; shift += 7) {
      byte = records[this.#recordAt++]!;
      value |= (byte & 0x7f) << shift;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  #varlong(): number {
    const records = this.#records;
    let byte = records[this.#recordAt++]!;
    let value = byte & 0x7f;
    for (let factor = 128; byte & 0x80; factor *= 128) {
      byte = records[this.#recordAt++]!;
      value += (byte & 0x7f) * factor;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}
