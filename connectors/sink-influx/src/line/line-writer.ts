const FIRST_BYTES = 64 * 1024;
/** A buffer that one large value has made larger than this is given back. */
const MAX_KEPT_BYTES = 8 * 1024 * 1024;
/** From here on a call of the runtime's encoder is worth its price. Characters. */
const LONG = 64;

const ZERO = 0x30;
const DOT = 0x2e;
const MINUS = 0x2d;

/** Fractions of prices and amounts have mostly no more digits than this. */
const FRACTION_DIGITS = 4;
const FRACTION = 10 ** FRACTION_DIGITS;
/** Integers up to here are divided as machine words. */
const WORD = 2 ** 31;
const LOW_DIGITS = 8;
const LOW = 10 ** LOW_DIGITS;

/**
 * Puts lines together as bytes. Strings that are made of parts cost the garbage collector more than all else of a line: of five thousand
 * lines that wait to be joined it moves every part; here there are none.
 */
export class LineWriter {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  /** Takes back what was written behind the first `length` bytes. */
  backTo(length: number): void {
    this.#length = length;
    if (length === 0 && this.#bytes.length > MAX_KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  /** @param text without halves of surrogate pairs */
  text(text: string): void {
    const { length } = text;
    if (length > LONG) {
      this.#encoded(text);
      return;
    }
    this.#reserve(length);
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) {
        this.#encoded(text);
        return;
      }
      bytes[at++] = code;
    }
    this.#length = at;
  }

  /** A character of ASCII. */
  character(code: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = code;
  }

  /** A finite number, with the fewest digits that are read back as the same. */
  float(value: number): void {
    const size = Math.abs(value);
    const scaled = Math.round(size * FRACTION);
    // A quotient of two integers is the float nearest to it; so the text with these few digits is read as `size`, and none is shorter.
    if (scaled === 0 || scaled >= WORD || scaled / FRACTION !== size) {
      this.text(Object.is(value, -0) ? '-0' : String(value));
      return;
    }
    if (value < 0) this.character(MINUS);
    const whole = Math.floor(scaled / FRACTION);
    let fraction = scaled - whole * FRACTION;
    this.#digits(whole, 1);
    if (fraction === 0) return;
    let digits = FRACTION_DIGITS;
    while (fraction % 10 === 0) {
      fraction /= 10;
      digits--;
    }
    this.character(DOT);
    this.#digits(fraction, digits);
  }

  /** An integer without loss. */
  integer(value: number): void {
    const high = Math.floor(value / LOW);
    if (value < 0 || high >= WORD || Object.is(value, -0)) {
      this.text(String(value));
      return;
    }
    if (high > 0) this.#digits(high, 1);
    this.#digits(value - high * LOW, high > 0 ? LOW_DIGITS : 1);
  }

  /** What was written behind the first `from` bytes. */
  toString(from = 0): string {
    return this.#bytes.toString('utf8', from, this.#length);
  }

  #digits(value: number, least: number): void {
    let count = 1;
    for (let limit = 10; value >= limit && count < 10; limit *= 10) count++;
    count = Math.max(count, least);
    this.#reserve(count);
    let at = this.#length + count;
    this.#length = at;
    let rest = value | 0;
    for (; count > 0; count--) {
      const tenth = (rest / 10) | 0;
      this.#bytes[--at] = ZERO + rest - tenth * 10;
      rest = tenth;
    }
  }

  #encoded(text: string): void {
    this.#reserve(text.length > LONG ? Buffer.byteLength(text) : text.length * 3);
    this.#length += this.#bytes.write(text, this.#length);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
