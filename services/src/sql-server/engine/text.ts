import type { Collation } from './types.ts';

/** The bytes 0x80 to 0x9f of code page 1252. */
const HIGH = new Map<string, number>();
const DECODED = Array.from({ length: 256 }, (_, byte) => new TextDecoder('windows-1252').decode(Uint8Array.of(byte)));
DECODED.forEach((character, byte) => {
  HIGH.set(character, byte);
});

/** As code page 1252, which the default collation's char and varchar have; what it lacks becomes a question mark. */
export function encode1252(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(text.length);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    bytes[at] = code < 128 ? code : (HIGH.get(text[at]!) ?? 63);
  }
  return bytes;
}

export const decode1252 = (bytes: Buffer): string => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) {
    text += Array.from(bytes.subarray(at, at + 8192), (byte) => DECODED[byte]!).join('');
  }
  return text;
};

/** The text as a varchar can hold it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is meant
export const in1252 = (text: string): string => (/^[\x00-\x7f]*$/.test(text) ? text : decode1252(encode1252(text)));

const SUPPLEMENTARY = /[\u{10000}-\u{10ffff}]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is meant
const ASCII = /^[\x00-\x7f]*$/;

/**
 * Text that is equal if and only if the collation says so, trailing blanks aside, which never count.
 * SQL_Latin1_General_CP1_CI_AS ignores case and width, and gives characters beyond the Basic Multilingual Plane no weight: all emoji are equal.
 */
export function folded(text: string, collation: Collation): string {
  const trimmed = text.endsWith(' ') ? text.replace(/ +$/, '') : text;
  if (collation === 'BIN2') return trimmed;
  if (ASCII.test(trimmed)) return collation === 'CI' ? trimmed.toUpperCase() : trimmed;
  const flat = trimmed.replace(SUPPLEMENTARY, '').normalize('NFKC').replace(/ß/g, 'ss').replace(/ +$/, '');
  return collation === 'CI' ? flat.toUpperCase() : flat;
}

const ORDER = new Intl.Collator('en-US', { sensitivity: 'variant', caseFirst: 'false' });

export function compareText(left: string, right: string, collation: Collation): number {
  const a = folded(left, collation);
  const b = folded(right, collation);
  if (a === b) return 0;
  if (collation === 'BIN2') return a < b ? -1 : 1;
  return ORDER.compare(a, b) || (a < b ? -1 : 1);
}

/** A LIKE pattern as a regular expression. */
export function likePattern(pattern: string, mark: string | null, collation: Collation): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const c = pattern[at]!;
    if (c === mark && at + 1 < pattern.length) source += literally(pattern[++at]!);
    else if (c === '%') source += '[\\s\\S]*';
    else if (c === '_') source += '[\\s\\S]';
    else if (c === '[' && pattern.indexOf(']', at + 1) !== -1) {
      const end = pattern.indexOf(']', at + 2);
      const inside = pattern.slice(at + 1, end);
      const negated = inside.startsWith('^');
      source += `[${negated ? '^' : ''}${(negated ? inside.slice(1) : inside).replace(/[\\\]]/g, '\\$&')}]`;
      at = end;
    } else source += literally(c);
  }
  return new RegExp(`^${source} *$`, collation === 'CI' ? 'iu' : 'u');
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
