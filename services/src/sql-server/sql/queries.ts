import type { FromItem, Query, Select, SelectItem } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { expression, orderItems } from './expressions.ts';

/** A query: SELECT, with what stands before and behind it. */
export function query(c: Cursor): Query {
  const ctes = c.take('WITH') ? c.list(() => cte(c)) : [];
  const selects = [{ select: operand(c), all: true }];
  while (c.take('UNION')) {
    const all = c.take('ALL');
    selects.push({ select: operand(c), all });
  }
  const orderBy = c.take('ORDER', 'BY') ? orderItems(c) : [];
  let offset: Query['offset'];
  let fetch: Query['fetch'];
  if (orderBy.length > 0 && c.take('OFFSET')) {
    offset = expression(c);
    c.oneOf('ROW', 'ROWS');
    if (c.take('FETCH')) {
      c.oneOf('FIRST', 'NEXT');
      fetch = expression(c);
      c.oneOf('ROW', 'ROWS');
      c.expect('ONLY');
    }
  }
  return { with: ctes, selects, orderBy, ...(offset ? { offset } : {}), ...(fetch ? { fetch } : {}) };
}

function cte(c: Cursor): Query['with'][number] {
  const name = c.name();
  const columns = c.is('(') ? c.inParentheses(() => c.name()) : undefined;
  c.expect('AS', '(');
  const inner = query(c);
  c.expect(')');
  return { name, query: inner, ...(columns ? { columns } : {}) };
}

function operand(c: Cursor): Select {
  if (c.take('(')) {
    const inner = select(c);
    c.expect(')');
    return inner;
  }
  return select(c);
}

function select(c: Cursor): Select {
  c.expect('SELECT');
  const distinct = c.take('DISTINCT');
  if (!distinct) c.take('ALL');
  const top = topClause(c);
  const items = c.list(() => selectItem(c));
  const into = c.take('INTO') ? c.qualifiedName() : undefined;
  const from = c.take('FROM') ? fromClause(c) : [];
  const where = c.take('WHERE') ? expression(c) : undefined;
  const groupBy = c.take('GROUP', 'BY') ? c.list(() => expression(c)) : [];
  const having = c.take('HAVING') ? expression(c) : undefined;
  return {
    distinct,
    items,
    from,
    groupBy,
    ...(top ? { top } : {}),
    ...(into ? { into } : {}),
    ...(where ? { where } : {}),
    ...(having ? { having } : {}),
  };
}

/** `TOP (n)` or `TOP n`. */
export function topClause(c: Cursor): Select['top'] {
  if (!c.take('TOP')) return undefined;
  if (c.token.kind === 'number') {
    return { kind: 'literal', type: { name: 'int', length: 0, precision: 0, scale: 0 }, value: BigInt(c.integer()) };
  }
  c.expect('(');
  const count = expression(c);
  c.expect(')');
  return count;
}

/** An item of a select list or of an OUTPUT clause. */
export function selectItem(c: Cursor): SelectItem {
  if (c.take('*')) return { kind: 'star' };
  const star = qualifiedStar(c);
  if (star) return star;
  if (c.token.kind === 'variable' && c.ahead(1).key === '=') {
    const variable = c.next().text.toLowerCase();
    c.next();
    return { kind: 'assign', variable, expr: expression(c) };
  }
  if (c.isName() && c.ahead(1).key === '=') {
    const alias = c.name();
    c.next();
    return { kind: 'expr', expr: expression(c), alias };
  }
  const expr = expression(c);
  if (c.take('AS')) return { kind: 'expr', expr, alias: c.token.kind === 'string' ? c.next().text : c.name() };
  return c.isName() && !c.is('OUTPUT') ? { kind: 'expr', expr, alias: c.name() } : { kind: 'expr', expr };
}

/** `t.*`, `s.t.*` */
function qualifiedStar(c: Cursor): SelectItem | undefined {
  let by = 0;
  while ((c.ahead(by).kind === 'word' || c.ahead(by).kind === 'quoted') && c.ahead(by + 1).key === '.') by += 2;
  if (by === 0 || c.ahead(by).key !== '*') return undefined;
  const of = [];
  for (let part = 0; part < by; part += 2) {
    of.push(c.name());
    c.expect('.');
  }
  c.expect('*');
  return { kind: 'star', of };
}

export function fromClause(c: Cursor): FromItem[] {
  return c.list(() => joined(c));
}

function joined(c: Cursor): FromItem {
  let left = fromItem(c);
  for (;;) {
    const type = joinType(c);
    if (type === undefined) return left;
    const right = fromItem(c);
    if (type === 'cross') {
      left = { kind: 'join', type, left, right };
    } else {
      c.expect('ON');
      left = { kind: 'join', type, left, right, on: expression(c) };
    }
  }
}

function joinType(c: Cursor): 'inner' | 'left' | 'right' | 'cross' | undefined {
  if (c.take('JOIN') || c.take('INNER', 'JOIN')) return 'inner';
  if (c.take('CROSS', 'JOIN')) return 'cross';
  for (const side of ['LEFT', 'RIGHT'] as const) {
    if (c.take(side, 'JOIN') || c.take(side, 'OUTER', 'JOIN')) return side.toLowerCase() as 'left' | 'right';
  }
  return undefined;
}

/** What stands in FROM or behind USING. */
export function fromItem(c: Cursor): FromItem {
  if (!c.take('(')) {
    const name = c.qualifiedName();
    const before = hints(c);
    const alias = aliasOf(c);
    return { kind: 'table', name, hints: [...before, ...hints(c)], ...(alias === undefined ? {} : { alias }) };
  }
  if (c.take('VALUES')) {
    const rows = c.list(() => c.inParentheses(() => expression(c)));
    c.expect(')');
    const alias = aliasOf(c);
    if (alias === undefined) throw c.unexpected();
    return { kind: 'values', rows, alias, columns: c.inParentheses(() => c.name()) };
  }
  if (c.is('SELECT') || c.is('WITH')) {
    const inner = query(c);
    c.expect(')');
    const alias = aliasOf(c);
    if (alias === undefined) throw c.unexpected();
    const columns = c.is('(') ? c.inParentheses(() => c.name()) : undefined;
    return { kind: 'query', query: inner, alias, ...(columns ? { columns } : {}) };
  }
  const inner = joined(c);
  c.expect(')');
  return inner;
}

export function aliasOf(c: Cursor): string | undefined {
  if (c.take('AS')) return c.name();
  return c.isName() && !c.is('USING') && !c.is('OUTPUT') && !c.is('OFFSET') ? c.name() : undefined;
}

const HINTS = [
  'HOLDLOCK',
  'SERIALIZABLE',
  'UPDLOCK',
  'XLOCK',
  'TABLOCK',
  'TABLOCKX',
  'ROWLOCK',
  'PAGLOCK',
  'NOLOCK',
  'READUNCOMMITTED',
  'READCOMMITTED',
  'REPEATABLEREAD',
  'READPAST',
  'NOWAIT',
];

/** `WITH (HOLDLOCK, UPDLOCK)` */
export function hints(c: Cursor): string[] {
  if (!c.is('WITH', '(')) return [];
  c.expect('WITH');
  return c.inParentheses(() => c.oneOf(...HINTS));
}
