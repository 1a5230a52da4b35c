import type { Expr } from '../sql/ast.ts';
import { arithmetic, negate } from './arithmetic.ts';
import {
  type BindContext,
  type Bound,
  type BoundCondition,
  coerce,
  constant,
  lenient,
  NULL,
  type Scope,
  union,
  withCollation,
} from './bound.ts';
import { bindColumn } from './columns.ts';
import * as conditions from './conditions.ts';
import { sqlError } from './errors.ts';
import { callFunction } from './functions.ts';
import { systemVariable } from './system-variables.ts';
import { unified } from './unified.ts';

/**
 * Binds an expression that has a value.
 *
 * @throws SqlError 102 where it is a condition, and whatever binding finds
 */
export function bindValue(expr: Expr, scope: Scope | null, context: BindContext): Bound {
  const bind = (of: Expr): Bound => bindValue(of, scope, context);
  const bound = boundByScope(expr, scope);
  if (bound) return bound;
  switch (expr.kind) {
    case 'literal':
      return constant(expr.type, expr.value);
    case 'null':
      return NULL;
    case 'column':
      return bindColumn(expr.name, scope);
    case 'variable': {
      if (expr.name.startsWith('@@')) return systemVariable(expr.name, context);
      const { type, get } = context.variable(expr.name);
      return { type, eval: get, slots: [], nullable: true };
    }
    case 'negate':
      return negate(bind(expr.arg));
    case 'arithmetic':
      return arithmetic(expr.op, bind(expr.left), bind(expr.right));
    case 'cast': {
      const style = expr.style === undefined ? 0 : Number(bind(expr.style).eval([]));
      const cast = coerce(bind(expr.arg), expr.type, { explicit: true, style });
      return expr.lenient ? lenient(cast) : cast;
    }
    case 'case':
      return caseValue(expr, scope, context);
    case 'collate': {
      const arg = bind(expr.arg);
      const { column: _, ...value } = arg;
      return { ...value, type: withCollation(arg.type, expr.collation), collated: 'explicit' };
    }
    case 'subquery':
      return scalar(expr.query, scope, context);
    case 'call':
      if (expr.name === 'IIF') {
        const [when, yes, no] = expr.args;
        if (!when || !yes || !no) throw sqlError(174, 'IIF', 3);
        return caseValue({ kind: 'case', whens: [{ when, result: yes }], otherwise: no }, scope, context);
      }
      return callFunction(expr, context, bind);
    default:
      throw sqlError(102, expr.kind === 'default' ? 'DEFAULT' : '=');
  }
}

export function bindCondition(expr: Expr, scope: Scope | null, context: BindContext): BoundCondition {
  return conditions.bindCondition(expr, scope, context, bindValue);
}

/** What the query that the expression stands in binds itself: aggregates, grouped expressions. */
function boundByScope(expr: Expr, scope: Scope | null): Bound | undefined {
  return scope?.calls?.(expr);
}

function caseValue(expr: Expr & { kind: 'case' }, scope: Scope | null, context: BindContext): Bound {
  const tests = expr.whens.map(({ when }) =>
    bindCondition(expr.operand ? { kind: 'compare', op: '=', left: expr.operand, right: when } : when, scope, context),
  );
  const results = expr.whens.map(({ result }) => bindValue(result, scope, context));
  const otherwise = expr.otherwise ? bindValue(expr.otherwise, scope, context) : NULL;
  const { type, values } = unified([...results, otherwise]);
  const last = values.pop()!;
  return {
    type,
    slots: union(...tests, ...results, otherwise),
    nullable: [...results, otherwise].some(({ nullable }) => nullable),
    eval: (env) => {
      const at = tests.findIndex(({ test }) => test(env) === true);
      return (at === -1 ? last : values[at]!).eval(env);
    },
  };
}

function scalar(inner: Extract<Expr, { kind: 'subquery' }>['query'], scope: Scope | null, context: BindContext): Bound {
  const query = context.query(inner, scope);
  const [column] = query.columns;
  if (query.columns.length !== 1) throw sqlError(116);
  return {
    type: column!.type,
    slots: query.slots,
    nullable: true,
    eval: (env) => {
      const rows = query.rows(env);
      if (rows.length > 1) throw sqlError(512);
      return rows[0]?.[0] ?? null;
    },
  };
}
