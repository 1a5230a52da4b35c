import type { BareStatement as Bare } from './ast.ts';
import type { Cursor } from './cursor.ts';

export function beginStatement(c: Cursor): Bare {
  c.expect('BEGIN');
  c.oneOf('TRAN', 'TRANSACTION');
  return { kind: 'begin', name: optionalName(c) };
}

export function commitStatement(c: Cursor): Bare {
  c.expect('COMMIT');
  if (c.take('WORK')) return { kind: 'commit' };
  if (c.take('TRAN') || c.take('TRANSACTION')) optionalName(c);
  return { kind: 'commit' };
}

export function rollbackStatement(c: Cursor): Bare {
  c.expect('ROLLBACK');
  if (c.take('WORK')) return { kind: 'rollback', name: '' };
  return { kind: 'rollback', name: c.take('TRAN') || c.take('TRANSACTION') ? optionalName(c) : '' };
}

export function saveStatement(c: Cursor): Bare {
  c.expect('SAVE');
  c.oneOf('TRAN', 'TRANSACTION');
  return { kind: 'save', name: c.name() };
}

const optionalName = (c: Cursor): string => (c.isName() ? c.name() : '');
