import { type SqlError, sqlError } from '../engine/errors.ts';
import type { BareStatement as Bare } from './ast.ts';
import type { Cursor } from './cursor.ts';
import { expression } from './expressions.ts';

/** Options that are on or off. What they change beyond XACT_ABORT and NOCOUNT is as if they were at the drivers' defaults. */
const SWITCHES = [
  'ANSI_DEFAULTS',
  'ANSI_NULLS',
  'ANSI_NULL_DFLT_ON',
  'ANSI_NULL_DFLT_OFF',
  'ANSI_PADDING',
  'ANSI_WARNINGS',
  'ARITHABORT',
  'CONCAT_NULL_YIELDS_NULL',
  'CURSOR_CLOSE_ON_COMMIT',
  'IMPLICIT_TRANSACTIONS',
  'NOCOUNT',
  'NUMERIC_ROUNDABORT',
  'QUOTED_IDENTIFIER',
  'XACT_ABORT',
];

/** Options whose other value this engine does not know. */
const ONLY: Readonly<Record<string, 'ON' | 'OFF'>> = {
  ANSI_NULLS: 'ON',
  ANSI_PADDING: 'ON',
  ANSI_WARNINGS: 'ON',
  CONCAT_NULL_YIELDS_NULL: 'ON',
  IMPLICIT_TRANSACTIONS: 'OFF',
  NUMERIC_ROUNDABORT: 'OFF',
  QUOTED_IDENTIFIER: 'ON',
};

const VALUES = ['DATEFIRST', 'DATEFORMAT', 'DEADLOCK_PRIORITY', 'LANGUAGE', 'LOCK_TIMEOUT', 'TEXTSIZE'];

/** The values that change nothing, of options that would change how dates are read or counted. */
const ONLY_VALUES: Readonly<Record<string, readonly string[]>> = {
  DATEFIRST: ['7'],
  DATEFORMAT: ['mdy', 'ymd'],
  LANGUAGE: ['us_english', 'english'],
};

function refused(what: string, line: number): SqlError {
  const error = sqlError(102, what);
  error.line = line;
  return error;
}

export function setStatement(c: Cursor): Bare {
  c.expect('SET');
  if (c.token.kind === 'variable') {
    const name = c.next().text.toLowerCase();
    c.expect('=');
    return { kind: 'setVariable', name, value: expression(c) };
  }
  if (c.take('TRANSACTION', 'ISOLATION', 'LEVEL')) {
    return { kind: 'setOption', options: ['ISOLATION'], value: isolationLevel(c) };
  }
  if (c.take('IDENTITY_INSERT')) {
    const table = c.qualifiedName();
    return { kind: 'setIdentityInsert', table, on: c.oneOf('ON', 'OFF') === 'ON' };
  }
  if (VALUES.includes(c.token.key)) {
    const option = c.next().key;
    const { line } = c.token;
    const value = `${c.take('-') ? '-' : ''}${c.next().text}`;
    const known = ONLY_VALUES[option];
    if (known && !known.includes(value.toLowerCase())) throw refused(`${option} ${value}`, line);
    return { kind: 'setOption', options: [option], value };
  }
  const options = c.list(() => c.oneOf(...SWITCHES));
  const { line } = c.token;
  const value = c.oneOf('ON', 'OFF');
  for (const option of options) {
    if ((ONLY[option] ?? value) !== value) throw refused(`${option} ${value}`, line);
  }
  return { kind: 'setOption', options, value };
}

function isolationLevel(c: Cursor): string {
  for (const words of [
    ['READ', 'UNCOMMITTED'],
    ['READ', 'COMMITTED'],
    ['REPEATABLE', 'READ'],
    ['SNAPSHOT'],
    ['SERIALIZABLE'],
  ]) {
    if (c.take(...words)) return words.join(' ');
  }
  throw c.unexpected();
}
