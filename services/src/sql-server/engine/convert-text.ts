import { sqlError } from './errors.ts';
import { checkExact, LIMITS } from './exact.ts';
import { parseGuid } from './guid.ts';
import { parseDecimal, rescale } from './numbers.ts';
import { fitTime } from './temporal.ts';
import { DAYS_TO_1900, type ParsedTime, parseTime, ticksOf } from './time.ts';
import { exactScale, family, isInteger, type SqlType, type SqlValue } from './types.ts';

/** Text as a value of a type of numbers, times or uniqueidentifier. */
export function fromText(text: string, from: SqlType, to: SqlType): SqlValue {
  switch (family(to)) {
    case 'exact':
      return to.name === 'bit'
        ? toBit(text, from)
        : isInteger(to)
          ? toInteger(text, from, to)
          : toDecimal(text, from, to);
    case 'approximate':
      return toFloat(text, from, to);
    case 'guid': {
      const guid = parseGuid(text);
      if (guid === null) throw sqlError(8169);
      return guid;
    }
    default:
      return toTime(text, from, to);
  }
}

function toBit(text: string, from: SqlType): bigint {
  const word = text.trim().toLowerCase();
  if (word === 'true') return 1n;
  if (word === 'false' || word === '') return 0n;
  if (!/^[+-]?[0-9]+$/.test(word)) throw sqlError(245, from.name, text, 'bit');
  return BigInt(word) === 0n ? 0n : 1n;
}

const WIDTHS: Record<string, string> = { tinyint: 'INT1', smallint: 'INT2' };

function toInteger(text: string, from: SqlType, to: SqlType): bigint {
  const trimmed = text.trim();
  if (!/^[+-]?[0-9]*$/.test(trimmed) || /^[+-]$/.test(trimmed)) {
    throw to.name === 'bigint' ? sqlError(8114, from.name, 'bigint') : sqlError(245, from.name, text, to.name);
  }
  const digits = BigInt(trimmed.replace('+', '') || '0');
  const [least, most] = LIMITS[to.name]!;
  if (digits >= least && digits <= most) return digits;
  if (to.name === 'bigint') throw sqlError(8115, 'expression', 'bigint');
  const width = WIDTHS[to.name];
  throw width === undefined ? sqlError(248, from.name, text) : sqlError(244, from.name, text, width);
}

function toDecimal(text: string, from: SqlType, to: SqlType): bigint {
  const money = to.name === 'money' || to.name === 'smallmoney';
  const trimmed = money ? text.trim().replace(/[$,]/g, '') : text.trim();
  const parsed = money && trimmed === '' ? { digits: 0n, scale: 0 } : parseDecimal(trimmed);
  if (!parsed) throw money ? sqlError(235) : sqlError(8114, from.name, 'numeric');
  return checkExact(rescale(parsed.digits, parsed.scale, exactScale(to)), to, from.name);
}

function toFloat(text: string, from: SqlType, to: SqlType): number {
  const trimmed = text.trim();
  if (trimmed === '') return 0;
  if (!/^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/.test(trimmed)) throw sqlError(8114, from.name, to.name);
  return Number(trimmed);
}

function toTime(text: string, from: SqlType, to: SqlType): SqlValue {
  const parsed = parseTime(text);
  const old = to.name === 'datetime' || to.name === 'smalldatetime';
  if (parsed === 'range') throw old ? sqlError(242, from.name, to.name) : sqlError(241);
  if (parsed === null || (old && tooFine(parsed))) throw sqlError(241);
  const ticks = ticksOf(parsed.days ?? DAYS_TO_1900, parsed.ticks);
  return fitTime(to, from)(ticks, parsed.offset ?? 0);
}

/** datetime takes neither more than three digits of a second nor an offset other than Z. */
const tooFine = (parsed: ParsedTime): boolean => parsed.digits > 3 || (parsed.offset !== null && parsed.offset !== 0);
