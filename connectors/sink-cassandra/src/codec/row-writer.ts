const CHUNK = 16 * 1024;
/** Longer texts are left to Node, which has more to do for each but less for a character. */
const SHORT_TEXT = 32;

const NULL = -1;
/** The length that stands for a value that is not to be touched. */
const UNSET = -2;

/** Writes the values of rows as requests carry them, each behind its length in four bytes, one after the other. */
export class RowWriter {
  #chunk: Buffer = Buffer.alloc(0);
  #view = new DataView(this.#chunk.buffer);
  #start = 0;
  #at = 0;

  /** Begins a row. Another one that was begun and not taken is forgotten. */
  begin(values: number): void {
    this.#at = this.#start;
    this.#reserve(2);
    this.#view.setUint16(this.#at, values);
    this.#at += 2;
  }

  /** The row that was begun: good for as long as it is needed. */
  take(): Buffer {
    const row = this.#chunk.subarray(this.#start, this.#at);
    this.#start = this.#at;
    return row;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(4 + value.length);
    this.#view.setInt32(this.#at, value.length);
    this.#chunk.set(value, this.#at + 4);
    this.#at += 4 + value.length;
  }

  null(): void {
    this.#sized(NULL, 0);
  }

  unset(): void {
    this.#sized(UNSET, 0);
  }

  byte(value: number): void {
    // The place first: it may be in a new chunk.
    const at = this.#sized(1, 1);
    this.#chunk[at] = value;
  }

  int32(value: number): void {
    const at = this.#sized(4, 4);
    this.#view.setInt32(at, value);
  }

  /** 64 bits of a whole number that is exact as a number. */
  int64(value: number): void {
    const at = this.#sized(8, 8);
    const high = Math.floor(value / 2 ** 32);
    this.#view.setInt32(at, high);
    this.#view.setUint32(at + 4, value - high * 2 ** 32);
  }

  float64(value: number): void {
    const at = this.#sized(8, 8);
    this.#view.setFloat64(at, value);
  }

  /** @param value well-formed */
  text(value: string): void {
    this.#reserve(4 + 3 * value.length);
    const from = this.#at + 4;
    const length = this.#ascii(value, from) ? value.length : this.#chunk.write(value, from);
    this.#view.setInt32(this.#at, length);
    this.#at = from + length;
  }

  #ascii(value: string, from: number): boolean {
    if (value.length > SHORT_TEXT) return false;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) return false;
      this.#chunk[from + i] = code;
    }
    return true;
  }

  /** @returns where the value goes */
  #sized(length: number, bytes: number): number {
    this.#reserve(4 + bytes);
    const at = this.#at + 4;
    this.#view.setInt32(this.#at, length);
    this.#at = at + bytes;
    return at;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#chunk.length) return;
    const begun = this.#chunk.subarray(this.#start, this.#at);
    // Rows that were taken stay in the old one.
    this.#chunk = Buffer.allocUnsafeSlow(Math.max(CHUNK, 2 * (begun.length + bytes)));
    this.#view = new DataView(this.#chunk.buffer);
    this.#chunk.set(begun);
    this.#start = 0;
    this.#at = begun.length;
  }
}

/** The values of a row: null where it has none, undefined where one is not to be touched. */
export function valuesOf(row: Buffer): ReadonlyArray<Buffer | null | undefined> {
  const values: Array<Buffer | null | undefined> = [];
  for (let at = 2; at < row.length; ) {
    const length = row.readInt32BE(at);
    at += 4;
    values.push(length === NULL ? null : length === UNSET ? undefined : row.subarray(at, at + length));
    at += Math.max(0, length);
  }
  return values;
}

/** Whether one of the first values is unset in the newer row and not in the older. */
export function leavesOut(newer: Buffer, older: Buffer, values: number): boolean {
  // Each value stands behind its length, and all of them behind their number.
  let [inNewer, inOlder] = [2, 2];
  for (let i = 0; i < values; i++) {
    const [newerLength, olderLength] = [newer.readInt32BE(inNewer), older.readInt32BE(inOlder)];
    if (newerLength === UNSET && olderLength !== UNSET) return true;
    inNewer += 4 + Math.max(0, newerLength);
    inOlder += 4 + Math.max(0, olderLength);
  }
  return false;
}
