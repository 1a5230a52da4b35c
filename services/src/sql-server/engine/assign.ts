import type { Assignment, Expr, Name } from '../sql/ast.ts';
import { type BindContext, type Bound, coerce, constant, type Env, NULL, type Scope } from './bound.ts';
import { sameName } from './database.ts';
import { sqlError } from './errors.ts';
import { bindValue } from './expressions.ts';
import type { Run } from './run.ts';
import type { Column, Table } from './table.ts';
import { family, MAX, type SqlValue } from './types.ts';

/** Makes the value of a column; `env` are the rows that it is made from. */
export interface Cell {
  readonly index: number;
  readonly eval: (env: Env) => SqlValue;
}

/** @throws SqlError 207 */
export function columnIndex(table: Table, name: string): number {
  const index = table.columns.findIndex((column) => sameName(column.name, name));
  if (index === -1) throw sqlError(207, name);
  return index;
}

/** The columns that an INSERT names; all but identities if it names none. */
export function insertColumns(table: Table, names: readonly string[] | undefined, run: Run): number[] {
  const explicit = run.session.identityInsert() === table.fullName;
  if (!names) return table.columns.flatMap((column, index) => (column.identity && !explicit ? [] : [index]));
  const indexes = names.map((name) => columnIndex(table, name));
  indexes.forEach((index, at) => {
    if (indexes.indexOf(index) !== at) throw sqlError(264, table.columns[index]!.name);
    if (table.columns[index]!.identity && !explicit) throw sqlError(544, table.name);
  });
  return indexes;
}

/** An expression as the value of a column. @throws SqlError 206, 257 */
export function cell(table: Table, index: number, expr: Expr, scope: Scope | null, run: Run, verb: string): Cell {
  const column = table.columns[index]!;
  const bound = expr.kind === 'default' ? defaultOf(column, run.context) : bindValue(expr, scope, run.context);
  return boundCell(table, index, bound, run, verb);
}

/** A bound expression as the value of a column. */
export function boundCell(table: Table, index: number, bound: Bound, run: Run, verb: string): Cell {
  const column = table.columns[index]!;
  const value = coerce(bound, column.type, { tooLong: 'keep' });
  const check = checker(table, column, run, verb);
  return { index, eval: (env) => check(value.eval(env)) };
}

const defaultOf = (column: Column, context: BindContext): Bound =>
  column.default ? bindValue(column.default, null, context) : NULL;

/** Refuses nulls where none may be, and what is too long. */
export function checker(table: Table, column: Column, run: Run, verb: string): (value: SqlValue) => SqlValue {
  const { type } = column;
  const limit = type.length === MAX || type.length === 0 ? Number.POSITIVE_INFINITY : type.length;
  const sized = family(type) === 'text' || family(type) === 'binary';
  return (value) => {
    if (value === null) {
      if (!column.nullable) throw sqlError(515, column.name, table.fullName, verb);
      return null;
    }
    if (sized && (value as string | Buffer).length > limit)
      throw truncated(table, column, value as string | Buffer, run);
    return value;
  };
}

function truncated(table: Table, column: Column, value: string | Buffer, run: Run): Error {
  if (run.session.truncationError === 8152) return sqlError(8152);
  const kept = typeof value === 'string' ? value.slice(0, column.type.length) : '';
  return sqlError(2628, table.fullName, column.name, kept);
}

/** Makes whole rows: the cells given, defaults and identities for the rest. */
export function rowMaker(table: Table, cells: readonly Cell[], run: Run): (env: Env) => SqlValue[] {
  const given = new Set(cells.map(({ index }) => index));
  const rest = table.columns.flatMap((column, index): Cell[] => {
    if (given.has(index)) return [];
    if (column.identity) return [{ index, eval: () => nextIdentity(column, run) }];
    return [
      boundCell(
        table,
        index,
        column.default ? bindValue(column.default, null, run.context) : constant(column.type, null),
        run,
        'INSERT',
      ),
    ];
  });
  const all = [...cells, ...rest];
  return (env) => {
    const values: SqlValue[] = new Array(table.columns.length).fill(null);
    for (const { index, eval: make } of all) values[index] = make(env);
    return values;
  };
}

function nextIdentity(column: Column, run: Run): bigint {
  const identity = column.identity!;
  const value = identity.next;
  identity.next += identity.step;
  run.session.identity(value);
  return value;
}

/** The cells that SET changes. @throws SqlError 207, 264 */
export function setCells(table: Table, sets: readonly Assignment[], scope: Scope, run: Run): Cell[] {
  const cells = sets.map(({ column, value }) =>
    cell(table, columnIndex(table, lastOf(column)), value, scope, run, 'UPDATE'),
  );
  cells.forEach(({ index }, at) => {
    if (cells.findIndex((other) => other.index === index) !== at) throw sqlError(264, table.columns[index]!.name);
    if (table.columns[index]!.identity) throw sqlError(8102, table.columns[index]!.name);
  });
  return cells;
}

const lastOf = (name: Name): string => name.at(-1)!;

export function changed(values: readonly SqlValue[], cells: readonly Cell[], env: Env): SqlValue[] {
  const next = [...values];
  for (const { index, eval: make } of cells) next[index] = make(env);
  return next;
}
