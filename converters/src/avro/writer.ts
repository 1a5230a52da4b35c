import type { Int64 } from '@tributary/api';

const FIRST_SIZE = 1024;
/** Up to this length, text is looked through for what is not ASCII; beyond, Buffer is faster. */
const SHORT_TEXT = 40;

/** Writes Avro's binary format into a buffer that grows and is used again. */
export class Writer {
  #bytes = Buffer.allocUnsafe(FIRST_SIZE);
  #at = 0;

  /** @param reserved how many bytes to leave free at the beginning */
  reset(reserved: number): void {
    this.#at = reserved;
  }

  /** A copy of what was written, the reserved bytes included. */
  take(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#at));
  }

  boolean(value: boolean): void {
    this.#reserve(1);
    this.#bytes[this.#at++] = value ? 1 : 0;
  }

  /** An int or a long. */
  long(value: Int64): void {
    this.#reserve(10);
    const bytes = this.#bytes;
    if (typeof value === 'bigint') {
      this.#big(value);
      return;
    }
    if (value >= -0x4000_0000 && value < 0x4000_0000) {
      let zigzag = (value << 1) ^ (value >> 31);
      while (zigzag > 0x7f) {
        bytes[this.#at++] = (zigzag & 0x7f) | 0x80;
        zigzag >>>= 7;
      }
      bytes[this.#at++] = zigzag;
      return;
    }
    // Twice the number may be beyond what a double holds exactly.
    if (value > 2 ** 52 - 1 || value < -(2 ** 52)) {
      this.#big(BigInt(value));
      return;
    }
    let zigzag = value >= 0 ? value * 2 : -value * 2 - 1;
    while (zigzag > 0x7f) {
      bytes[this.#at++] = (zigzag % 128) | 0x80;
      zigzag = Math.floor(zigzag / 128);
    }
    bytes[this.#at++] = zigzag;
  }

  #big(value: bigint): void {
    let zigzag = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
    while (zigzag > 0x7fn) {
      this.#bytes[this.#at++] = Number(zigzag & 0x7fn) | 0x80;
      zigzag >>= 7n;
    }
    this.#bytes[this.#at++] = Number(zigzag);
  }

  float(value: number): void {
    this.#reserve(4);
    this.#at = this.#bytes.writeFloatLE(value, this.#at);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
  }

  string(value: string): void {
    const { length } = value;
    if (length <= SHORT_TEXT && this.#ascii(value, length)) return;
    // Half a surrogate pair has no bytes; Java writes a question mark.
    const text = value.isWellFormed() ? value : withoutHalves(value);
    const size = Buffer.byteLength(text);
    this.long(size);
    this.#reserve(size);
    this.#at += this.#bytes.write(text, this.#at, 'utf8');
  }

  /** Writes short text if it is ASCII. */
  #ascii(value: string, length: number): boolean {
    this.#reserve(1 + length);
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    bytes[at++] = length << 1;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[at++] = code;
    }
    this.#at = at;
    return true;
  }

  bytes(value: Uint8Array): void {
    this.long(value.length);
    this.fixed(value);
  }

  /** Bytes without their length. */
  fixed(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  #reserve(count: number): void {
    const needed = this.#at + count;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

const withoutHalves = (text: string): string =>
  text.toWellFormed().replaceAll('\ufffd', (found, i: number) => (text[i] === found ? found : '?'));
