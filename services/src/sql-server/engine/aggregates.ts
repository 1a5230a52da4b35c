import type { Expr } from '../sql/ast.ts';
import { type Bound, coerce, type Env } from './bound.ts';
import { comparer, keyOf } from './compare.ts';
import { sqlError } from './errors.ts';
import { checkExact } from './exact.ts';
import { divideRounded, tenTo } from './numbers.ts';
import { BIGINT, decimal, exactScale, FLOAT, family, INT, isInteger, type SqlType, type SqlValue } from './types.ts';

export type Call = Extract<Expr, { kind: 'call' }>;

const NAMES = ['COUNT', 'COUNT_BIG', 'MIN', 'MAX', 'SUM', 'AVG'];

export const isAggregate = (expr: Expr): expr is Call =>
  expr.kind === 'call' && expr.over === undefined && NAMES.includes(expr.name);

export interface Accumulator {
  add(env: Env): void;
  result(): SqlValue;
}

export interface Aggregate {
  readonly type: SqlType;
  readonly start: () => Accumulator;
}

/** @param arg the argument; null for COUNT(*) */
export function aggregate(call: Call, arg: Bound | null): Aggregate {
  if (arg === null) {
    if (!call.star || !call.name.startsWith('COUNT')) throw sqlError(102, call.star ? '*' : ')');
    return counter(call, () => true);
  }
  const seen = call.distinct ? distinct(arg) : () => () => true;
  switch (call.name) {
    case 'COUNT':
    case 'COUNT_BIG':
      return counter(call, (env) => arg.eval(env) !== null, seen);
    case 'MIN':
    case 'MAX':
      return extreme(arg, call.name === 'MIN' ? -1 : 1);
    default:
      return call.name === 'SUM' ? sum(arg, seen) : average(arg, seen);
  }
}

type Fresh = () => (env: Env) => boolean;

function distinct(arg: Bound): Fresh {
  const key = keyOf(arg.type);
  return () => {
    const keys = new Set<string>();
    return (env) => {
      const value = arg.eval(env);
      if (value === null) return true;
      const text = key(value);
      if (keys.has(text)) return false;
      keys.add(text);
      return true;
    };
  };
}

function counter(call: Call, counts: (env: Env) => boolean, fresh: Fresh = () => () => true): Aggregate {
  return {
    type: call.name === 'COUNT' ? INT : BIGINT,
    start: () => {
      let count = 0n;
      const isNew = fresh();
      return {
        add: (env) => {
          if (counts(env) && isNew(env)) count++;
        },
        result: () => count,
      };
    },
  };
}

function extreme(arg: Bound, sign: number): Aggregate {
  const compare = comparer(arg.type);
  return {
    type: arg.type,
    start: () => {
      let best: SqlValue = null;
      return {
        add: (env) => {
          const value = arg.eval(env);
          if (value !== null && (best === null || Math.sign(compare(value, best)) === sign)) best = value;
        },
        result: () => best,
      };
    },
  };
}

function sum(of: Bound, fresh: Fresh): Aggregate {
  const exact = family(of.type) === 'exact';
  if (!exact && family(of.type) !== 'approximate') throw sqlError(8117, of.type.name, 'sum');
  const scale = exactScale(of.type);
  const type = !exact
    ? FLOAT
    : isInteger(of.type)
      ? of.type.name === 'bigint'
        ? BIGINT
        : INT
      : scale === 4 && of.type.name.endsWith('money')
        ? { ...INT, name: 'money' as const }
        : decimal(38, scale);
  const arg = exact ? of : coerce(of, FLOAT);
  return {
    type,
    start: () => {
      let total: bigint | number | null = null;
      const isNew = fresh();
      return {
        add: (env) => {
          const value = arg.eval(env) as bigint | number | null;
          if (value === null || !isNew(env)) return;
          total =
            total === null ? value : typeof value === 'bigint' ? (total as bigint) + value : (total as number) + value;
        },
        result: () => (typeof total === 'bigint' ? checkExact(total, type, 'expression') : total),
      };
    },
  };
}

function average(of: Bound, fresh: Fresh): Aggregate {
  const total = sum(of, fresh);
  const exact = family(total.type) === 'exact';
  const whole = isInteger(total.type);
  const scale = exactScale(total.type);
  const type = exact && !whole && total.type.name !== 'money' ? decimal(38, Math.max(scale, 6)) : total.type;
  return {
    type,
    start: () => {
      const running = total.start();
      let count = 0;
      return {
        add: (env) => {
          if (of.eval(env) !== null) count++;
          running.add(env);
        },
        result: () => {
          const result = running.result();
          if (result === null) return null;
          if (typeof result === 'number') return result / count;
          if (whole) return (result as bigint) / BigInt(count);
          return divideRounded((result as bigint) * tenTo(exactScale(type) - scale), BigInt(count));
        },
      };
    },
  };
}
