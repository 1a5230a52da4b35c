import { sqlError } from './errors.ts';
import * as time from './time.ts';
import { family, type SqlType, type SqlValue } from './types.ts';

/** Days from 0001-01-01 to 1753-01-01, where a datetime begins, and to the last day of all. */
const FIRST_DATETIME = 639_905;
const LAST = 3_652_058;

/** Gives local time the form of a type of date or time. */
export function fitTime(to: SqlType, from: SqlType): (ticks: bigint, offset: number) => SqlValue {
  const checked = (ticks: bigint, first: number, last: number): bigint => {
    const days = time.daysOf(ticks);
    if (days >= first && days <= last && time.inRange(days)) return ticks;
    throw family(from) === 'text' || from.name === 'datetime2'
      ? sqlError(242, from.name, to.name)
      : sqlError(8115, 'expression', to.name);
  };
  switch (to.name) {
    case 'date':
      return (ticks) => time.daysOf(ticks);
    case 'time':
      return (ticks) => time.timeOf(time.roundTicks(BigInt(time.timeOf(ticks)), to.scale));
    case 'datetime':
      return (ticks) => checked(time.roundToDatetime(ticks), FIRST_DATETIME, LAST);
    case 'smalldatetime':
      return (ticks) => checked(time.roundToMinute(ticks), time.DAYS_TO_1900, time.DAYS_TO_1900 + 65_535);
    case 'datetimeoffset':
      return (ticks, offset) => time.utcOf(checked(time.roundTicks(ticks, to.scale), 0, LAST), offset);
    default:
      return (ticks) => checked(time.roundTicks(ticks, to.scale), 0, LAST);
  }
}
