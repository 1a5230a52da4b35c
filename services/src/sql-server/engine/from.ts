import type { Expr, FromItem, Query } from '../sql/ast.ts';
import { type BindContext, type Bound, coerce, type Env, type OutputColumn, type Scope, type Source } from './bound.ts';
import { sameName } from './database.ts';
import { sqlError } from './errors.ts';
import { bindCondition, bindValue } from './expressions.ts';
import { type Conjunct, conjunctsOf, type Leaf, type Part } from './joins.ts';
import { Table } from './table.ts';
import type { SqlValue } from './types.ts';
import { unified } from './unified.ts';

export interface BoundFrom {
  readonly sources: readonly Source[];
  readonly parts: readonly Part[];
  readonly leaves: readonly Leaf[];
}

/** Binds what stands in FROM. */
export function bindFrom(items: readonly FromItem[], outer: Scope | null, context: BindContext): BoundFrom {
  const sources: Source[] = [];
  const leaves: Leaf[] = [];
  const parts = items.map((item) => bindItem(item, outer, context, sources, leaves));
  return { sources, parts, leaves };
}

function bindItem(item: FromItem, outer: Scope | null, context: BindContext, sources: Source[], leaves: Leaf[]): Part {
  switch (item.kind) {
    case 'table':
      return bindTable(item, context, sources, leaves);
    case 'query':
      return derived(item.query, item.alias, item.columns, context, sources, leaves);
    case 'values':
      return valuesItem(item, outer, context, sources, leaves);
    case 'join': {
      const from = sources.length;
      const left = bindItem(item.left, outer, context, sources, leaves);
      const right = bindItem(item.right, outer, context, sources, leaves);
      const scope: Scope = { sources: sources.slice(from), outer };
      const on = bindConjuncts(item.on, scope, context);
      if (item.type === 'left') return { kind: 'outer', left, right, on };
      if (item.type === 'right') return { kind: 'outer', left: right, right: left, on };
      return { kind: 'group', parts: [left, right], on };
    }
  }
}

export function bindConjuncts(expr: Expr | undefined, scope: Scope, context: BindContext): Conjunct[] {
  return conjunctsOf(expr).map((conjunct) => {
    const condition = bindCondition(conjunct, scope, context);
    if (conjunct.kind !== 'compare' || conjunct.op !== '=') return condition;
    const sides = [bindValue(conjunct.left, scope, context), bindValue(conjunct.right, scope, context)] as const;
    return { ...condition, sides };
  });
}

function bindTable(item: FromItem & { kind: 'table' }, context: BindContext, sources: Source[], leaves: Leaf[]): Part {
  const inner = item.name.length === 1 ? context.cte?.(item.name[0]!) : undefined;
  if (inner) return addRows(inner.columns, inner.rows, [item.alias ?? item.name[0]!], context, sources, leaves);
  const table = context.table(item.name, item.hints);
  const name = item.alias === undefined ? fullName(item.name) : [item.alias];
  if (!(table instanceof Table)) return addRows(table.columns, () => table.rows(), name, context, sources, leaves);
  return addTable(table, name, context, sources, leaves);
}

export function addTable(
  table: Table,
  name: readonly string[],
  context: BindContext,
  sources: Source[],
  leaves: Leaf[],
): Leaf {
  return addLeaf(table.columns, table, name, context, sources, leaves);
}

/** A table without an alias is also known by its schema. */
export const fullName = (name: readonly string[]): readonly string[] => (name.length === 1 ? ['dbo', name[0]!] : name);

function addRows(
  columns: readonly OutputColumn[],
  rows: (env: Env) => readonly (readonly SqlValue[])[],
  name: readonly string[],
  context: BindContext,
  sources: Source[],
  leaves: Leaf[],
): Leaf {
  const from = { types: columns.map(({ type }) => type), rows: once(rows) };
  return addLeaf(columns, from, name, context, sources, leaves);
}

function addLeaf(
  columns: Source['columns'],
  from: Leaf['from'],
  name: readonly string[],
  context: BindContext,
  sources: Source[],
  leaves: Leaf[],
): Leaf {
  const slot = context.slot();
  sources.push({ name, columns, slot });
  const leaf: Leaf = { kind: 'leaf', slot, from, current: null };
  leaves.push(leaf);
  return leaf;
}

/** What stands in FROM knows nothing of the other rows, so it is the same for all of the statement. */
function once<T>(make: (env: Env) => T): (env: Env) => T {
  let made: { value: T } | undefined;
  return (env) => {
    made ??= { value: make(env) };
    return made.value;
  };
}

function derived(
  query: Query,
  alias: string,
  names: readonly string[] | undefined,
  context: BindContext,
  sources: Source[],
  leaves: Leaf[],
): Part {
  const bound = context.query(query, null);
  const columns = named(bound.columns, names, alias);
  return addRows(columns, bound.rows, [alias], context, sources, leaves);
}

/** @throws SqlError 8155, 8156, 8158, 8159 */
export function named(
  columns: readonly OutputColumn[],
  names: readonly string[] | undefined,
  alias: string,
): OutputColumn[] {
  if (names && names.length !== columns.length) throw sqlError(names.length > columns.length ? 8158 : 8159, alias);
  const result = columns.map((column, at) => ({ ...column, name: names?.[at] ?? column.name }));
  result.forEach(({ name }, at) => {
    if (name === '') throw sqlError(8155, at + 1, alias);
    if (result.some((other, before) => before < at && sameName(other.name, name))) throw sqlError(8156, name, alias);
  });
  return result;
}

function valuesItem(
  item: FromItem & { kind: 'values' },
  outer: Scope | null,
  context: BindContext,
  sources: Source[],
  leaves: Leaf[],
): Part {
  const { columns, rows } = bindValues(item.rows, outer, context);
  return addRows(named(columns, item.columns, item.alias), rows, [item.alias], context, sources, leaves);
}

/** Rows of expressions, each column in the type that its expressions have in common. */
export function bindValues(
  rows: readonly (readonly Expr[])[],
  scope: Scope | null,
  context: BindContext,
): { columns: OutputColumn[]; rows: (env: Env) => SqlValue[][] } {
  const width = rows[0]!.length;
  if (rows.some((row) => row.length !== width)) throw sqlError(10709);
  const bound: Bound[][] = rows.map((row) => row.map((expr) => bindValue(expr, scope, context)));
  const columns = Array.from({ length: width }, (_, at) => unified(bound.map((row) => row[at]!)));
  const values = bound.map((row) => row.map((cell, at) => coerce(cell, columns[at]!.type)));
  return {
    columns: columns.map(({ type }, at) => ({ name: '', type, nullable: bound.some((row) => row[at]!.nullable) })),
    rows: (env) => values.map((row) => row.map((cell) => cell.eval(env))),
  };
}
