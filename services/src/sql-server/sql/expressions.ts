import { sqlError } from '../engine/errors.ts';
import {
  type Collation,
  decimal,
  declaredType,
  FLOAT,
  INT,
  isTypeName,
  nvarchar,
  type SqlType,
  varbinary,
  varchar,
} from '../engine/types.ts';
import type { Arithmetic, Comparison, Expr, OrderItem, Over } from './ast.ts';
import type { Cursor } from './cursor.ts';
import type { Token } from './tokenizer.ts';

/** An expression or a condition: which of the two, the binder checks. */
export function expression(c: Cursor): Expr {
  let left = conjunction(c);
  while (c.take('OR')) left = { kind: 'or', left, right: conjunction(c) };
  return left;
}

function conjunction(c: Cursor): Expr {
  let left = negation(c);
  while (c.take('AND')) left = { kind: 'and', left, right: negation(c) };
  return left;
}

function negation(c: Cursor): Expr {
  if (c.take('NOT')) return { kind: 'not', arg: negation(c) };
  return predicate(c);
}

const COMPARISONS: Record<string, Comparison> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '!>': '<=',
  '>': '>',
  '>=': '>=',
  '!<': '>=',
};

function predicate(c: Cursor): Expr {
  if (c.take('EXISTS')) {
    c.expect('(');
    const inner = c.query();
    c.expect(')');
    return { kind: 'exists', query: inner };
  }
  const left = sum(c);
  const op = COMPARISONS[c.token.key];
  if (op !== undefined) {
    c.next();
    return { kind: 'compare', op, left, right: sum(c) };
  }
  if (c.take('IS')) {
    const negated = c.take('NOT');
    c.expect('NULL');
    return { kind: 'isNull', arg: left, negated };
  }
  const negated = (c.is('NOT', 'IN') || c.is('NOT', 'LIKE') || c.is('NOT', 'BETWEEN')) && c.take('NOT');
  if (c.take('BETWEEN')) {
    const low = sum(c);
    c.expect('AND');
    return { kind: 'between', arg: left, low, high: sum(c), negated };
  }
  if (c.take('IN')) {
    c.expect('(');
    if (c.is('SELECT')) {
      const inner = c.query();
      c.expect(')');
      return { kind: 'inQuery', arg: left, query: inner, negated };
    }
    const list = c.list(() => sum(c));
    c.expect(')');
    return { kind: 'in', arg: left, list, negated };
  }
  if (c.take('LIKE')) {
    const pattern = sum(c);
    const mark = c.take('ESCAPE') ? sum(c) : undefined;
    return { kind: 'like', arg: left, pattern, negated, ...(mark ? { escape: mark } : {}) };
  }
  return left;
}

function sum(c: Cursor): Expr {
  let left = product(c);
  while (['+', '-', '&', '|', '^'].includes(c.token.key)) {
    const op = c.next().key as Arithmetic;
    left = { kind: 'arithmetic', op, left, right: product(c) };
  }
  return left;
}

function product(c: Cursor): Expr {
  let left = sign(c);
  while (['*', '/', '%'].includes(c.token.key)) {
    const op = c.next().key as Arithmetic;
    left = { kind: 'arithmetic', op, left, right: sign(c) };
  }
  return left;
}

function sign(c: Cursor): Expr {
  if (c.take('-')) return { kind: 'negate', arg: sign(c) };
  if (c.take('+')) return sign(c);
  let operand = primary(c);
  while (c.take('COLLATE')) operand = { kind: 'collate', arg: operand, collation: collation(c) };
  return operand;
}

/** The name of a collation, reduced to how it compares. */
export function collation(c: Cursor): Collation {
  const { line } = c.token;
  const written = c.name().toUpperCase();
  if (written.endsWith('_BIN2') || written.endsWith('_BIN')) return 'BIN2';
  if (written.includes('_CS_AS')) return 'CS';
  if (written.includes('_CI_AS') || written === 'DATABASE_DEFAULT') return 'CI';
  const error = sqlError(102, written);
  error.line = line;
  throw error;
}

function primary(c: Cursor): Expr {
  const { token } = c;
  if (token.kind === 'number' || token.kind === 'string' || token.kind === 'nstring' || token.kind === 'binary') {
    c.next();
    return literal(token);
  }
  if (token.kind === 'variable') return { kind: 'variable', name: c.next().text.toLowerCase() };
  if (c.take('NULL')) return { kind: 'null' };
  if (c.take('DEFAULT')) return { kind: 'default' };
  if (c.take('(')) {
    if (c.is('SELECT')) {
      const inner = c.query();
      c.expect(')');
      return { kind: 'subquery', query: inner };
    }
    const inner = expression(c);
    c.expect(')');
    return inner;
  }
  if (c.take('CASE')) return caseOf(c);
  if (token.kind === 'word' && c.ahead(1).key === '(') return call(c);
  if (token.key === 'CURRENT_TIMESTAMP' && c.take('CURRENT_TIMESTAMP')) {
    return { kind: 'call', name: 'GETDATE', args: [], star: false, distinct: false };
  }
  return { kind: 'column', name: c.qualifiedName() };
}

