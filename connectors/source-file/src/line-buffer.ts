import { constants, isAscii } from 'node:buffer';
import { ConnectError } from '@tributary/api';

const LF = 10;
const CR = 13;
const INITIAL = 256 * 1024;
/** What is decoded at a time. Lines are slices of it and keep it in memory; V8 handles strings over 128 KiB much more slowly. */
const PIECE = 64 * 1024;

/** Takes a line and the number of bytes from the buffer's origin to its end, terminator included. */
export type TakeLine = (line: string, end: number) => void;

/**
 * Cuts bytes into lines. A line ends with \n, \r or \r\n; a \r at the end of what there is waits for the next byte, and
 * what follows the last terminator waits for one. Bytes are written into `space()` and announced by `wrote()`, so that
 * nothing is copied on the way in; each byte is looked at once, however long its line.
 */
export class LineBuffer {
  #bytes = Buffer.allocUnsafeSlow(INITIAL);
  /** Where the first unfinished line begins, up to where it was searched for a terminator, and where the bytes end. */
  #start = 0;
  #searched = 0;
  #end = 0;
  /** The position of `#bytes[0]` in the file. */
  #origin: number;

  constructor(position: number) {
    this.#origin = position;
  }

  /** The position in the file behind the last whole line. */
  get position(): number {
    return this.#origin + this.#start;
  }

  /** The position in the file behind the last byte. */
  get end(): number {
    return this.#origin + this.#end;
  }

  /** Room for more bytes, at least half of the buffer. */
  space(): Buffer {
    const rest = this.#end - this.#start;
    const size = this.#bytes.length;
    const wanted = rest > size / 2 ? size * 2 : size > INITIAL && rest < INITIAL / 2 ? INITIAL : size;
    if (this.#start > 0 || wanted !== size) {
      const target = wanted === size ? this.#bytes : Buffer.allocUnsafeSlow(wanted);
      this.#bytes.copy(target, 0, this.#start, this.#end);
      this.#bytes = target;
      this.#origin += this.#start;
      this.#searched -= this.#start;
      this.#end = rest;
      this.#start = 0;
    }
    return this.#bytes.subarray(this.#end);
  }

  wrote(count: number): void {
    this.#end += count;
  }

  /** Hands out the whole lines that there are. */
  takeLines(take: TakeLine): void {
    const stop = this.#lastTerminator(this.#searched, this.#end) ?? this.#start;
    while (this.#start < stop) {
      const piece = this.#start + PIECE;
      const until = piece < stop ? (this.#lastTerminator(this.#start, piece) ?? stop) : stop;
      const bytes = this.#bytes.subarray(this.#start, until);
      if (isAscii(bytes)) this.#cutAscii(bytes, take);
      else this.#cutUtf8(bytes, take);
      this.#start = until;
    }
    const pendingCr = this.#end > this.#start && this.#bytes[this.#end - 1] === CR;
    this.#searched = pendingCr ? this.#end - 1 : this.#end;
  }

  /** Hands out what is left behind the last terminator, if anything: for when no more can come. */
  takeRest(take: TakeLine): void {
    if (this.#end === this.#start) return;
    const last = this.#bytes[this.#end - 1] === CR ? this.#end - 1 : this.#end;
    const line = text(this.#bytes.subarray(this.#start, last), this.position);
    this.#start = this.#searched = this.#end;
    take(line, this.position);
  }

  /** Behind the last terminator that lies in the range and is surely whole. */
  #lastTerminator(from: number, to: number): number | null {
    const range = this.#bytes.subarray(from, to);
    const lf = range.lastIndexOf(LF);
    // A \r in last place may be half of a \r\n.
    const cr = range.length < 2 ? -1 : range.lastIndexOf(CR, range.length - 2);
    const last = Math.max(lf, cr);
    return last < 0 ? null : from + last + 1;
  }

  /** One character is one byte: a single string is made of all bytes, and lines are slices of it. */
  #cutAscii(bytes: Buffer, take: TakeLine): void {
    const all = text(bytes, this.position, 'latin1');
    const { position } = this;
    let start = 0;
    let lf = all.indexOf('\n');
    let cr = bytes.indexOf(CR); // where there is none, far faster than a search in the text
    while (start < all.length) {
      if (lf >= 0 && lf < start) lf = all.indexOf('\n', start);
      if (cr >= 0 && cr < start) cr = all.indexOf('\r', start);
      const crFirst = cr >= 0 && (lf < 0 || cr < lf);
      const until = crFirst ? cr : lf;
      const next = crFirst && lf === cr + 1 ? lf + 1 : until + 1;
      take(all.slice(start, until), position + next);
      start = next;
    }
  }

  /** The terminators' bytes occur in no other character of UTF-8, so that lines can be found before they are decoded. */
  #cutUtf8(bytes: Buffer, take: TakeLine): void {
    const { position } = this;
    let start = 0;
    let lf = bytes.indexOf(LF);
    let cr = bytes.indexOf(CR);
    while (start < bytes.length) {
      if (lf >= 0 && lf < start) lf = bytes.indexOf(LF, start);
      if (cr >= 0 && cr < start) cr = bytes.indexOf(CR, start);
      const crFirst = cr >= 0 && (lf < 0 || cr < lf);
      const until = crFirst ? cr : lf;
      const next = crFirst && lf === cr + 1 ? lf + 1 : until + 1;
      take(text(bytes.subarray(start, until), position + start), position + next);
      start = next;
    }
  }
}

function text(bytes: Buffer, position: number, encoding: 'latin1' | 'utf8' = 'utf8'): string {
  if (bytes.length > constants.MAX_STRING_LENGTH)
    throw new ConnectError(
      `The line at byte ${position} has ${bytes.length} bytes; a text can have ${constants.MAX_STRING_LENGTH}`,
    );
  return bytes.toString(encoding);
}
