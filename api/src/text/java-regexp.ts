import { DataError } from '../errors.ts';
import { RegExpTranslator } from './java-regexp-syntax.ts';

/** A pattern of java.util.regex.Pattern that runs as a JavaScript regular expression. */
export interface JavaRegExp {
  /** The same in JavaScript; finds a match anywhere in a text. */
  readonly regExp: RegExp;
  /** Whether the whole text matches, as Matcher.matches. */
  matches(text: string): boolean;
  /** Replaces the first match anywhere in the text, as Matcher.replaceFirst. */
  replaceFirst(text: string, replacement: JavaReplacement): string;
  readonly groupCount: number;
  readonly groupNames: readonly string[];
}

/** What a match is replaced with, given the match. */
export type JavaReplacement = (match: RegExpExecArray) => string;

/** @throws DataError for a pattern that Java refuses too, or that JavaScript has no form for (possessive quantifiers, atomic groups) */
export function javaRegExp(pattern: string): JavaRegExp {
  const { source, flags } = new RegExpTranslator(pattern).translate();
  const find = compile(pattern, source, flags);
  const whole = compile(pattern, `(?<![\\s\\S])(?:${source})(?![\\s\\S])`, flags);
  const groups = new RegExp(`${find.source}|`, find.flags).exec('')!;
  return {
    regExp: find,
    matches: (text) => whole.test(text),
    replaceFirst(text, replacement) {
      const match = find.exec(text);
      if (!match) return text;
      return text.slice(0, match.index) + replacement(match) + text.slice(match.index + match[0].length);
    },
    groupCount: groups.length - 1,
    groupNames: Object.keys(groups.groups ?? {}),
  };
}

function compile(pattern: string, source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (error) {
    throw new DataError(
      `the regular expression '${pattern}' has no equivalent in JavaScript: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
}

/**
 * Reads a replacement in Java's syntax: `$1` and `${name}` for groups, a backslash before anything that stands for itself.
 * @throws DataError for a group that the pattern does not have
 */
export function javaReplacement(text: string, regExp: JavaRegExp): JavaReplacement {
  const parts: (string | { group: string | number })[] = [];
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
  return (match) =>
    parts
      .map((part) => {
        if (typeof part === 'string') return part;
        return (typeof part.group === 'number' ? match[part.group] : match.groups?.[part.group]) ?? '';
      })
      .join('');
}

function groupReference(text: string, at: number, regExp: JavaRegExp): { group: string | number; end: number } {
  const named = /^\{([A-Za-z][A-Za-z0-9]*)\}/.exec(text.slice(at));
  if (named) {
    if (!regExp.groupNames.includes(named[1]!)) throw new DataError(`No group with name {${named[1]}}`);
    return { group: named[1]!, end: at + named[0].length };
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
