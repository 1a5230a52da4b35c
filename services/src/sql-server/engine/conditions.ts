import type { Comparison, Expr } from '../sql/ast.ts';
import { type BindContext, type Bound, type BoundCondition, coerce, type Env, type Scope, union } from './bound.ts';
import { compareExact, comparer, keyOf } from './compare.ts';
import { sqlError } from './errors.ts';
import { likePattern } from './text.ts';
import { commonCollation, commonType } from './type-rules.ts';
import { exactScale, family, isText, MAX, nvarchar, type SqlValue } from './types.ts';

type BindValue = (expr: Expr, scope: Scope | null, context: BindContext) => Bound;

/**
 * Binds a condition.
 *
 * @param value binds the values in it
 * @throws SqlError 4145 if the expression is a value
 */
export function bindCondition(expr: Expr, scope: Scope | null, context: BindContext, value: BindValue): BoundCondition {
  const condition = (of: Expr): BoundCondition => bindCondition(of, scope, context, value);
  const bind = (of: Expr): Bound => value(of, scope, context);
  switch (expr.kind) {
    case 'and':
    case 'or': {
      const [left, right] = [condition(expr.left), condition(expr.right)];
      // One side that is false decides `and`, one that is true `or`.
      const decisive = expr.kind === 'or';
      return {
        slots: union(left, right),
        test: (env) => {
          const a = left.test(env);
          if (a === decisive) return decisive;
          const b = right.test(env);
          return b === decisive ? decisive : a === null || b === null ? null : !decisive;
        },
      };
    }
    case 'not':
      return negated(condition(expr.arg), true);
    case 'compare':
      return compare(expr.op, bind(expr.left), bind(expr.right));
    case 'isNull': {
      const arg = bind(expr.arg);
      return { slots: arg.slots, test: (env) => (arg.eval(env) === null) !== expr.negated };
    }
    case 'between': {
      const arg = bind(expr.arg);
      const [low, high] = [compare('>=', arg, bind(expr.low)), compare('<=', arg, bind(expr.high))];
      const inside: BoundCondition = {
        slots: union(low, high),
        test: (env) => {
          const [a, b] = [low.test(env), high.test(env)];
          return a === false || b === false ? false : a === null || b === null ? null : true;
        },
      };
      return negated(inside, expr.negated);
    }
    case 'in':
      return negated(any(expr.list.map((item) => compare('=', bind(expr.arg), bind(item)))), expr.negated);
    case 'inQuery':
      return negated(inQuery(bind(expr.arg), expr.query, scope, context), expr.negated);
    case 'like':
      return negated(like(bind(expr.arg), bind(expr.pattern), expr.escape ? bind(expr.escape) : null), expr.negated);
    case 'exists': {
      const query = context.query(expr.query, scope);
      return { slots: query.slots, test: (env) => query.rows(env).length > 0 };
    }
    default:
      throw sqlError(4145, ';');
  }
}

function negated(condition: BoundCondition, negate: boolean): BoundCondition {
  if (!negate) return condition;
  return {
    slots: condition.slots,
    test: (env) => {
      const result = condition.test(env);
      return result === null ? null : !result;
    },
  };
}

function any(conditions: readonly BoundCondition[]): BoundCondition {
  return {
    slots: union(...conditions),
    test: (env) => {
      let unknown = false;
      for (const condition of conditions) {
        const result = condition.test(env);
        if (result === true) return true;
        if (result === null) unknown = true;
      }
      return unknown ? null : false;
    },
  };
}

const HOLDS: Record<Comparison, (order: number) => boolean> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function compare(op: Comparison, left: Bound, right: Bound): BoundCondition {
  const order = ordering(left, right);
  const holds = HOLDS[op];
  return {
    slots: union(left, right),
    test: (env) => {
      const result = order(env);
      return result === null ? null : holds(result);
    },
  };
}

/** How two expressions compare; null if one of them is null. */
export function ordering(left: Bound, right: Bound): (env: Env) => number | null {
  const both =
    (of: (a: Exclude<SqlValue, null>, b: Exclude<SqlValue, null>) => number, a: Bound, b: Bound) =>
    (env: Env): number | null => {
      const first = a.eval(env);
      if (first === null) return null;
      const second = b.eval(env);
      return second === null ? null : of(first, second);
    };
  if (left.untyped || right.untyped) return () => null;
  if (family(left.type) === 'exact' && family(right.type) === 'exact') {
    const [a, b] = [exactScale(left.type), exactScale(right.type)];
    return both((x, y) => compareExact(x as bigint, a, y as bigint, b), left, right);
  }
  const type = commonType(left, right);
  return both(comparer(type), convertedTo(left, type), convertedTo(right, type));
}

/** The expression in the type that it is compared in. */
export const convertedTo = (bound: Bound, type: Bound['type']): Bound =>
  isText(type) && isText(bound.type)
    ? bound
    : bound.type.name === type.name && bound.type.scale === type.scale && bound.type.precision === type.precision
      ? bound
      : coerce(bound, isText(type) ? nvarchar(MAX) : type);

function inQuery(
  arg: Bound,
  inner: Parameters<BindContext['query']>[0],
  scope: Scope | null,
  context: BindContext,
): BoundCondition {
  const query = context.query(inner, scope);
  if (query.columns.length !== 1) throw sqlError(116);
  const [column] = query.columns;
  const slot = context.slot();
  const item: Bound = { type: column!.type, eval: (env) => env[slot]![0]!, slots: [slot], nullable: column!.nullable };
  const type = commonType(arg, item);
  const key = keyOf(type);
  const [left, right] = [convertedTo(arg, type), convertedTo(item, type)];
  let cached: { keys: Set<string>; nulls: boolean } | undefined;
  const keysOf = (env: Env): { keys: Set<string>; nulls: boolean } => {
    const keys = new Set<string>();
    let nulls = false;
    for (const row of query.rows(env)) {
      env[slot] = row;
      const value = right.eval(env);
      if (value === null) nulls = true;
      else keys.add(key(value));
    }
    return { keys, nulls };
  };
  return {
    slots: union(arg, query),
    test: (env) => {
      const found = cached ?? keysOf(env);
      if (query.slots.length === 0) cached = found;
      if (found.keys.size === 0 && !found.nulls) return false;
      const value = left.eval(env);
      if (value === null) return null;
      return found.keys.has(key(value)) ? true : found.nulls ? null : false;
    },
  };
}

function like(arg: Bound, pattern: Bound, mark: Bound | null): BoundCondition {
  const collation = commonCollation(arg, pattern) ?? 'CI';
  const [left, right] = [coerce(arg, nvarchar(MAX)), coerce(pattern, nvarchar(MAX))];
  return {
    slots: union(arg, pattern),
    test: (env) => {
      const [text, like] = [left.eval(env), right.eval(env)];
      if (text === null || like === null) return null;
      return likePattern(like as string, mark === null ? null : (mark.eval(env) as string), collation).test(
        text as string,
      );
    },
  };
}
