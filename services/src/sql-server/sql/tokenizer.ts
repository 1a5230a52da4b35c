import { sqlError } from '../engine/errors.ts';

export type TokenKind = 'word' | 'quoted' | 'string' | 'nstring' | 'number' | 'binary' | 'variable' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  /** As written; what stands inside for quoted names and strings. */
  readonly text: string;
  /** The text of a word in upper case, of a symbol as it is; else empty. */
  readonly key: string;
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

const SYMBOLS = ['<>', '!=', '<=', '>=', '!<', '!>', '+=', '-=', '*=', '/=', '%=', '&=', '|=', '^=', '::'];
const SINGLE = '()+-*/%,;.=<>&|^~:';
const WORD_START = /[\p{L}_#]/u;
const WORD = /[\p{L}\p{M}\p{N}_#@$]/u;

/**
 * T-SQL as tokens, the last of kind `end`.
 *
 * @throws SqlError 102, 105
 */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  const push = (kind: TokenKind, text: string, start: number, end: number, key = ''): void => {
    tokens.push({ kind, text, key, line, start, end });
    for (let i = start; i < end; i++) if (sql.charCodeAt(i) === 10) line++;
    at = end;
  };
  while (at < sql.length) {
    const c = sql[at]!;
    if (c === '\n') line++;
    if (/\s/.test(c)) {
      at++;
    } else if (c === '-' && sql[at + 1] === '-') {
      while (at < sql.length && sql[at] !== '\n') at++;
    } else if (c === '/' && sql[at + 1] === '*') {
      const end = endOfComment(sql, at);
      for (let i = at; i < end; i++) if (sql.charCodeAt(i) === 10) line++;
      at = end;
    } else if (c === "'") {
      const [text, end] = quoted(sql, at, "'", line);
      push('string', text, at, end);
    } else if ((c === 'N' || c === 'n') && sql[at + 1] === "'") {
      const [text, end] = quoted(sql, at + 1, "'", line);
      push('nstring', text, at, end);
    } else if (c === '"' || c === '[') {
      const [text, end] = quoted(sql, at, c === '[' ? ']' : '"', line);
      if (text === '') throw at1(sqlError(1038), line);
      push('quoted', text, at, end);
    } else if (c === '0' && (sql[at + 1] === 'x' || sql[at + 1] === 'X')) {
      const end = span(sql, at + 2, /[0-9a-fA-F]/);
      push('binary', sql.slice(at + 2, end), at, end);
    } else if (/[0-9]/.test(c) || (c === '.' && /[0-9]/.test(sql[at + 1] ?? ''))) {
      const end = endOfNumber(sql, at);
      push('number', sql.slice(at, end), at, end);
    } else if (c === '@') {
      const end = span(sql, at + (sql[at + 1] === '@' ? 2 : 1), WORD);
      push('variable', sql.slice(at, end), at, end);
    } else if (c === '$' && WORD_START.test(sql[at + 1] ?? '')) {
      const end = span(sql, at + 1, WORD);
      push('word', sql.slice(at, end), at, end, sql.slice(at, end).toUpperCase());
    } else if (WORD_START.test(c)) {
      const end = span(sql, at, WORD);
      push('word', sql.slice(at, end), at, end, sql.slice(at, end).toUpperCase());
    } else {
      const symbol = SYMBOLS.find((known) => sql.startsWith(known, at)) ?? (SINGLE.includes(c) ? c : undefined);
      if (symbol === undefined) throw at1(sqlError(102, c), line);
      push('symbol', symbol, at, at + symbol.length, symbol);
    }
  }
  push('end', '', sql.length, sql.length);
  return tokens;
}

function at1<E extends { line: number }>(error: E, line: number): E {
  error.line = line;
  return error;
}

function span(sql: string, from: number, of: RegExp): number {
  let at = from;
  while (at < sql.length && of.test(sql[at]!)) at++;
  return at;
}

function endOfNumber(sql: string, from: number): number {
  let at = span(sql, from, /[0-9]/);
  if (sql[at] === '.') at = span(sql, at + 1, /[0-9]/);
  const exponent = /^[eE][+-]?[0-9]+/.exec(sql.slice(at, at + 8));
  return exponent ? at + exponent[0].length : at;
}

/** Comments nest. */
function endOfComment(sql: string, from: number): number {
  let depth = 0;
  for (let at = from; at < sql.length; at++) {
    if (sql.startsWith('/*', at)) {
      depth++;
      at++;
    } else if (sql.startsWith('*/', at)) {
      depth--;
      at++;
      if (depth === 0) return at + 1;
    }
  }
  throw sqlError(102, '/*');
}

function quoted(sql: string, from: number, close: string, line: number): [text: string, end: number] {
  let text = '';
  let at = from + 1;
  for (;;) {
    const next = sql.indexOf(close, at);
    if (next === -1) throw at1(sqlError(105, sql.slice(from + 1, from + 130)), line);
    text += sql.slice(at, next);
    if (sql[next + 1] !== close) return [text, next + 1];
    text += close;
    at = next + 2;
  }
}
