export interface Charset {
  encode(text: string): Uint8Array;
  decode(bytes: Uint8Array): string;
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Half a surrogate pair has no bytes; Java writes a question mark, Node would write another character. */
const wellFormed = (text: string): string =>
  text.isWellFormed()
    ? text
    : text.toWellFormed().replaceAll('\ufffd', (found, i: number) => (text[i] === found ? found : '?'));

const utf8: Charset = {
  encode: (text) => Buffer.from(wellFormed(text)),
  decode: (bytes) => asBuffer(bytes).toString('utf8'),
};

function oneByte(limit: number): Charset {
  return {
    encode: (text) =>
      Buffer.from(Array.from(text, (char) => (char.codePointAt(0)! < limit ? char.codePointAt(0)! : 0x3f))),
    decode: (bytes) =>
      asBuffer(bytes)
        .toString('latin1')
        .replace(limit === 0x80 ? /[\x80-\xff]/g : /(?!)/, '\ufffd'),
  };
}

const swapped = (bytes: Uint8Array): Buffer => Buffer.from(bytes.subarray(0, bytes.length & ~1)).swap16();

const utf16le: Charset = {
  encode: (text) => Buffer.from(text.toWellFormed(), 'utf16le'),
  decode: (bytes) => asBuffer(bytes).toString('utf16le'),
};
const utf16be: Charset = {
  encode: (text) => swapped(utf16le.encode(text)),
  decode: (bytes) => utf16le.decode(swapped(bytes)),
};
/** Written big-endian behind a byte order mark; read as the mark says. */
const utf16: Charset = {
  encode: (text) => (text === '' ? Buffer.alloc(0) : utf16be.encode(`\ufeff${text}`)),
  decode: (bytes) => {
    const text = (bytes[0] === 0xff && bytes[1] === 0xfe ? utf16le : utf16be).decode(bytes);
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  },
};

const CHARSETS: ReadonlyMap<string, Charset> = new Map([
  ['utf-8', utf8],
  ['utf8', utf8],
  ['us-ascii', oneByte(0x80)],
  ['ascii', oneByte(0x80)],
  ['iso-8859-1', oneByte(0x100)],
  ['iso8859_1', oneByte(0x100)],
  ['latin1', oneByte(0x100)],
  ['utf-16', utf16],
  ['utf-16be', utf16be],
  ['utf-16le', utf16le],
]);

/** A character set by one of Java's names for it, in any case; undefined for one that is not supported. */
export function charset(name: string): Charset | undefined {
  return CHARSETS.get(name.toLowerCase());
}

/** The names that {@link charset} knows. */
export const CHARSET_NAMES: readonly string[] = [...CHARSETS.keys()];
