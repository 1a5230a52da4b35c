import type { OrderItem, Query } from '../sql/ast.ts';
import {
  type BindContext,
  type Bound,
  type BoundQuery,
  coerce,
  type Env,
  type OutputColumn,
  type Scope,
} from './bound.ts';
import { keyOf } from './compare.ts';
import { sameName } from './database.ts';
import { sqlError } from './errors.ts';
import { bindValue } from './expressions.ts';
import { named } from './from.ts';
import { sorter } from './order.ts';
import { bindSelect, type SelectRow } from './select.ts';
import { keyPart } from './table.ts';
import { unified } from './unified.ts';

/** Binds a query; its rows are made when they are asked for. */
export function bindQuery(query: Query, outer: Scope | null, given: BindContext): BoundQuery {
  const context = withCtes(query, given);
  const bound = query.selects.length === 1 ? single(query, outer, context) : combined(query, outer, context);
  const skip = query.offset ? bindValue(query.offset, outer, context) : undefined;
  const take = query.fetch ? bindValue(query.fetch, outer, context) : undefined;
  if (!skip) return bound;
  return {
    ...bound,
    rows: (env) => {
      const from = Number(skip.eval(env));
      return bound.rows(env).slice(from, take ? from + Number(take.eval(env)) : undefined);
    },
  };
}

function withCtes(query: Query, given: BindContext): BindContext {
  let context = given;
  for (const { name, columns, query: inner } of query.with) {
    const within = context;
    const cte = (of: string): BoundQuery | undefined => {
      if (!sameName(of, name)) return within.cte?.(of);
      const bound = bindQuery(inner, null, within);
      return { ...bound, columns: named(bound.columns, columns, name) };
    };
    context = { ...context, cte, query: (of, scope) => bindQuery(of, scope, { ...context, cte }) };
  }
  if (query.with.length === 0) return context;
  const complete: BindContext = { ...context, query: (of, scope) => bindQuery(of, scope, complete) };
  return complete;
}

function single(query: Query, outer: Scope | null, context: BindContext): BoundQuery {
  const { select } = query.selects[0]!;
  const bound = bindSelect(select, query.orderBy, outer, context);
  const sort = sorter(bound.orders);
  const top = select.top ? bindValue(select.top, outer, context) : undefined;
  return {
    columns: bound.columns,
    slots: bound.slots,
    rows: (env) => {
      const most = top ? Number(top.eval(env)) : Number.POSITIVE_INFINITY;
      if (most === 0) return [];
      const sorted = bound.orders.length > 0;
      const rows = bound.rows(env, sorted || select.distinct ? Number.POSITIVE_INFINITY : most);
      const kept = select.distinct ? distinct(rows, bound.columns) : rows;
      if (sorted) kept.sort(sort);
      return kept.slice(0, most === Number.POSITIVE_INFINITY ? undefined : most).map(({ values }) => values);
    },
  };
}

function distinct(rows: readonly SelectRow[], columns: readonly OutputColumn[]): SelectRow[] {
  const keys = columns.map(({ type }) => keyOf(type));
  const seen = new Map<string, SelectRow>();
  for (const row of rows) {
    const key = row.values.map((value, at) => keyPart(value, keys[at]!)).join('');
    if (!seen.has(key)) seen.set(key, row);
  }
  return [...seen.values()];
}

/** UNION and UNION ALL. */
function combined(query: Query, outer: Scope | null, context: BindContext): BoundQuery {
  const parts = query.selects.map(({ select, all }) => ({
    query: single({ with: [], selects: [{ select, all }], orderBy: [] }, outer, context),
    all,
  }));
  const width = parts[0]!.query.columns.length;
  if (parts.some((part) => part.query.columns.length !== width)) throw sqlError(205);
  const slot = context.slot();
  const cells = parts.map(({ query: { columns } }) =>
    columns.map(
      (column, index): Bound => ({
        type: column.type,
        eval: (env) => env[slot]![index]!,
        slots: [slot],
        nullable: column.nullable,
      }),
    ),
  );
  const columns = parts[0]!.query.columns.map(({ name }, at) => {
    const { type } = unified(cells.map((row) => row[at]!));
    return { name, type, nullable: cells.some((row) => row[at]!.nullable) };
  });
  const converted = cells.map((row) => row.map((cell, at) => coerce(cell, columns[at]!.type)));
  const orders = query.orderBy.map((item) => ({ at: positionOf(item, columns), descending: item.descending }));
  const sort = sorter(orders.map(({ at, descending }) => ({ type: columns[at]!.type, descending })));
  return {
    columns,
    slots: [...new Set(parts.flatMap((part) => part.query.slots))],
    rows: (env: Env) => {
      let rows: SelectRow[] = [];
      parts.forEach((part, at) => {
        for (const row of part.query.rows(env)) {
          env[slot] = row;
          const values = converted[at]!.map((cell) => cell.eval(env));
          rows.push({ values, order: orders.map((order) => values[order.at]!) });
        }
        if (!part.all && at > 0) rows = distinct(rows, columns);
      });
      if (orders.length > 0) rows.sort(sort);
      return rows.map(({ values }) => values);
    },
  };
}

function positionOf({ expr }: OrderItem, columns: readonly OutputColumn[]): number {
  if (expr.kind === 'literal' && typeof expr.value === 'bigint') return Number(expr.value) - 1;
  const at = expr.kind === 'column' ? columns.findIndex(({ name }) => sameName(name, expr.name.at(-1)!)) : -1;
  if (at === -1) throw sqlError(104);
  return at;
}
