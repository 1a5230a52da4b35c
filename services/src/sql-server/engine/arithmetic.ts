import type { Arithmetic } from '../sql/ast.ts';
import { type Bound, coerce, union } from './bound.ts';
import { sqlError } from './errors.ts';
import { checkExact } from './exact.ts';
import { divideRounded, rescale, tenTo } from './numbers.ts';
import { commonType, exactResult } from './type-rules.ts';
import {
  exactScale,
  FLOAT,
  family,
  isInteger,
  isUnicode,
  MAX,
  nvarchar,
  type SqlType,
  type SqlValue,
  varbinary,
  varchar,
} from './types.ts';

const NAMES: Record<Arithmetic, string> = {
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '%': 'modulo',
  '&': "'&'",
  '|': "'|'",
  '^': "'^'",
};

export function negate(arg: Bound): Bound {
  const kind = family(arg.type);
  if (kind !== 'exact' && kind !== 'approximate') throw sqlError(8117, arg.type.name, 'minus');
  const { eval: read, type } = arg;
  return {
    type,
    slots: arg.slots,
    nullable: arg.nullable,
    eval: (env) => {
      const value = read(env);
      if (value === null) return null;
      return typeof value === 'number' ? -value : checkExact(-(value as bigint), type, 'expression');
    },
  };
}

/** @throws SqlError 402, 8117 for types that do not go together */
export function arithmetic(op: Arithmetic, first: Bound, second: Bound): Bound {
  const left = first.untyped ? { ...first, type: second.type } : first;
  const right = second.untyped ? { ...second, type: first.type } : second;
  const [a, b] = [family(left.type), family(right.type)];
  if (op === '+' && a === b && (a === 'text' || a === 'binary')) return concatenate(left, right);
  const number = (kind: string): boolean => kind === 'exact' || kind === 'approximate';
  if (a === 'text' && number(b)) return arithmetic(op, coerce(left, right.type), right);
  if (b === 'text' && number(a)) return arithmetic(op, left, coerce(right, left.type));
  if (!number(a) || !number(b)) throw sqlError(402, left.type.name, right.type.name, NAMES[op]);
  if (a === 'approximate' || b === 'approximate') return approximate(op, left, right);
  return exact(op, left, right);
}

function combine(
  type: SqlType,
  left: Bound,
  right: Bound,
  of: (a: Exclude<SqlValue, null>, b: Exclude<SqlValue, null>) => SqlValue,
): Bound {
  return {
    type,
    slots: union(left, right),
    nullable: left.nullable || right.nullable,
    eval: (env) => {
      const a = left.eval(env);
      if (a === null) return null;
      const b = right.eval(env);
      return b === null ? null : of(a, b);
    },
  };
}

function concatenate(left: Bound, right: Bound): Bound {
  const longest = (most: number): number =>
    left.type.length === MAX || right.type.length === MAX ? MAX : Math.min(left.type.length + right.type.length, most);
  if (family(left.type) === 'binary') {
    const length = longest(8000);
    return combine(varbinary(length), left, right, (a, b) => Buffer.concat([a as Buffer, b as Buffer]));
  }
  const common = commonType(left, right);
  const unicode = isUnicode(common);
  const length = longest(unicode ? 4000 : 8000);
  const type = unicode ? nvarchar(length, common.collation) : varchar(length);
  const cut = (text: string): string => (length === MAX ? text : text.slice(0, length));
  return combine(type, left, right, (a, b) => cut((a as string) + (b as string)));
}

function approximate(op: Arithmetic, left: Bound, right: Bound): Bound {
  const [a, b] = [coerce(left, FLOAT), coerce(right, FLOAT)];
  return combine(FLOAT, a, b, (x, y) => {
    const [m, n] = [x as number, y as number];
    const result =
      op === '+' ? m + n : op === '-' ? m - n : op === '*' ? m * n : op === '/' ? divide(m, n) : Number.NaN;
    if (Number.isNaN(result)) throw sqlError(8117, 'float', NAMES[op]);
    if (!Number.isFinite(result)) throw sqlError(8115, 'expression', 'float');
    return result;
  });
}

function divide(a: number, b: number): number {
  if (b === 0) throw sqlError(8134);
  return a / b;
}

function exact(op: Arithmetic, left: Bound, right: Bound): Bound {
  const type = exactResult(op, left.type, right.type);
  const scale = exactScale(type);
  const [s1, s2] = [exactScale(left.type), exactScale(right.type)];
  const both = Math.max(s1, s2);
  const bits = op === '&' || op === '|' || op === '^';
  if (bits && !(isInteger(type) && s1 === 0 && s2 === 0))
    throw sqlError(402, left.type.name, right.type.name, NAMES[op]);
  const compute = (a: bigint, b: bigint): bigint => {
    switch (op) {
      case '+':
        return rescale(rescale(a, s1, both) + rescale(b, s2, both), both, scale);
      case '-':
        return rescale(rescale(a, s1, both) - rescale(b, s2, both), both, scale);
      case '*':
        return rescale(a * b, s1 + s2, scale);
      case '/': {
        if (b === 0n) throw sqlError(8134);
        if (isInteger(type)) return a / b;
        const up = scale + s2 - s1;
        return up >= 0 ? (a * tenTo(up)) / b : divideRounded(a, b * tenTo(-up));
      }
      case '%':
        if (b === 0n) throw sqlError(8134);
        return rescale(rescale(a, s1, both) % rescale(b, s2, both), both, scale);
      case '&':
        return a & b;
      case '|':
        return a | b;
      default:
        return a ^ b;
    }
  };
  return combine(type, left, right, (a, b) => checkExact(compute(a as bigint, b as bigint), type, 'expression'));
}
