import { DataError, type Decimal, decimalToBytes, isDecimal, parseDecimal, rescaleDecimal } from '@tributary/api';
import { Fraction } from '@tributary/api/json';
import { float32ToString } from '@tributary/api/text';
import { type Encode, misfit } from './misfit.ts';

/** A whole number as a number where that is exact, as a bigint beyond; undefined for what is none. */
function wholeOf(value: unknown): number | bigint | undefined {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) ? value : Number.isInteger(value) ? BigInt(value) : undefined;
  if (typeof value === 'bigint') return value;
  const decimal = decimalOf(value);
  if (decimal === undefined) return undefined;
  try {
    return rescaleDecimal(decimal, 0).unscaled;
  } catch {
    return undefined;
  }
}

/** More digits than a number may be padded to: 1e99999 is short to write and long to keep. */
const MOST_DIGITS = 10_000;

function decimalOf(value: unknown): Decimal | undefined {
  if (typeof value === 'string') {
    try {
      return bounded(parseDecimal(value));
    } catch {
      return undefined;
    }
  }
  if (value instanceof Fraction) return bounded(parseDecimal(value.text));
  return isDecimal(value) ? bounded(value) : undefined;
}

const bounded = (decimal: Decimal): Decimal => {
  if (Math.abs(decimal.scale) > MOST_DIGITS) throw new DataError(`it has an exponent beyond ${MOST_DIGITS}`);
  return decimal;
};

/** tinyint, smallint and int. */
export function integer(type: 'tinyint' | 'smallint' | 'int'): Encode {
  const bytes = { tinyint: 1, smallint: 2, int: 4 }[type];
  const limit = 2 ** (8 * bytes - 1);
  return (value) => {
    const whole = typeof value === 'number' ? value : wholeOf(value);
    const number = Number(whole);
    if (whole === undefined || !Number.isInteger(number)) misfit(value, type, 'it is no whole number');
    if (number < -limit || number >= limit) misfit(value, type, `its range is ${-limit} to ${limit - 1}`);
    const buffer = Buffer.allocUnsafe(bytes);
    buffer.writeIntBE(number, 0, bytes);
    return buffer;
  };
}

const HIGH = 2 ** 32;

/** 64 bits of a whole number that is exact as a number. */
export function long(value: number): Buffer {
  const buffer = Buffer.allocUnsafe(8);
  const high = Math.floor(value / HIGH);
  buffer.writeInt32BE(high, 0);
  buffer.writeUInt32BE(value - high * HIGH, 4);
  return buffer;
}

const MIN_LONG = -(2n ** 63n);
const MAX_LONG = 2n ** 63n - 1n;

export const bigint: Encode = (value) => {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return long(value);
  const whole = value instanceof Date ? value.getTime() : wholeOf(value);
  if (whole === undefined || (typeof whole === 'number' && Number.isNaN(whole)))
    return misfit(value, 'bigint', 'it is no whole number');
  const big = BigInt(whole);
  if (big < MIN_LONG || big > MAX_LONG) misfit(value, 'bigint', `its range is ${MIN_LONG} to ${MAX_LONG}`);
  const buffer = Buffer.allocUnsafe(8);
  buffer.writeBigInt64BE(big);
  return buffer;
};

export const varint: Encode = (value) => {
  const whole = wholeOf(value);
  if (whole === undefined) return misfit(value, 'varint', 'it is no whole number');
  return Buffer.from(decimalToBytes({ unscaled: BigInt(whole), scale: 0 }));
};

export const decimal: Encode = (value) => {
  const exact =
    typeof value === 'number'
      ? Number.isFinite(value)
        ? decimalOf(String(value))
        : undefined
      : typeof value === 'bigint'
        ? { unscaled: value, scale: 0 }
        : decimalOf(value);
  if (exact === undefined) return misfit(value, 'decimal', 'it is no number with a decimal notation');
  const scale = Buffer.allocUnsafe(4);
  scale.writeInt32BE(exact.scale);
  return Buffer.concat([scale, decimalToBytes(exact)]);
};

export const double: Encode = (value) => {
  const buffer = Buffer.allocUnsafe(8);
  buffer.writeDoubleBE(typeof value === 'number' ? value : doubleOf(value, 'double'));
  return buffer;
};

export const float: Encode = (value) => {
  const number = typeof value === 'number' ? value : doubleOf(value, 'float');
  const nearest = Math.fround(number);
  // 0.1 is not exact in either, and stays 0.1.
  if (nearest !== number && !Number.isNaN(number) && Number(float32ToString(nearest)) !== number)
    misfit(value, 'float', 'it has more digits than a float keeps; make the column a double or a decimal');
  const buffer = Buffer.allocUnsafe(4);
  buffer.writeFloatBE(nearest);
  return buffer;
};

const NOT_FINITE: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** The number that has the same digits; of JSON, whose fractions are doubles, the nearest one. */
function doubleOf(value: unknown, type: string): number {
  if (value instanceof Fraction) return value.toNumber();
  if (typeof value === 'string' && Object.hasOwn(NOT_FINITE, value)) return NOT_FINITE[value]!;
  const exact = typeof value === 'bigint' ? { unscaled: value, scale: 0 } : decimalOf(value);
  if (exact === undefined) return misfit(value, type, 'it is no number');
  const number = Number(`${exact.unscaled}e${-exact.scale}`);
  if (!Number.isFinite(number) || !sameDecimal(parseDecimal(String(number)), exact))
    misfit(value, type, `it has more digits than a ${type} keeps; make the column a decimal`);
  return number;
}

function sameDecimal(a: Decimal, b: Decimal): boolean {
  const scale = Math.max(a.scale, b.scale);
  return rescaleDecimal(a, scale).unscaled === rescaleDecimal(b, scale).unscaled;
}
