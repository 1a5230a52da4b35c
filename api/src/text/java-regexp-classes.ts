/** What java.util.regex names, in the terms of a JavaScript RegExp with the `v` flag. */
const POSIX: Readonly<Record<string, string>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7f',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e',
  Graph: '\\x21-\\x7e',
  Print: '\\x20-\\x7e',
  Blank: '\\x20\\x09',
  Cntrl: '\\x00-\\x1f\\x7f',
  XDigit: '0-9a-fA-F',
  Space: '\\x20\\x09-\\x0d',
};
const HORIZONTAL = '\\x09\\x20\\xa0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000';
const VERTICAL = '\\x0a-\\x0d\\x85\\u2028\\u2029';
/** Classes that mean something else in JavaScript, or nothing. */
export const CLASSES: Readonly<Record<string, string>> = {
  s: `[${POSIX.Space}]`,
  S: `[^${POSIX.Space}]`,
  h: `[${HORIZONTAL}]`,
  H: `[^${HORIZONTAL}]`,
  v: `[${VERTICAL}]`,
  V: `[^${VERTICAL}]`,
};
export const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, r: 13, f: 12, a: 7, e: 27 };
/** What makes a word for `\\b`: letters of any script, as in Java before 19, though `\\w` is ASCII. */
const WORD = '[\\p{L}\\p{Nd}_]';
export const ASSERTIONS: Readonly<Record<string, string>> = {
  b: `(?:(?<=${WORD})(?!${WORD})|(?<!${WORD})(?=${WORD}))`,
  B: `(?:(?<=${WORD})(?=${WORD})|(?<!${WORD})(?!${WORD}))`,
  A: '(?<![\\s\\S])',
  z: '(?![\\s\\S])',
  Z: '(?=\\n?(?![\\s\\S]))',
  R: '(?:\\r\\n|[\\x0a-\\x0d\\x85\\u2028\\u2029])',
};

/** A character that stands for itself, in a spelling that has no other meaning anywhere. */
export const literal = (code: number): string => {
  const char = String.fromCodePoint(code);
  return /[A-Za-z0-9]/.test(char) ? char : `\\u{${code.toString(16)}}`;
};

/** A set of characters as it stands in a class: a range, which may be of one. */
export function range(from: number, to: number): string {
  return from === to ? literal(from) : `${literal(from)}-${literal(to)}`;
}

const A_Z = [0x41, 0x5a] as const;
/** Beyond this size the other cases of a range are looked for in ASCII alone. */
const MAX_FOLDED = 2000;

/**
 * The other case of a range of characters, as items of a class; empty where there is none.
 * @param unicode whether letters beyond ASCII have one, as with Java's flag `u`
 */
export function otherCase(from: number, to: number, unicode: boolean): string {
  let items = '';
  for (const [offset, first, last] of [
    [32, ...A_Z],
    [-32, A_Z[0] + 32, A_Z[1] + 32],
  ] as const) {
    const [low, high] = [Math.max(from, first), Math.min(to, last)];
    if (low <= high) items += range(low + offset, high + offset);
  }
  if (!unicode || to - from > MAX_FOLDED) return items;
  for (let code = Math.max(from, 0x80); code <= to; code++) {
    const char = String.fromCodePoint(code);
    for (const other of [char.toLowerCase(), char.toUpperCase()])
      if (other !== char && other.length === char.length) items += literal(other.codePointAt(0)!);
  }
  return items;
}

const CASED = '[\\p{Lu}\\p{Ll}\\p{Lt}]';
const CASED_NAMES: readonly string[] = [
  'Lower',
  'Upper',
  'Lu',
  'Ll',
  'Lt',
  'IsLu',
  'IsLl',
  'IsLt',
  'IsUppercase',
  'IsLowercase',
];

/**
 * A property such as `\\p{Lower}` or `\\p{IsGreek}`; undefined where Java has none of the name.
 * @param ignoreCase makes what asks for one case match both
 */
export function property(name: string, negated: boolean, ignoreCase: boolean): string | undefined {
  if (ignoreCase && CASED_NAMES.includes(name)) {
    const both = POSIX[name] === undefined ? CASED : `[${POSIX.Alpha}]`;
    return negated ? both.replace('[', '[^') : both;
  }
  const posix = POSIX[name];
  if (posix !== undefined) return `[${negated ? '^' : ''}${posix}]`;
  const [, script] = /^(?:Is|script=|sc=|general_category=|gc=)(\w+)$/.exec(name) ?? [];
  return [name, script, `Script=${script}`, `gc=${script ?? name}`]
    .filter((candidate) => candidate !== undefined)
    .map((candidate) => `\\${negated ? 'P' : 'p'}{${candidate}}`)
    .find(isProperty);
}

function isProperty(source: string): boolean {
  try {
    return new RegExp(source, 'v') instanceof RegExp;
  } catch {
    return false;
  }
}
