/** Reads a message from front to back. */
export class Reader {
  readonly #bytes: Buffer;
  at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get ended(): boolean {
    return this.at >= this.#bytes.length;
  }

  peek(): number {
    return this.#bytes[this.at]!;
  }

  u8(): number {
    return this.#bytes.readUInt8(this.at++);
  }

  u16(): number {
    const value = this.#bytes.readUInt16LE(this.at);
    this.at += 2;
    return value;
  }

  i16(): number {
    const value = this.#bytes.readInt16LE(this.at);
    this.at += 2;
    return value;
  }

  u32(): number {
    const value = this.#bytes.readUInt32LE(this.at);
    this.at += 4;
    return value;
  }

  i32(): number {
    const value = this.#bytes.readInt32LE(this.at);
    this.at += 4;
    return value;
  }

  i64(): bigint {
    const value = this.#bytes.readBigInt64LE(this.at);
    this.at += 8;
    return value;
  }

  u64(): bigint {
    return BigInt.asUintN(64, this.i64());
  }

  f32(): number {
    const value = this.#bytes.readFloatLE(this.at);
    this.at += 4;
    return value;
  }

  f64(): number {
    const value = this.#bytes.readDoubleLE(this.at);
    this.at += 8;
    return value;
  }

  /** A number of up to six bytes. */
  uint(length: number): number {
    const value = this.#bytes.readUIntLE(this.at, length);
    this.at += length;
    return value;
  }

  bytes(length: number): Buffer {
    if (this.at + length > this.#bytes.length)
      throw new RangeError(`${length} bytes are asked for at ${this.at} of ${this.#bytes.length}.`);
    const bytes = this.#bytes.subarray(this.at, this.at + length);
    this.at += length;
    return bytes;
  }

  /** So many characters of UTF-16. */
  text(characters: number): string {
    return this.bytes(characters * 2).toString('utf16le');
  }

  /** Text behind its count of characters in one byte. */
  shortText(): string {
    return this.text(this.u8());
  }
}

/** Writes a message. */
export class Writer {
  #bytes: Buffer;
  #length = 0;

  constructor(size = 1024) {
    this.#bytes = Buffer.allocUnsafe(size);
  }

  get length(): number {
    return this.#length;
  }

  /** What is written so far. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  u8(value: number): this {
    const at = this.#room(1);
    this.#bytes.writeUInt8(value, at);
    return this;
  }

  u16(value: number): this {
    const at = this.#room(2);
    this.#bytes.writeUInt16LE(value, at);
    return this;
  }

  i16(value: number): this {
    const at = this.#room(2);
    this.#bytes.writeInt16LE(value, at);
    return this;
  }

  u32(value: number): this {
    const at = this.#room(4);
    this.#bytes.writeUInt32LE(value, at);
    return this;
  }

  i32(value: number): this {
    const at = this.#room(4);
    this.#bytes.writeInt32LE(value, at);
    return this;
  }

  i64(value: bigint): this {
    const at = this.#room(8);
    this.#bytes.writeBigInt64LE(BigInt.asIntN(64, value), at);
    return this;
  }

  f32(value: number): this {
    const at = this.#room(4);
    this.#bytes.writeFloatLE(value, at);
    return this;
  }

  f64(value: number): this {
    const at = this.#room(8);
    this.#bytes.writeDoubleLE(value, at);
    return this;
  }

  uint(value: number, length: number): this {
    const at = this.#room(length);
    this.#bytes.writeUIntLE(value, at, length);
    return this;
  }

  bytes(value: Uint8Array): this {
    const at = this.#room(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  text(value: string): this {
    const at = this.#room(value.length * 2);
    this.#bytes.write(value, at, 'utf16le');
    return this;
  }

  /** Text behind its count of characters in one byte. */
  shortText(value: string): this {
    return this.u8(Math.min(value.length, 255)).text(value.slice(0, 255));
  }

  /** Text behind its count of characters in two bytes. */
  longText(value: string): this {
    return this.u16(value.length).text(value);
  }

  #room(length: number): number {
    const at = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#length));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    return at;
  }
}
