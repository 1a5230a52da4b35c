import type { Expr } from '../sql/ast.ts';
import { type Accumulator, type Aggregate, aggregate, isAggregate } from './aggregates.ts';
import type { BindContext, Bound, Scope } from './bound.ts';
import { bindColumn } from './columns.ts';
import { keyOf } from './compare.ts';
import { sqlError } from './errors.ts';
import { bindValue } from './expressions.ts';
import type { Runner } from './joins.ts';
import { keyPart } from './table.ts';
import type { SqlValue } from './types.ts';

export interface Grouping {
  /** What the select list of a grouped query is bound in. */
  readonly scope: Scope;
  /** Holds the values of the group and of its aggregates. */
  readonly slot: number;
  /** Bound in the rows that are grouped. */
  readonly inner: readonly Bound[];
  readonly runner: (rows: Runner) => Runner;
}

/** GROUP BY, or all rows as one group. */
export function grouping(by: readonly Expr[], rows: Scope, context: BindContext): Grouping {
  const slot = context.slot();
  const keys = by.map((expr) => bindValue(expr, rows, context));
  const texts = by.map((expr) => textOf(expr, rows));
  const aggregates: Aggregate[] = [];
  const inner: Bound[] = [...keys];
  const read = (index: number, of: Pick<Bound, 'type' | 'collated'>): Bound => ({
    type: of.type,
    slots: [slot],
    nullable: true,
    eval: (env) => env[slot]![index]!,
    ...(of.collated ? { collated: of.collated } : {}),
  });
  const calls = (expr: Expr): Bound | undefined => {
    if (isAggregate(expr)) {
      const arg = expr.args[0] ? bindValue(expr.args[0], rows, context) : null;
      if (arg) inner.push(arg);
      const made = aggregate(expr, arg);
      aggregates.push(made);
      return read(keys.length + aggregates.length - 1, made);
    }
    const at = texts.indexOf(textOf(expr, rows));
    if (at !== -1) return read(at, keys[at]!);
    if (expr.kind !== 'column') return undefined;
    const column = bindColumn(expr.name, rows);
    const own = rows.sources.some((source) => source.slot === column.slots[0]);
    if (own) throw sqlError(8120, expr.name.join('.'));
    return column;
  };
  const texters = keys.map(({ type }) => keyOf(type));
  const runner =
    (run: Runner): Runner =>
    (env, visit) => {
      const groups = new Map<string, { values: SqlValue[]; running: Accumulator[] }>();
      const start = (values: SqlValue[]) => ({ values, running: aggregates.map((each) => each.start()) });
      run(env, () => {
        const values = keys.map((key) => key.eval(env));
        const key = values.map((value, at) => keyPart(value, texters[at]!)).join('');
        let group = groups.get(key);
        if (!group) {
          group = start(values);
          groups.set(key, group);
        }
        for (const each of group.running) each.add(env);
        return true;
      });
      if (by.length === 0 && groups.size === 0) groups.set('', start([]));
      for (const { values, running } of groups.values()) {
        env[slot] = [...values, ...running.map((each) => each.result())];
        if (!visit()) return false;
      }
      return true;
    };
  return { scope: { sources: rows.sources, outer: rows.outer, calls }, slot, inner, runner };
}

/** An expression as text that is equal for equal ones. */
function textOf(expr: Expr, scope: Scope): string {
  if (expr.kind === 'column') {
    try {
      const { column } = bindColumn(expr.name, scope);
      return `column ${column?.slot}.${column?.index}`;
    } catch {
      return `column ${expr.name.join('.')}`;
    }
  }
  return JSON.stringify(expr, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value)).toLowerCase();
}
