import { guidOfBytes, guidToBytes } from '../engine/guid.ts';
import { tenTo } from '../engine/numbers.ts';
import { decode1252, encode1252 } from '../engine/text.ts';
import * as time from '../engine/time.ts';
import { family, isUnicode, type OffsetTime, type SqlType, type SqlValue, traits } from '../engine/types.ts';
import type { Reader, Writer } from './bytes.ts';
import { decimalBytes, inChunks, timeBytes, type WireType } from './type-info.ts';

const NULL_LENGTH = 0xffff;
const NULL_CHUNKS = 0xffffffffffffffffn;

/** Reads a value of that type. */
export function readValue(from: Reader, { type, form, size }: WireType): SqlValue {
  switch (form) {
    case 'none':
      return null;
    case 'fixed':
      return scalar(from, type, size);
    case 'byte': {
      const length = from.u8();
      return length === 0 ? null : scalar(from, type, length);
    }
    case 'short': {
      const length = from.u16();
      return length === NULL_LENGTH ? null : bytesValue(from.bytes(length), type);
    }
    case 'pointer': {
      const pointer = from.u8();
      if (pointer === 0) return null;
      from.bytes(pointer + 8);
      return bytesValue(from.bytes(from.u32()), type);
    }
    case 'chunks': {
      const total = from.u64();
      if (total === NULL_CHUNKS) return null;
      const chunks: Buffer[] = [];
      for (let length = from.u32(); length > 0; length = from.u32()) chunks.push(from.bytes(length));
      return bytesValue(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks), type);
    }
  }
}

function bytesValue(bytes: Buffer, type: SqlType): SqlValue {
  if (family(type) === 'binary') return Buffer.from(bytes);
  return isUnicode(type) ? bytes.toString('utf16le') : decode1252(bytes);
}

function scalar(from: Reader, type: SqlType, length: number): SqlValue {
  switch (type.name) {
    case 'bit':
      return from.u8() === 0 ? 0n : 1n;
    case 'tinyint':
      return BigInt(from.u8());
    case 'smallint':
      return BigInt(from.i16());
    case 'int':
      return BigInt(from.i32());
    case 'bigint':
      return from.i64();
    case 'real':
      return from.f32();
    case 'float':
      return from.f64();
    case 'smallmoney':
      return BigInt(from.i32());
    case 'money': {
      const high = BigInt(from.i32());
      return (high << 32n) + BigInt(from.u32());
    }
    case 'decimal':
    case 'numeric':
      return readDecimal(from, length);
    case 'uniqueidentifier':
      return guidOfBytes(from.bytes(16));
    case 'date':
      return from.uint(3);
    case 'time':
      return readTime(from, type.scale, length);
    case 'datetime': {
      const days = from.i32();
      return time.ticksOf(days + time.DAYS_TO_1900, 0) + time.ticksOfThreeHundredths(BigInt(from.u32()));
    }
    case 'smalldatetime': {
      const days = from.u16();
      return time.ticksOf(days + time.DAYS_TO_1900, from.u16() * 600_000_000);
    }
    case 'datetime2': {
      const ticks = readTime(from, type.scale, length - 3);
      return time.ticksOf(from.uint(3), ticks);
    }
    default: {
      const ticks = readTime(from, type.scale, length - 5);
      return { ticks: time.ticksOf(from.uint(3), ticks), offset: from.i16() };
    }
  }
}

const readTime = (from: Reader, scale: number, length: number): number => from.uint(length) * 10 ** (7 - scale);

function readDecimal(from: Reader, length: number): bigint {
  const positive = from.u8() === 1;
  let digits = 0n;
  const bytes = from.bytes(length - 1);
  for (let at = bytes.length - 1; at >= 0; at--) digits = (digits << 8n) | BigInt(bytes[at]!);
  return positive ? digits : -digits;
}

