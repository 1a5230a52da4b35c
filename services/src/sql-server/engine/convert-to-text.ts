import { sqlError } from './errors.ts';
import { decimalText, floatText } from './numbers.ts';
import { decode1252, in1252 } from './text.ts';
import * as time from './time.ts';
import { exactScale, family, isInteger, MAX, type OffsetTime, type SqlType, type SqlValue, traits } from './types.ts';

type Present = Exclude<SqlValue, null>;

/** Values of a type as text of another, cut or left too long. */
export function toText(from: SqlType, to: SqlType, style: number): (value: Present, tooLong: 'cut' | 'keep') => string {
  const written = writer(from, to, style);
  const unicode = traits(to).unicode === true;
  const fixed = traits(to).fixed === true;
  const limit = to.length === MAX || to.length === 0 ? Number.POSITIVE_INFINITY : to.length;
  const cuttable = family(from) === 'text' || family(from) === 'binary';
  return (value, tooLong) => {
    let text = written(value);
    if (!unicode) text = in1252(text);
    if (text.length > limit) {
      if (!cuttable) return overflow(from, to);
      if (tooLong === 'cut') text = text.slice(0, limit);
      // Blanks beyond the length never count.
      else if (/^ *$/.test(text.slice(limit))) text = text.slice(0, limit);
    }
    return fixed && text.length < limit ? text.padEnd(limit) : text;
  };
}

/** An integer that is too long for a char becomes an asterisk; all else is refused. */
function overflow(from: SqlType, to: SqlType): string {
  if (isInteger(from) && from.name !== 'bigint' && !traits(to).unicode) return '*';
  if (family(from) === 'guid') throw sqlError(8170);
  throw sqlError(8115, isInteger(from) ? 'expression' : from.name === 'decimal' ? 'numeric' : from.name, to.name);
}

function writer(from: SqlType, to: SqlType, style: number): (value: Present) => string {
  switch (family(from)) {
    case 'text':
      return (value) => value as string;
    case 'exact': {
      const scale = exactScale(from);
      if (scale === 4 && from.name.endsWith('money') && style !== 2) {
        return (value) => decimalText(((value as bigint) + ((value as bigint) < 0n ? -50n : 50n)) / 100n, 2);
      }
      return (value) => decimalText(value as bigint, scale);
    }
    case 'approximate':
      return (value) => floatText(value as number, style);
    case 'binary':
      if (style === 1) return (value) => `0x${(value as Buffer).toString('hex').toUpperCase()}`;
      if (style === 2) return (value) => (value as Buffer).toString('hex').toUpperCase();
      return traits(to).unicode
        ? (value) => (value as Buffer).toString('utf16le')
        : (value) => decode1252(value as Buffer);
    case 'guid':
      return (value) => value as string;
    case 'date':
      return (value) =>
        style === 112 ? time.dateText(value as number).replaceAll('-', '') : time.dateText(value as number);
    case 'time':
      return (value) => time.timeText(value as number, from.scale);
    case 'offset':
      return (value) => {
        const { offset } = value as OffsetTime;
        const text = moment(time.local(value as OffsetTime), from.scale, style === 126 || style === 127 ? 'T' : ' ');
        return style === 126 ? `${text}${time.offsetText(offset)}` : `${text} ${time.offsetText(offset)}`;
      };
    default:
      return datetimeWriter(from, style);
  }
}

function datetimeWriter(from: SqlType, style: number): (value: Present) => string {
  const old = from.name !== 'datetime2';
  const scale = from.name === 'datetime2' ? from.scale : from.name === 'datetime' ? 3 : 0;
  switch (style) {
    case 0:
    case 100:
      return (value) => (old ? time.shortText(value as bigint) : moment(value as bigint, scale, ' '));
    case 20:
    case 120:
      return (value) => moment(value as bigint, 0, ' ');
    case 21:
    case 25:
    case 121:
      return (value) => moment(value as bigint, scale, ' ');
    case 126:
    case 127:
      return (value) => moment(value as bigint, scale, 'T');
    case 112:
      return (value) => time.dateText(time.daysOf(value as bigint)).replaceAll('-', '');
    default:
      throw sqlError(281, style, from.name);
  }
}

function moment(ticks: bigint, scale: number, between: string): string {
  return `${time.dateText(time.daysOf(ticks))}${between}${time.timeText(time.timeOf(ticks), scale)}`;
}
