import { ConfigError } from '@tributary/api';
import { Fraction } from '@tributary/api/json';
import { compilePath, compileScoped, type Get, type Scope } from './json-path.ts';

export type Condition = (node: unknown) => boolean;

const TERM = /^([^=!]*?)(!?=)(.*)$/s;

/** The text of a JSON value for comparisons; undefined for what is not there. */
function textOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (value instanceof Fraction) return value.text;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/**
 * Reads a condition: terms with `&` between them, of which all must hold. A term is `path=value`, with several values between `|`,
 * `path!=value`, or a path alone, which holds if there is something.
 * @throws ConfigError
 */
export function compileCondition(text: string): Condition {
  return compileTerms(text, compilePath);
}

/** The same for records: paths that begin with `$` are those of the message. @throws ConfigError */
export function compileRecordCondition(text: string): (scope: Scope) => boolean {
  return compileTerms(text, (path) => compileScoped(path) as Get);
}

function compileTerms(text: string, compile: (path: string) => Get): Condition {
  const terms = text.split('&').map((term) => compileTerm(term.trim(), text, compile));
  return terms.length === 1 ? terms[0]! : (node) => terms.every((term) => term(node));
}

function compileTerm(term: string, whole: string, compile: (path: string) => Get): Condition {
  if (term === '')
    throw new ConfigError(`The condition '${whole}' has an empty term: expected path=value, path!=value or a path`);
  const match = TERM.exec(term);
  if (!match) {
    const get = compile(term);
    return (node) => get(node) !== undefined && get(node) !== null;
  }
  const get = compile(match[1]!.trim());
  const values = new Set(match[3]!.split('|').map((value) => value.trim()));
  const wanted = match[2] === '=';
  return (node) => {
    const found = textOf(get(node));
    return (found !== undefined && values.has(found)) === wanted;
  };
}