/** Writes a value of a type that {@link writeTypeInfo} has announced. */
export function writeValue(to: Writer, type: SqlType, value: SqlValue): void {
  const kind = family(type);
  if (kind === 'text' || kind === 'binary') {
    writeBytes(to, type, value as string | Buffer | null);
    return;
  }
  if (value === null) {
    to.u8(0);
    return;
  }
  switch (type.name) {
    case 'bit':
    case 'tinyint':
    case 'smallint':
    case 'int':
    case 'bigint':
    case 'smallmoney':
      writeInteger(to, type, value as bigint);
      return;
    case 'real':
      to.u8(4).f32(value as number);
      return;
    case 'float':
      to.u8(8).f64(value as number);
      return;
    case 'money':
      to.u8(8)
        .i32(Number((value as bigint) >> 32n))
        .u32(Number((value as bigint) & 0xffffffffn));
      return;
    case 'decimal':
    case 'numeric':
      writeDecimal(to, type.precision, value as bigint);
      return;
    case 'uniqueidentifier':
      to.u8(16).bytes(guidToBytes(value as string));
      return;
    case 'date':
      to.u8(3).uint(value as number, 3);
      return;
    case 'time':
      to.u8(timeBytes(type.scale));
      writeTime(to, type.scale, value as number);
      return;
    case 'datetimeoffset':
      to.u8(timeBytes(type.scale) + 5);
      writeMoment(to, type.scale, (value as OffsetTime).ticks);
      to.i16((value as OffsetTime).offset);
      return;
    case 'datetime2':
      to.u8(timeBytes(type.scale) + 3);
      writeMoment(to, type.scale, value as bigint);
      return;
    default:
      writeOldTime(to, type, value as bigint);
  }
}

function writeInteger(to: Writer, type: SqlType, value: bigint): void {
  const size = type.name === 'bit' ? 1 : type.name === 'smallmoney' ? 4 : traits(type).bytes!;
  to.u8(size);
  if (size === 8) to.i64(value);
  else if (size === 1) to.u8(Number(value));
  else if (size === 2) to.i16(Number(value));
  else to.i32(Number(value));
}

function writeDecimal(to: Writer, precision: number, value: bigint): void {
  const size = decimalBytes(precision);
  let digits = value < 0n ? -value : value;
  if (digits >= tenTo(38)) throw new RangeError(`${value} has more than 38 digits.`);
  to.u8(size).u8(value < 0n ? 0 : 1);
  for (let at = 1; at < size; at++) {
    to.u8(Number(digits & 0xffn));
    digits >>= 8n;
  }
}

const writeTime = (to: Writer, scale: number, ticks: number): void => {
  to.uint(Math.floor(ticks / 10 ** (7 - scale)), timeBytes(scale));
};

function writeMoment(to: Writer, scale: number, ticks: bigint): void {
  writeTime(to, scale, time.timeOf(ticks));
  to.uint(time.daysOf(ticks), 3);
}

function writeOldTime(to: Writer, type: SqlType, ticks: bigint): void {
  const days = time.daysOf(ticks) - time.DAYS_TO_1900;
  const inDay = time.timeOf(ticks);
  if (type.name === 'smalldatetime')
    to.u8(4)
      .u16(days)
      .u16(Math.round(inDay / 600_000_000));
  else
    to.u8(8)
      .i32(days)
      .u32(Number(time.threeHundredthsOf(BigInt(inDay))));
}

function writeBytes(to: Writer, type: SqlType, value: string | Buffer | null): void {
  const chunks = inChunks(type);
  if (value === null) {
    if (chunks) to.i64(-1n);
    else to.u16(NULL_LENGTH);
    return;
  }
  const bytes = typeof value !== 'string' ? value : isUnicode(type) ? Buffer.from(value, 'utf16le') : encode1252(value);
  if (!chunks) {
    to.u16(bytes.length).bytes(bytes);
    return;
  }
  to.i64(BigInt(bytes.length));
  if (bytes.length > 0) to.u32(bytes.length).bytes(bytes);
  to.u32(0);
}
