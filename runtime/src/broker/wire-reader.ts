/** Reads Kafka's wire types off one contiguous buffer; faster than the client library's reader, which works on a list of them. */
export class WireReader {
  readonly buffer: Buffer;
  at = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  /** Whether something follows. */
  get more(): boolean {
    return this.at < this.buffer.length;
  }

  int16(): number {
    const value = this.buffer.readInt16BE(this.at);
    this.at += 2;
    return value;
  }

  int32(): number {
    const value = this.buffer.readInt32BE(this.at);
    this.at += 4;
    return value;
  }

  int64(): number {
    const value = this.buffer.readInt32BE(this.at) * 0x100000000 + this.buffer.readUInt32BE(this.at + 4);
    this.at += 8;
    return value;
  }

  uvarint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.buffer[this.at++]!;
      value |= (byte & 0x7f) << shift;
      if ((byte & 0x80) === 0) return value >>> 0;
    }
  }

  /** A view, not a copy. */
  bytes(length: number): Buffer {
    const start = this.at;
    this.at = start + length;
    if (length < 0 || this.at > this.buffer.length)
      throw new RangeError(`${length} bytes expected at ${start} of ${this.buffer.length}`);
    return this.buffer.subarray(start, this.at);
  }

  /** With a 16-bit length. */
  string(): string {
    return this.bytes(this.int16()).toString();
  }

  compactString(): string {
    return this.bytes(this.uvarint() - 1).toString();
  }

  /** Null where the wire says so. */
  compactArray<T>(item: () => T): T[] | null {
    const length = this.uvarint();
    return length === 0 ? null : Array.from({ length: length - 1 }, item);
  }

  array<T>(item: () => T): T[] {
    return Array.from({ length: Math.max(0, this.int32()) }, item);
  }

  /** With a 32-bit length; null where it is negative. */
  nullableBytes(): Buffer | null {
    const length = this.int32();
    return length < 0 ? null : this.bytes(length);
  }

  skipTags(): void {
    for (let count = this.uvarint(); count > 0; count--) {
      this.uvarint();
      this.at += this.uvarint();
    }
  }
}
