import { sqlError } from '../engine/errors.ts';
import type { BareStatement as Bare, MergeAction, MergeWhen, SelectItem, Target } from './ast.ts';
import { assignments, outputClause } from './changes.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expressions.ts';
import { aliasOf, fromItem, hints } from './queries.ts';

export function mergeStatement(c: Cursor): Bare {
  const { line } = c.token;
  c.expect('MERGE');
  c.take('INTO');
  const target = mergeTarget(c);
  c.expect('USING');
  const source = fromItem(c);
  c.expect('ON');
  const on = expression(c);
  const whens: MergeWhen[] = [];
  while (c.take('WHEN')) whens.push(when(c));
  if (whens.length === 0) throw c.unexpected();
  const output: SelectItem[] = outputClause(c);
  if (!c.is(';')) {
    const error = sqlError(10713);
    error.line = line;
    throw error;
  }
  return { kind: 'merge', target, source, on, whens, output };
}

function mergeTarget(c: Cursor): Target {
  const name = c.qualifiedName();
  const of = hints(c);
  const alias = aliasOf(c);
  return { name, hints: of, ...(alias === undefined ? {} : { alias }) };
}

function when(c: Cursor): MergeWhen {
  const matched = c.take('MATCHED');
  let of: MergeWhen['when'] = 'matched';
  if (!matched) {
    c.expect('NOT', 'MATCHED');
    of = 'notMatched';
    if (c.take('BY')) of = c.oneOf('TARGET', 'SOURCE') === 'SOURCE' ? 'notMatchedBySource' : 'notMatched';
  }
  const and = c.take('AND') ? expression(c) : undefined;
  c.expect('THEN');
  return { when: of, action: action(c, of), ...(and ? { and } : {}) };
}

function action(c: Cursor, of: MergeWhen['when']): MergeAction {
  const { key } = c.token;
  const allowed = of === 'notMatched' ? ['INSERT'] : ['UPDATE', 'DELETE'];
  if (['INSERT', 'UPDATE', 'DELETE'].includes(key) && !allowed.includes(key)) {
    throw sqlError(10711, key, of === 'matched' ? 'MATCHED' : 'NOT MATCHED');
  }
  if (c.take('UPDATE')) {
    c.expect('SET');
    return { kind: 'update', sets: assignments(c) };
  }
  if (c.take('DELETE')) return { kind: 'delete' };
  c.expect('INSERT');
  const columns = c.is('(') ? c.inParentheses(() => c.name()) : [];
  c.expect('VALUES');
  return { kind: 'insert', columns, values: c.inParentheses(() => expression(c)) };
}
