import type { Expr } from '../sql/ast.ts';
import type { BindContext, Bound, Env, Scope } from './bound.ts';
import { keyOf } from './compare.ts';
import { sqlError } from './errors.ts';
import { bindValue } from './expressions.ts';
import type { Runner } from './joins.ts';
import { sorter } from './order.ts';
import { keyPart } from './table.ts';
import { BIGINT, type SqlValue } from './types.ts';

interface Numbering {
  readonly partition: readonly Bound[];
  readonly order: readonly { readonly bound: Bound; readonly descending: boolean }[];
}

/** ROW_NUMBER() OVER (...): the only window function there is. */
export function windows(
  rows: Scope,
  context: BindContext,
): { scope: Scope; slot: number; runner: (run: Runner) => Runner } {
  const slot = context.slot();
  const numberings: Numbering[] = [];
  const calls = (expr: Expr): Bound | undefined => {
    if (expr.kind !== 'call' || expr.over === undefined) return undefined;
    if (expr.name !== 'ROW_NUMBER' || expr.args.length > 0) throw sqlError(102, 'OVER');
    if (expr.over.order.length === 0) throw sqlError(4112, expr.name);
    const index = numberings.length;
    numberings.push({
      partition: expr.over.partition.map((of) => bindValue(of, rows, context)),
      order: expr.over.order.map((of) => ({ bound: bindValue(of.expr, rows, context), descending: of.descending })),
    });
    return { type: BIGINT, slots: [slot], nullable: false, eval: (env) => env[slot]![index]! };
  };
  const runner =
    (run: Runner): Runner =>
    (env, visit) => {
      if (numberings.length === 0) return run(env, visit);
      const found: Env[] = [];
      run(env, () => {
        found.push([...env]);
        return true;
      });
      const numbers = numberings.map((numbering) => numbered(numbering, found));
      return found.every((kept, at) => {
        kept.forEach((values, index) => {
          env[index] = values;
        });
        env[slot] = numbers.map((of) => of[at]!);
        return visit();
      });
    };
  return { scope: { ...rows, calls }, slot, runner };
}

function numbered({ partition, order }: Numbering, rows: readonly Env[]): SqlValue[] {
  const keys = partition.map(({ type }) => keyOf(type));
  const items = rows.map((env, at) => ({
    at,
    group: partition.map((of, i) => keyPart(of.eval(env), keys[i]!)).join(''),
    order: order.map(({ bound }) => bound.eval(env)),
  }));
  items.sort(sorter(order.map(({ bound, descending }) => ({ type: bound.type, descending }))));
  const counts = new Map<string, bigint>();
  const numbers: SqlValue[] = [];
  for (const { at, group } of items) {
    const next = (counts.get(group) ?? 0n) + 1n;
    counts.set(group, next);
    numbers[at] = next;
  }
  return numbers;
}
