import type { Expr } from '../sql/ast.ts';
import { type BindContext, type Bound, union } from './bound.ts';
import type { SqlType, SqlValue } from './types.ts';

export type Call = Extract<Expr, { kind: 'call' }>;

/** What a function makes of its arguments. */
export interface FunctionContext {
  readonly call: Call;
  readonly context: BindContext;
  readonly bind: (expr: Expr) => Bound;
}

export interface FunctionDefinition {
  /** The least and the greatest count of arguments. */
  readonly args: readonly [number, number];
  readonly bind: (args: readonly Bound[], of: FunctionContext) => Bound;
  /** Its first argument is a word such as `day`, which is not bound. */
  readonly part?: boolean;
}

/** A function of values, null if one of its arguments is. */
export function strict(
  type: SqlType,
  args: readonly Bound[],
  of: (...values: Exclude<SqlValue, null>[]) => SqlValue,
): Bound {
  return {
    type,
    slots: union(...args),
    nullable: true,
    eval: (env) => {
      const values: Exclude<SqlValue, null>[] = [];
      for (const arg of args) {
        const value = arg.eval(env);
        if (value === null) return null;
        values.push(value);
      }
      return of(...values);
    },
  };
}
