import type { Expr, OrderItem, Select, SelectItem } from '../sql/ast.ts';
import { isAggregate } from './aggregates.ts';
import { type BindContext, type Bound, type Env, type OutputColumn, type Scope, type Source, union } from './bound.ts';
import { columnOf, qualifies } from './columns.ts';
import { sameName } from './database.ts';
import { sqlError } from './errors.ts';
import { bindCondition, bindValue } from './expressions.ts';
import { bindConjuncts, bindFrom } from './from.ts';
import { grouping } from './grouping.ts';
import { type Part, plan, type Runner, slotsOf } from './joins.ts';
import type { SqlType, SqlValue } from './types.ts';
import { windows } from './windows.ts';

export interface SelectRow {
  readonly values: readonly SqlValue[];
  /** What it is sorted by. */
  readonly order: readonly SqlValue[];
}

export interface BoundSelect {
  readonly columns: readonly OutputColumn[];
  readonly orders: readonly { readonly type: SqlType; readonly descending: boolean }[];
  readonly slots: readonly number[];
  readonly rows: (env: Env, most: number) => SelectRow[];
}

/** Binds one SELECT without its TOP and DISTINCT. */
export function bindSelect(
  select: Select,
  orderBy: readonly OrderItem[],
  outer: Scope | null,
  context: BindContext,
): BoundSelect {
  const from = bindFrom(select.from, outer, context);
  const plain: Scope = { sources: from.sources, outer };
  const where = bindConjuncts(select.where, plain, context);
  const run = plan(from.parts, where);
  const items = expand(select.items, from.sources);
  const asked = [
    ...items.map(({ expr }) => expr),
    ...orderBy.map(({ expr }) => expr),
    ...(select.having ? [select.having] : []),
  ];
  const grouped = select.groupBy.length > 0 || asked.some(holdsAggregate);
  const group = grouped ? grouping(select.groupBy, plain, context) : undefined;
  const window = grouped ? undefined : windows(plain, context);
  const scope = group?.scope ?? window!.scope;
  const cells = items.map(({ bound, expr }) => (bound && !grouped ? bound : bindValue(expr, scope, context)));
  const columns = cells.map(
    (cell, at): OutputColumn => ({ name: items[at]!.name, type: cell.type, nullable: cell.nullable }),
  );
  const orders = orderBy.map((item) => bindOrder(item, columns, cells, scope, context));
  const having = select.having ? bindCondition(select.having, scope, context) : undefined;
  const own = new Set([
    ...from.parts.flatMap(slotsOf),
    ...(group ? [group.slot] : []),
    ...(window ? [window.slot] : []),
  ]);
  const row = (env: Env): SelectRow => ({
    values: cells.map((cell) => cell.eval(env)),
    order: orders.map((order) => order.bound.eval(env)),
  });
  const through: Runner = group ? group.runner(run) : window!.runner(run);
  return {
    columns,
    orders: orders.map(({ bound, descending }) => ({ type: bound.type, descending })),
    slots: [
      ...union(
        ...cells,
        ...where,
        ...orders.map(({ bound }) => bound),
        ...(group?.inner ?? []),
        ...onSlots(from.parts),
      ),
    ].filter((slot) => !own.has(slot)),
    rows: (env, most) => {
      const rows: SelectRow[] = [];
      through(env, () => {
        if (!having || having.test(env) === true) rows.push(row(env));
        return rows.length < most;
      });
      return rows;
    },
  };
}

const onSlots = (parts: readonly Part[]): { slots: readonly number[] }[] =>
  parts.flatMap((part) =>
    part.kind === 'leaf' ? [] : [...part.on, ...onSlots(part.kind === 'outer' ? [part.left, part.right] : part.parts)],
  );

interface Item {
  readonly name: string;
  readonly expr: Expr;
  /** Of a column that `*` stands for. */
  readonly bound?: Bound;
}

/** @throws SqlError 107 where `t.*` names nothing */
function expand(items: readonly SelectItem[], sources: readonly Source[]): Item[] {
  return items.flatMap((item): Item[] => {
    if (item.kind === 'assign') return [{ name: '', expr: item.expr }];
    if (item.kind === 'expr') return [{ name: item.alias ?? nameOf(item.expr), expr: item.expr }];
    const of = sources.filter((source) => item.of === undefined || qualifies(item.of, source.name));
    if (of.length === 0) throw item.of ? sqlError(107, item.of.join('.')) : sqlError(263);
    return of.flatMap((source) =>
      source.columns.map(
        (column, index): Item => ({
          name: column.name,
          expr: { kind: 'column', name: [...source.name, column.name] },
          bound: columnOf(source, index),
        }),
      ),
    );
  });
}

const nameOf = (expr: Expr): string => (expr.kind === 'column' ? expr.name.at(-1)! : '');

function bindOrder(
  item: OrderItem,
  columns: readonly OutputColumn[],
  cells: readonly Bound[],
  scope: Scope,
  context: BindContext,
): { bound: Bound; descending: boolean } {
  const { expr, descending } = item;
  if (expr.kind === 'literal' && typeof expr.value === 'bigint') {
    const bound = cells[Number(expr.value) - 1];
    if (!bound) throw sqlError(108, expr.value);
    return { bound, descending };
  }
  if (expr.kind === 'column' && expr.name.length === 1) {
    const at = columns.findIndex(({ name }) => sameName(name, expr.name[0]!));
    if (at !== -1) return { bound: cells[at]!, descending };
  }
  return { bound: bindValue(expr, scope, context), descending };
}

/** Whether an aggregate stands in it, outside of subqueries. */
function holdsAggregate(expr: Expr): boolean {
  if (isAggregate(expr)) return true;
  return childrenOf(expr).some(holdsAggregate);
}

function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'arithmetic':
    case 'and':
    case 'or':
    case 'compare':
      return [expr.left, expr.right];
    case 'negate':
    case 'cast':
    case 'collate':
    case 'not':
    case 'isNull':
    case 'inQuery':
      return [expr.arg];
    case 'between':
      return [expr.arg, expr.low, expr.high];
    case 'in':
      return [expr.arg, ...expr.list];
    case 'like':
      return [expr.arg, expr.pattern];
    case 'call':
      return expr.args;
    case 'case':
      return [
        ...expr.whens.flatMap(({ when, result }) => [when, result]),
        ...(expr.operand ? [expr.operand] : []),
        ...(expr.otherwise ? [expr.otherwise] : []),
      ];
    default:
      return [];
  }
}