function caseOf(c: Cursor): Expr {
  const operand = c.is('WHEN') ? undefined : expression(c);
  const whens = [];
  while (c.take('WHEN')) {
    const when = expression(c);
    c.expect('THEN');
    whens.push({ when, result: expression(c) });
  }
  if (whens.length === 0) throw c.unexpected();
  const otherwise = c.take('ELSE') ? expression(c) : undefined;
  c.expect('END');
  return { kind: 'case', whens, ...(operand ? { operand } : {}), ...(otherwise ? { otherwise } : {}) };
}

function call(c: Cursor): Expr {
  const name = c.next().key;
  c.expect('(');
  if (name === 'CAST' || name === 'TRY_CAST') {
    const arg = expression(c);
    c.expect('AS');
    const type = dataType(c, 30);
    c.expect(')');
    return { kind: 'cast', arg, type, lenient: name === 'TRY_CAST' };
  }
  if (name === 'CONVERT' || name === 'TRY_CONVERT') {
    const type = dataType(c, 30);
    c.expect(',');
    const arg = expression(c);
    const style = c.take(',') ? expression(c) : undefined;
    c.expect(')');
    return { kind: 'cast', arg, type, lenient: name === 'TRY_CONVERT', ...(style ? { style } : {}) };
  }
  const star = c.take('*');
  const distinct = !star && c.take('DISTINCT');
  const args = star || c.is(')') ? [] : c.list(() => expression(c));
  c.expect(')');
  const over = c.take('OVER') ? window(c) : undefined;
  return { kind: 'call', name, args, star, distinct, ...(over ? { over } : {}) };
}

function window(c: Cursor): Over {
  c.expect('(');
  const partition = c.take('PARTITION', 'BY') ? c.list(() => expression(c)) : [];
  const order = c.take('ORDER', 'BY') ? orderItems(c) : [];
  c.expect(')');
  return { partition, order };
}

export function orderItems(c: Cursor): OrderItem[] {
  return c.list(() => {
    const expr = expression(c);
    const descending = c.take('DESC');
    if (!descending) c.take('ASC');
    return { expr, descending };
  });
}

/**
 * A type, such as `decimal(10, 2)` or `[nvarchar](max)`.
 *
 * @param unsized the length of a text or binary type that gives none
 */
export function dataType(c: Cursor, unsized = 1): SqlType {
  const { line } = c.token;
  try {
    const parts = c.qualifiedName();
    let name = parts.at(-1)!;
    if (name.toLowerCase() === 'double' && c.take('PRECISION')) name = 'double precision';
    if (!isTypeName(name)) throw sqlError(2715, 1, name);
    if (name.toLowerCase().endsWith('char') && c.take('VARYING')) name = `var${name}`;
    const args = c.is('(') ? c.inParentheses(() => (c.take('MAX') ? ('max' as const) : c.integer())) : [];
    return declaredType(name, args, unsized);
  } catch (error) {
    if (error instanceof Error && 'line' in error && error.line === 0) error.line = line;
    throw error;
  }
}

function literal(token: Token): Expr {
  switch (token.kind) {
    case 'string':
      return { kind: 'literal', type: varchar(sized(token.text.length, 8000)), value: token.text };
    case 'nstring':
      return { kind: 'literal', type: nvarchar(sized(token.text.length, 4000)), value: token.text };
    case 'binary': {
      const hex = token.text.length % 2 === 1 ? `0${token.text}` : token.text;
      return { kind: 'literal', type: varbinary(sized(hex.length / 2, 8000)), value: Buffer.from(hex, 'hex') };
    }
    default:
      return number(token.text);
  }
}

const sized = (length: number, longest: number): number => (length > longest ? -1 : Math.max(length, 1));

/** int where it fits, else numeric with just the digits that are written, float with an exponent. */
function number(text: string): Expr {
  if (/[eE]/.test(text)) return { kind: 'literal', type: FLOAT, value: Number(text) };
  const [whole = '', fraction = ''] = text.split('.');
  const digits = BigInt(whole + fraction || '0');
  if (!text.includes('.') && digits <= 2147483647n) return { kind: 'literal', type: INT, value: digits };
  const precision = Math.max(String(digits).length, fraction.length, 1);
  if (precision > 38) throw sqlError(1007, text);
  return { kind: 'literal', type: decimal(precision, fraction.length), value: digits };
}
