import { SqlError } from '../engine/errors.ts';
import type { BareStatement as Bare, Statement } from './ast.ts';
import { deleteStatement, insertStatement, updateStatement } from './changes.ts';
import { Cursor } from './cursor.ts';
import { alterStatement, createStatement, dropStatement, truncateStatement } from './definitions.ts';
import { dataType, expression } from './expressions.ts';
import { mergeStatement } from './merges.ts';
import { executeStatement } from './procedures.ts';
import { query } from './queries.ts';
import { setStatement } from './settings.ts';
import { beginStatement, commitStatement, rollbackStatement, saveStatement } from './transactions.ts';

/**
 * The statements of a batch.
 *
 * @throws SqlError 102, 156 and others of severity 15, for the whole batch
 */
export function parse(sql: string): Statement[] {
  const c = new Cursor(sql, query);
  const statements: Statement[] = [];
  while (c.take(';'));
  while (!c.ended) {
    statements.push(statement(c));
    while (c.take(';'));
  }
  return statements;
}

/** `@a int, @b nvarchar(10) OUTPUT`: what sp_executesql declares. */
export function parseParameters(text: string): { name: string; type: ReturnType<typeof dataType>; output: boolean }[] {
  const c = new Cursor(text, query);
  if (c.ended) return [];
  const parameters = c.list(() => {
    if (c.token.kind !== 'variable') throw c.unexpected();
    const name = c.next().text;
    c.take('AS');
    const type = dataType(c);
    const output = c.take('OUTPUT') || c.take('OUT');
    return { name, type, output };
  });
  if (!c.ended) throw c.unexpected();
  return parameters;
}

function statement(c: Cursor): Statement {
  const { line, start } = c.token;
  try {
    const bare = bareStatement(c);
    return { ...bare, line, text: c.sql.slice(start, c.previous.end) } as Statement;
  } catch (error) {
    if (error instanceof SqlError && error.line === 0) error.line = line;
    throw error;
  }
}

function bareStatement(c: Cursor): Bare {
  switch (c.token.key) {
    case 'SELECT':
    case 'WITH':
      return { kind: 'select', query: query(c) };
    case 'INSERT':
      return insertStatement(c);
    case 'UPDATE':
      return updateStatement(c);
    case 'DELETE':
      return deleteStatement(c);
    case 'MERGE':
      return mergeStatement(c);
    case 'CREATE':
      return createStatement(c);
    case 'ALTER':
      return alterStatement(c);
    case 'DROP':
      return dropStatement(c);
    case 'TRUNCATE':
      return truncateStatement(c);
    case 'SET':
      return setStatement(c);
    case 'SAVE':
      return saveStatement(c);
    case 'COMMIT':
      return commitStatement(c);
    case 'ROLLBACK':
      return rollbackStatement(c);
    case 'EXEC':
    case 'EXECUTE':
      return executeStatement(c);
    case 'BEGIN':
      if (c.is('BEGIN', 'TRY')) return tryBlock(c);
      return c.is('BEGIN', 'TRAN') || c.is('BEGIN', 'TRANSACTION') ? beginStatement(c) : block(c);
    default:
      return smallStatement(c);
  }
}

function smallStatement(c: Cursor): Bare {
  if (c.take('IF')) {
    const condition = expression(c);
    const yes = statement(c);
    if (c.is(';') && c.ahead(1).key === 'ELSE') c.next();
    return c.take('ELSE') ? { kind: 'if', condition, yes, no: statement(c) } : { kind: 'if', condition, yes };
  }
  if (c.take('WHILE')) return { kind: 'while', condition: expression(c), body: statement(c) };
  if (c.take('DECLARE')) {
    const variables = c.list(() => {
      if (c.token.kind !== 'variable') throw c.unexpected();
      const name = c.next().text.toLowerCase();
      c.take('AS');
      const type = dataType(c);
      return c.take('=') ? { name, type, value: expression(c) } : { name, type };
    });
    return { kind: 'declare', variables };
  }
  if (c.take('PRINT')) return { kind: 'print', value: expression(c) };
  if (c.take('USE')) return { kind: 'use', database: c.name() };
  if (c.take('RETURN')) return { kind: 'return' };
  if (c.take('THROW')) {
    if (c.is(';') || c.ended || c.is('END')) return { kind: 'throw' };
    const number = expression(c);
    c.expect(',');
    const message = expression(c);
    c.expect(',');
    return { kind: 'throw', args: [number, message, expression(c)] };
  }
  throw c.unexpected();
}

function block(c: Cursor): Bare {
  c.expect('BEGIN');
  return { kind: 'block', statements: until(c, 'END') };
}

function tryBlock(c: Cursor): Bare {
  c.expect('BEGIN', 'TRY');
  const body = until(c, 'END', 'TRY');
  c.take(';');
  c.expect('BEGIN', 'CATCH');
  return { kind: 'try', body, handler: until(c, 'END', 'CATCH') };
}

function until(c: Cursor, ...end: readonly string[]): Statement[] {
  const statements: Statement[] = [];
  while (c.take(';'));
  while (!c.take(...end)) {
    statements.push(statement(c));
    while (c.take(';'));
  }
  return statements;
}
