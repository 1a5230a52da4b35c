import { sqlError } from '../engine/errors.ts';
import type { Assignment, BareStatement as Bare, Expr, SelectItem, Target } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { dataType, expression } from './expressions.ts';
import { fromClause, hints, query, selectItem, topClause } from './queries.ts';

/** The most rows that VALUES takes as the source of an INSERT. */
const MOST_ROWS = 1000;

export function insertStatement(c: Cursor): Bare {
  c.expect('INSERT');
  if (c.take('BULK')) return insertBulk(c);
  c.take('INTO');
  const target = { name: c.qualifiedName(), hints: hints(c) };
  const columns = c.is('(') && !isQuery(c) ? c.inParentheses(() => c.name()) : undefined;
  const output = outputClause(c);
  const head = { kind: 'insert' as const, target, output, ...(columns ? { columns } : {}) };
  if (c.take('DEFAULT', 'VALUES')) return { ...head, source: { kind: 'defaults' } };
  if (c.take('VALUES')) {
    const rows = c.list(() => c.inParentheses(() => expression(c)));
    if (rows.length > MOST_ROWS) throw sqlError(10738);
    return { ...head, source: { kind: 'values', rows } };
  }
  return { ...head, source: { kind: 'query', query: query(c) } };
}

const isQuery = (c: Cursor): boolean => c.ahead(1).key === 'SELECT';

function insertBulk(c: Cursor): Bare {
  const table = c.qualifiedName();
  const columns = c.inParentheses(() => {
    const name = c.name();
    const type = dataType(c);
    if (c.take('COLLATE')) c.name();
    return { name, type };
  });
  const options = c.take('WITH') ? c.inParentheses(() => bulkOption(c)) : [];
  return { kind: 'insertBulk', table, columns, options };
}

function bulkOption(c: Cursor): string {
  if (c.take('ORDER')) {
    c.inParentheses(() => {
      c.name();
      if (!c.take('DESC')) c.take('ASC');
    });
    return 'ORDER';
  }
  if (c.is('ROWS_PER_BATCH', '=') || c.is('KILOBYTES_PER_BATCH', '=')) {
    const { key } = c.next();
    c.next();
    c.integer();
    return key;
  }
  return c.oneOf('CHECK_CONSTRAINTS', 'FIRE_TRIGGERS', 'KEEP_NULLS', 'TABLOCK');
}

export function updateStatement(c: Cursor): Bare {
  c.expect('UPDATE');
  const top = topClause(c);
  const target = changeTarget(c);
  c.expect('SET');
  const sets = assignments(c);
  const output = outputClause(c);
  const from = c.take('FROM') ? fromClause(c) : [];
  return { kind: 'update', target, sets, output, from, ...condition(c), ...(top ? { top } : {}) };
}

export function deleteStatement(c: Cursor): Bare {
  c.expect('DELETE');
  const top = topClause(c);
  c.take('FROM');
  const target = changeTarget(c);
  const output = outputClause(c);
  const from = c.take('FROM') ? fromClause(c) : [];
  return { kind: 'delete', target, output, from, ...condition(c), ...(top ? { top } : {}) };
}

const condition = (c: Cursor): { where?: Expr } => (c.take('WHERE') ? { where: expression(c) } : {});

const changeTarget = (c: Cursor): Target => ({ name: c.qualifiedName(), hints: hints(c) });

/** `a = 1, t.b = DEFAULT` */
export function assignments(c: Cursor): Assignment[] {
  return c.list(() => {
    const column = c.qualifiedName();
    const { key } = c.token;
    if (['+=', '-=', '*=', '/=', '%='].includes(key)) {
      c.next();
      const op = key[0] as '+' | '-' | '*' | '/' | '%';
      return {
        column,
        value: { kind: 'arithmetic', op, left: { kind: 'column', name: column }, right: expression(c) },
      };
    }
    c.expect('=');
    return { column, value: expression(c) };
  });
}

export function outputClause(c: Cursor): SelectItem[] {
  return c.take('OUTPUT') ? c.list(() => selectItem(c)) : [];
}
