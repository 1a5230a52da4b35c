import type { Expr } from '../sql/ast.ts';
import { type Bound, coerce } from './bound.ts';
import { sqlError } from './errors.ts';
import { type FunctionDefinition, strict } from './function-types.ts';
import { fitTime } from './temporal.ts';
import * as time from './time.ts';
import { BIGINT, DATETIME, family, INT, nvarchar, type OffsetTime, type SqlType, type SqlValue } from './types.ts';

const DATETIME2: SqlType = { name: 'datetime2', length: 0, precision: 0, scale: 7 };
const OFFSET: SqlType = { ...DATETIME2, name: 'datetimeoffset' };

const now = (type: SqlType): FunctionDefinition => ({
  args: [0, 0],
  bind: () => ({
    type,
    slots: [],
    nullable: false,
    eval: () => fitTime(type, type)(time.ticksOfMs(performance.timeOrigin + performance.now()), 0),
  }),
});

/** Units of 100 ns of the parts that have a fixed length. */
const UNITS: Record<string, bigint> = {
  WEEK: 6_048_000_000_000n,
  DAY: 864_000_000_000n,
  HOUR: 36_000_000_000n,
  MINUTE: 600_000_000n,
  SECOND: 10_000_000n,
  MILLISECOND: 10_000n,
  MICROSECOND: 10n,
  NANOSECOND: 0n,
};
const PARTS: Record<string, string> = {
  WK: 'WEEK',
  WW: 'WEEK',
  DD: 'DAY',
  D: 'DAY',
  HH: 'HOUR',
  MI: 'MINUTE',
  N: 'MINUTE',
  SS: 'SECOND',
  S: 'SECOND',
  MS: 'MILLISECOND',
  MCS: 'MICROSECOND',
  NS: 'NANOSECOND',
  YY: 'YEAR',
  YYYY: 'YEAR',
  MM: 'MONTH',
  M: 'MONTH',
  QQ: 'QUARTER',
};
const MONTHS: Record<string, number> = { YEAR: 12, QUARTER: 3, MONTH: 1 };

function partOf(expr: Expr | undefined): string {
  const written = expr?.kind === 'column' ? expr.name[0]!.toUpperCase() : '';
  const part = PARTS[written] ?? written;
  if (!(part in UNITS) && !(part in MONTHS)) throw sqlError(155, written);
  return part;
}

/** Local time of a value of any type of date or time. */
function ticksIn(type: SqlType, value: Exclude<SqlValue, null>): bigint {
  switch (family(type)) {
    case 'date':
      return time.ticksOf(value as number, 0);
    case 'time':
      return time.ticksOf(time.DAYS_TO_1900, value as number);
    case 'offset':
      return time.local(value as OffsetTime);
    default:
      return value as bigint;
  }
}

function added(ticks: bigint, part: string, count: bigint): bigint {
  const months = MONTHS[part];
  if (months === undefined) return part === 'NANOSECOND' ? ticks + count / 100n : ticks + count * UNITS[part]!;
  const [year, month, day] = time.dateText(time.daysOf(ticks)).split('-').map(Number) as [number, number, number];
  const first = new Date(0);
  first.setUTCFullYear(year, month - 1 + months * Number(count), 1);
  const last = new Date(first);
  last.setUTCMonth(first.getUTCMonth() + 1, 0);
  first.setUTCDate(Math.min(day, last.getUTCDate()));
  return time.ticksOfMs(first.getTime()) + BigInt(time.timeOf(ticks));
}

const timed = (bound: Bound): Bound =>
  ['date', 'time', 'datetime', 'offset'].includes(family(bound.type))
    ? bound
    : coerce(bound, family(bound.type) === 'text' ? DATETIME2 : DATETIME);

function difference(part: string, from: bigint, to: bigint): bigint {
  const months = MONTHS[part];
  if (months !== undefined) {
    const count = (ticks: bigint): number => {
      const [year, month] = time.dateText(time.daysOf(ticks)).split('-').map(Number) as [number, number];
      return Math.floor((year * 12 + month - 1) / months);
    };
    return BigInt(count(to) - count(from));
  }
  const unit = UNITS[part]!;
  return unit === 0n ? (to - from) * 100n : to / unit - from / unit;
}

const diff = (type: SqlType): FunctionDefinition => ({
  args: [3, 3],
  part: true,
  bind: (args, { call }) => {
    const part = partOf(call.args[0]);
    const [from, to] = args.map(timed) as [Bound, Bound];
    return strict(type, [from, to], (a, b) => {
      const result = difference(part, ticksIn(from.type, a), ticksIn(to.type, b));
      if (type === INT && (result > 2147483647n || result < -2147483648n)) throw sqlError(535);
      return result;
    });
  },
});

const zone = (value: Exclude<SqlValue, null>): number => {
  const match = /^([+-])(\d\d):(\d\d)$/.exec(String(value));
  if (!match) throw sqlError(9812);
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
};

/** Functions of date and time. */
export const timeFunctions: Record<string, FunctionDefinition> = {
  GETDATE: now(DATETIME),
  GETUTCDATE: now(DATETIME),
  SYSDATETIME: now(DATETIME2),
  SYSUTCDATETIME: now(DATETIME2),
  SYSDATETIMEOFFSET: now(OFFSET),
  DATEADD: {
    args: [3, 3],
    part: true,
    bind: (args, { call }) => {
      const part = partOf(call.args[0]);
      const [count, at] = [coerce(args[0]!, BIGINT), timed(args[1]!)];
      const fit = fitTime(at.type, at.type);
      return strict(at.type, [count, at], (by, value) => {
        const ticks = added(ticksIn(at.type, value), part, by as bigint);
        if (!time.inRange(time.daysOf(ticks))) throw sqlError(517, at.type.name);
        return fit(ticks, family(at.type) === 'offset' ? (value as OffsetTime).offset : 0);
      });
    },
  },
  DATEDIFF: diff(INT),
  DATEDIFF_BIG: diff(BIGINT),
  TODATETIMEOFFSET: {
    args: [2, 2],
    bind: ([at, offset]) => {
      const bound = timed(at!);
      return strict(OFFSET, [bound, coerce(offset!, nvarchar(6))], (value, by) =>
        time.utcOf(ticksIn(bound.type, value), zone(by)),
      );
    },
  },
  SWITCHOFFSET: {
    args: [2, 2],
    bind: ([at, offset]) =>
      strict(OFFSET, [coerce(at!, OFFSET), coerce(offset!, nvarchar(6))], (value, by) => ({
        ticks: (value as OffsetTime).ticks,
        offset: zone(by),
      })),
  },
};
