import { DataError, type Int64, int64 } from '@tributary/api';

const INT_LIMIT = 2 ** 31;

/** Reads Avro's binary format. Whatever the bytes are, it ends within them. */
export class Reader {
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  /** @param start where the data begins */
  open(bytes: Uint8Array, start: number): void {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
  }

  boolean(): boolean {
    const byte = this.#bytes[this.#advance(1)]!;
    if (byte > 1) throw corrupt(`a boolean is ${byte}`);
    return byte === 1;
  }

  int(): number {
    const value = this.long();
    if (value >= INT_LIMIT || value < -INT_LIMIT) throw corrupt(`an int is ${value}`);
    return value as number;
  }

  long(): Int64 {
    const bytes = this.#bytes;
    let at = this.#at;
    let byte = bytes[at++]!;
    let bits = byte & 0x7f;
    for (let shift = 7; byte & 0x80 && shift < 28; shift += 7) {
      byte = bytes[at++]!;
      bits |= (byte & 0x7f) << shift;
    }
    if (at > bytes.length) throw ended();
    if (byte & 0x80) return this.#longer(bits, at);
    this.#at = at;
    return (bits >>> 1) ^ -(bits & 1);
  }

  /** The rest of a number of more than 28 bits. */
  #longer(low: number, at: number): Int64 {
    const bytes = this.#bytes;
    let high = 0;
    let factor = 1;
    let byte: number;
    // 28 bits are read; 5 more bytes keep a double exact.
    do {
      byte = bytes[at++]!;
      high += (byte & 0x7f) * factor;
      factor *= 128;
    } while (byte & 0x80 && factor < 2 ** 28);
    if (at > bytes.length) throw ended();
    if (high < 2 ** 24 && !(byte & 0x80)) {
      this.#at = at;
      const zigzag = high * 2 ** 28 + low;
      return low & 1 ? -(zigzag + 1) / 2 : zigzag / 2;
    }
    let zigzag = BigInt(low) | (BigInt(high) << 28n);
    for (let shift = 56n; byte & 0x80; shift += 7n) {
      if (shift > 63n) throw corrupt('a number has more than 10 bytes');
      byte = bytes[at++]!;
      zigzag |= BigInt(byte & 0x7f) << shift;
    }
    if (at > bytes.length) throw ended();
    this.#at = at;
    return int64(BigInt.asIntN(64, (zigzag >> 1n) ^ -(zigzag & 1n)));
  }

  float(): number {
    return this.#bytes.readFloatLE(this.#advance(4));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#advance(8));
  }

  string(): string {
    const length = this.#length();
    const start = this.#advance(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  /** A copy, so that it does not keep the whole batch that it came in. */
  bytes(): Uint8Array {
    return this.fixed(this.#length());
  }

  fixed(size: number): Uint8Array {
    const start = this.#advance(size);
    return Uint8Array.prototype.slice.call(this.#bytes, start, start + size);
  }

  /** What was not read yet, as a copy. */
  rest(): Uint8Array {
    return this.fixed(this.#bytes.length - this.#at);
  }

  /** How many items the next block of an array or a map has; 0 at its end. */
  block(): number {
    const count = this.long();
    if (count >= 0) return safe(count);
    // The size in bytes that follows is for those who skip.
    this.long();
    return safe(-count);
  }

  #length(): number {
    const length = this.long();
    if (length < 0) throw corrupt(`a length is ${length}`);
    return safe(length);
  }

  /** Steps over so many bytes. @returns where they begin */
  #advance(count: number): number {
    const start = this.#at;
    if (start + count > this.#bytes.length) throw ended();
    this.#at = start + count;
    return start;
  }
}

function safe(count: Int64): number {
  if (typeof count === 'bigint') throw ended();
  return count;
}

const corrupt = (what: string): DataError =>
  new DataError(`The data is not what its schema says: ${what}. It is corrupt, or was written with another schema.`);

const ended = (): DataError => corrupt('it ends too early');
