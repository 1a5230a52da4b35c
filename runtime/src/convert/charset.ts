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

const ENCODED_SURROGATE = /\xed[\xa0-\xbf][\x80-\xbf]?/;

export const utf8: Charset = {
  encode: (text) => Buffer.from(wellFormed(text)),
  decode(bytes) {
    const text = asBuffer(bytes).toString('utf8');
    if (!text.includes('\ufffd')) return text;
    // A surrogate in UTF-8 is one mistake in Java and three here.
    const pieces = asBuffer(bytes).toString('latin1').split(ENCODED_SURROGATE);
    return pieces.map((piece) => Buffer.from(piece, 'latin1').toString('utf8')).join('\ufffd');
  },
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

/** A surrogate pair, or half of one with the character that stands in the other's place. */
const SURROGATES = /[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udbff][\s\S]?|[\udc00-\udfff]/g;

/** What is no text, half a character at the end too, becomes U+FFFD, as much of it at once as in Java. */
function decodeUtf16(bytes: Buffer, odd: boolean): string {
  const text = bytes.toString('utf16le');
  let open = false;
  const decoded = text.replace(SURROGATES, (found, at: number) => {
    if (found.length === 2 && found.isWellFormed() && found.charCodeAt(0) <= LAST_HIGH_SURROGATE) return found;
    open = found.length === 1 && found.charCodeAt(0) <= LAST_HIGH_SURROGATE && at === text.length - 1;
    return '\ufffd';
  });
  return odd && !open ? `${decoded}\ufffd` : decoded;
}
const LAST_HIGH_SURROGATE = 0xdbff;
const isOdd = (bytes: Uint8Array): boolean => bytes.length % 2 === 1;

const utf16le: Charset = {
  encode: (text) => Buffer.from(text.toWellFormed(), 'utf16le'),
  decode: (bytes) => decodeUtf16(asBuffer(bytes), isOdd(bytes)),
};
const utf16be: Charset = {
  encode: (text) => swapped(utf16le.encode(text)),
  decode: (bytes) => decodeUtf16(swapped(bytes), isOdd(bytes)),
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
