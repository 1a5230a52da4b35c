import { DataError } from '../errors.ts';
import { groupName, RegExpTranslator } from './java-regexp-syntax.ts';

/** A pattern of java.util.regex.Pattern that runs as a JavaScript regular expression. */
export interface JavaRegExp {
  /** The same in JavaScript; finds a match anywhere in a text. */
  readonly regExp: RegExp;
  /** Whether the whole text matches, as Matcher.matches. */
  matches(text: string): boolean;
  /** Replaces the first match anywhere in the text, as Matcher.replaceFirst. */
  replaceFirst(text: string, replacement: JavaReplacement): string;
  readonly groupCount: number;
  /** The numbers of the groups that have a name. */
  readonly groupNames: ReadonlyMap<string, number>;
}

/** What a match is replaced with, given the match. */
export type JavaReplacement = (match: RegExpExecArray) => string;

/** @throws DataError for a pattern that Java refuses too, or one that JavaScript has no form for */
export function javaRegExp(pattern: string): JavaRegExp {
  const { source, groupCount, groupNames } = new RegExpTranslator(pattern).translate();
  const find = compile(pattern, source);
  const whole = compile(pattern, `(?<![\\s\\S])(?:${source})(?![\\s\\S])`);
  return {
    regExp: find,
    matches: (text) => whole.test(text),
    replaceFirst(text, replacement) {
      const match = find.exec(text);
      if (!match) return text;
      return text.slice(0, match.index) + replacement(match) + text.slice(match.index + match[0].length);
    },
    groupCount,
    groupNames,
  };
}

function compile(pattern: string, source: string): RegExp {
  try {
    return new RegExp(source, 'v');
  } catch (error) {
    throw new DataError(
      `the regular expression '${pattern}' has no equivalent in JavaScript: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

/**
 * Reads a replacement in Java's syntax: `$1` and `${name}` for groups, a backslash before anything that stands for itself.
 * @throws DataError for a group that the pattern does not have
 */
export function javaReplacement(text: string, regExp: JavaRegExp): JavaReplacement {
  const parts: (string | { group: number })[] = [];
  let literal = '';
  for (let i = 0; i < text.length; ) {
    if (text[i] === '\\') {
      if (i + 1 === text.length) throw new DataError('character to be escaped is missing');
      literal += text[i + 1];
      i += 2;
    } else if (text[i] === '$') {
      const { group, end } = groupReference(text, i + 1, regExp);
      parts.push(literal, { group });
      literal = '';
      i = end;
    } else literal += text[i++];
  }
  parts.push(literal);
  const group = (match: RegExpExecArray, number: number): string =>
    (number === 0 ? match[0] : match.groups?.[groupName(number)]) ?? '';
  return (match) => parts.map((part) => (typeof part === 'string' ? part : group(match, part.group))).join('');
}

function groupReference(text: string, at: number, regExp: JavaRegExp): { group: number; end: number } {
  const named = /^\{([A-Za-z][A-Za-z0-9]*)\}/.exec(text.slice(at));
  if (named) {
    const group = regExp.groupNames.get(named[1]!);
    if (group === undefined) throw new DataError(`No group with name {${named[1]}}`);
    return { group, end: at + named[0].length };
  }
  if (!/\d/.test(text[at] ?? ''))
    throw new DataError('Illegal group reference: a $ needs a group behind it, or a backslash before it');
  let group = Number(text[at]);
  if (group > regExp.groupCount) throw new DataError(`No group ${group}`);
  let end = at + 1;
  // Further digits belong to the number as long as there is such a group.
  while (/\d/.test(text[end] ?? '') && group * 10 + Number(text[end]) <= regExp.groupCount) {
    group = group * 10 + Number(text[end++]);
  }
  return { group, end };
}
