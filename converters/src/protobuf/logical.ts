import {
  DataError,
  type Decimal,
  dateToInteger,
  decimalFromBytes,
  decimalToBytes,
  rescaleDecimal,
} from '@tributary/api';
import type protobuf from 'protobufjs';
import { fromBits, toBits } from './int64.ts';

const MILLIS_PER_SECOND = 1000;
const NANOS_PER_MILLI = 1_000_000;
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;

const tag = (number: number, wireType: number): number => (number << 3) | wireType;

/** Writes the fields of a message that stands for a logical type. */
export type WriteLogical<T> = (writer: protobuf.Writer, value: T) => void;

function number(writer: protobuf.Writer, field: number, value: number): void {
  if (value !== 0) writer.uint32(tag(field, 0)).int32(value);
}

/** confluent.type.Decimal */
export const writeDecimal: WriteLogical<Decimal> = (writer, value) => {
  const digits = (value.unscaled < 0n ? -value.unscaled : value.unscaled).toString().length;
  writer.uint32(tag(1, 2)).bytes(decimalToBytes(value));
  number(writer, 2, digits);
  number(writer, 3, value.scale);
};

/** google.type.Date. @throws DataError for a time of day, and for years that the type has not */
export const writeDate: WriteLogical<Date> = (writer, value) => {
  dateToInteger('Date', value);
  const year = value.getUTCFullYear();
  if (year < 1 || year > 9999) throw new DataError(`The year ${year} is beyond those of google.type.Date (1 to 9999)`);
  number(writer, 1, year);
  number(writer, 2, value.getUTCMonth() + 1);
  number(writer, 3, value.getUTCDate());
};

/** google.type.TimeOfDay. @throws DataError for what is no time of day */
export const writeTime: WriteLogical<Date> = (writer, value) => {
  dateToInteger('Time', value);
  number(writer, 1, value.getUTCHours());
  number(writer, 2, value.getUTCMinutes());
  number(writer, 3, value.getUTCSeconds());
  number(writer, 4, value.getUTCMilliseconds() * NANOS_PER_MILLI);
};

/** google.protobuf.Timestamp. @throws DataError for years that the type has not */
export const writeTimestamp: WriteLogical<Date> = (writer, value) => {
  const millis = value.getTime();
  const seconds = Math.floor(millis / MILLIS_PER_SECOND);
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND)
    throw new DataError(`${value.toISOString()} is beyond the years of google.protobuf.Timestamp (1 to 9999)`);
  if (seconds !== 0) writer.uint32(tag(1, 0)).int64(toBits(seconds) as unknown as number);
  number(writer, 2, (millis - seconds * MILLIS_PER_SECOND) * NANOS_PER_MILLI);
};

/** The numbers of a message by the numbers of their fields; bytes are passed over. */
function numbers(reader: protobuf.Reader, end: number, bytes?: (value: Uint8Array) => void): number[] {
  const found: number[] = [0, 0, 0, 0, 0];
  while (reader.pos < end) {
    const key = reader.uint32();
    const field = key >>> 3;
    if ((key & 7) === 2 && field === 1 && bytes) bytes(reader.bytes());
    else if ((key & 7) === 0 && field <= 4) found[field] = Number(fromBits(reader.int64() as never));
    else reader.skipType(key & 7);
  }
  return found;
}

export function readDecimal(reader: protobuf.Reader, end: number, scale: number): Decimal {
  let unscaled: Uint8Array = new Uint8Array(1);
  const [, , , own = 0] = numbers(reader, end, (value) => {
    if (value.length > 0) unscaled = value;
  });
  const value = decimalFromBytes(unscaled, own | 0);
  return value.scale < scale || value.unscaled % 10n ** BigInt(value.scale - scale) === 0n
    ? rescaleDecimal(value, scale)
    : value;
}

/** @throws DataError for a date that is not in the calendar */
export function readDate(reader: protobuf.Reader, end: number): Date {
  const [, year = 0, month = 0, day = 0] = numbers(reader, end);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCFullYear() !== year || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day)
    throw new DataError(`Year ${year}, month ${month}, day ${day} is no date`);
  return date;
}

/** To the millisecond. @throws DataError for a time that is not in a day */
export function readTime(reader: protobuf.Reader, end: number): Date {
  const [, hours = 0, minutes = 0, seconds = 0, nanos = 0] = numbers(reader, end);
  const fits = (value: number, limit: number): boolean => value >= 0 && value < limit;
  if (!(fits(hours, 24) && fits(minutes, 60) && fits(seconds, 60) && fits(nanos, 1e9)))
    throw new DataError(`${hours}:${minutes}:${seconds} and ${nanos} ns is no time of day`);
  return new Date(((hours * 60 + minutes) * 60 + seconds) * MILLIS_PER_SECOND + Math.trunc(nanos / NANOS_PER_MILLI));
}

/** To the millisecond. @throws DataError for years that a Date has not */
export function readTimestamp(reader: protobuf.Reader, end: number): Date {
  const [, seconds = 0, nanos = 0] = numbers(reader, end);
  const date = new Date(seconds * MILLIS_PER_SECOND + Math.trunc(nanos / NANOS_PER_MILLI));
  if (Number.isNaN(date.getTime()))
    throw new DataError(`${seconds} seconds since 1970 are beyond what a Date can hold`);
  return date;
}
