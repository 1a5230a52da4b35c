/** Writes Kafka's wire types. */
export class WireWriter {
  readonly #parts: Buffer[] = [];

  int16(value: number): this {
    const buffer = Buffer.alloc(2);
    buffer.writeInt16BE(value);
    this.#parts.push(buffer);
    return this;
  }

  int32(value: number): this {
    const buffer = Buffer.alloc(4);
    buffer.writeInt32BE(value);
    this.#parts.push(buffer);
    return this;
  }

  int64(value: number): this {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64BE(BigInt(value));
    this.#parts.push(buffer);
    return this;
  }

  /** With a 16-bit length. */
  string(value: string): this {
    const bytes = Buffer.from(value);
    this.int16(bytes.length);
    this.#parts.push(bytes);
    return this;
  }

  /** With a 32-bit length, -1 for null. */
  nullableBytes(value: Buffer | null): this {
    this.int32(value === null ? -1 : value.length);
    if (value !== null) this.#parts.push(value);
    return this;
  }

  array<T>(items: readonly T[], item: (value: T) => void): this {
    this.int32(items.length);
    for (const value of items) item(value);
    return this;
  }

  get buffer(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
