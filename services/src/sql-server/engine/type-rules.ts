import type { Bound } from './bound.ts';
import { withCollation } from './bound.ts';
import { sqlError } from './errors.ts';
import {
  type Collation,
  decimal,
  exactPrecision,
  exactScale,
  family,
  isInteger,
  isText,
  isUnicode,
  MAX,
  nvarchar,
  type SqlType,
  traits,
  varbinary,
  varchar,
} from './types.ts';

/**
 * The type that values of both types have in common: the one of higher precedence, wide enough for both.
 * Of expressions without a type (NULL) the other's is taken.
 */
export function commonType(left: Bound, right: Bound): SqlType {
  if (left.untyped) return right.type;
  if (right.untyped) return left.type;
  return withCollation(commonOf(left.type, right.type), commonCollation(left, right));
}

function commonOf(left: SqlType, right: SqlType): SqlType {
  const [a, b] = [family(left), family(right)];
  if (a === 'text' && b === 'text') {
    const length = left.length === MAX || right.length === MAX ? MAX : Math.max(left.length, right.length);
    return isUnicode(left) || isUnicode(right)
      ? nvarchar(length === MAX ? MAX : Math.min(length, 4000))
      : varchar(length);
  }
  if (a === 'binary' && b === 'binary') {
    return varbinary(left.length === MAX || right.length === MAX ? MAX : Math.max(left.length, right.length));
  }
  if (a === 'exact' && b === 'exact' && (isDecimal(left) || isDecimal(right))) {
    const scale = Math.max(exactScale(left), exactScale(right));
    const whole = Math.max(exactPrecision(left) - exactScale(left), exactPrecision(right) - exactScale(right));
    return decimal(Math.min(38, whole + scale), Math.min(scale, Math.max(38 - whole, 0)));
  }
  const higher = traits(left).rank <= traits(right).rank ? left : right;
  if (left.name === right.name && left.scale !== right.scale) return left.scale > right.scale ? left : right;
  return higher;
}

const isDecimal = (type: SqlType): boolean => type.name === 'decimal' || type.name === 'numeric';

/** @throws SqlError 468 where two columns compare in different ways */
export function commonCollation(left: Bound, right: Bound): Collation | undefined {
  if (!isText(left.type) || !isText(right.type)) return (isText(left.type) ? left : right).type.collation;
  if (left.collated === 'explicit') return left.type.collation;
  if (right.collated === 'explicit') return right.type.collation;
  if (left.collated === undefined) return right.type.collation;
  if (right.collated === undefined || (left.type.collation ?? 'CI') === (right.type.collation ?? 'CI'))
    return left.type.collation;
  throw sqlError(468, collationName(left.type.collation), collationName(right.type.collation));
}

export const collationName = (collation: Collation | undefined): string =>
  collation === 'BIN2'
    ? 'Latin1_General_100_BIN2'
    : collation === 'CS'
      ? 'SQL_Latin1_General_CP1_CS_AS'
      : 'SQL_Latin1_General_CP1_CI_AS';

/** The type of a result of arithmetic on exact numbers. */
export function exactResult(op: string, left: SqlType, right: SqlType): SqlType {
  if (!isDecimal(left) && !isDecimal(right)) {
    const higher = traits(left).rank <= traits(right).rank ? left : right;
    return isInteger(higher) || exactScale(higher) === 4 ? higher : { ...higher, name: 'int' };
  }
  const [p1, s1, p2, s2] = [exactPrecision(left), exactScale(left), exactPrecision(right), exactScale(right)];
  switch (op) {
    case '*':
      return capped(p1 + p2 + 1, s1 + s2);
    case '/': {
      const scale = Math.max(6, s1 + p2 + 1);
      return capped(p1 - s1 + s2 + scale, scale);
    }
    case '%':
      return capped(Math.min(p1 - s1, p2 - s2) + Math.max(s1, s2), Math.max(s1, s2));
    default: {
      const scale = Math.max(s1, s2);
      const whole = Math.max(p1 - s1, p2 - s2);
      return whole + scale + 1 <= 38 ? decimal(whole + scale + 1, scale) : decimal(38, Math.min(scale, 38 - whole));
    }
  }
}

/** Past 38 digits the scale gives way, down to six. */
function capped(precision: number, scale: number): SqlType {
  if (precision <= 38) return decimal(precision, scale);
  const whole = precision - scale;
  return decimal(38, whole < 32 ? Math.min(scale, 38 - whole) : Math.min(scale, 6));
}
