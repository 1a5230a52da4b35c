import type { Decimal } from '../decimal.ts';
import { DataError } from '../errors.ts';

/** A binary format: bits of the significand, and the exponent of the smallest subnormal. */
interface BinaryFormat {
  readonly precision: number;
  readonly minExponent: number;
}
const FLOAT32: BinaryFormat = { precision: 24, minExponent: -149 };
const FLOAT64: BinaryFormat = { precision: 53, minExponent: -1074 };

const bitLength = (value: bigint): number => value.toString(2).length;

/** Divides positive numbers and rounds to the nearest of the format, halves to the even one. */
function roundQuotient(numerator: bigint, denominator: bigint, { precision, minExponent }: BinaryFormat): number {
  if (numerator === 0n) return 0;
  let exponent = Math.max(bitLength(numerator) - bitLength(denominator) - precision, minExponent);
  for (;;) {
    const over = exponent < 0 ? numerator << BigInt(-exponent) : numerator;
    const under = exponent > 0 ? denominator << BigInt(exponent) : denominator;
    let quotient = over / under;
    if (bitLength(quotient) > precision) {
      exponent++;
      continue;
    }
    const twice = (over % under) * 2n;
    if (twice > under || (twice === under && quotient % 2n === 1n)) quotient++;
    return Number(quotient) * 2 ** exponent;
  }
}

/** Decimal digits whose place is beyond this are nought or infinite in either format. */
const MAX_PLACE = 400;

/** The nearest float32 of a decimal number, in one rounding (going through a float64 would round twice). */
export function decimalToFloat32({ unscaled, scale }: Decimal): number {
  const size = unscaled < 0n ? -unscaled : unscaled;
  const place = String(size).length - scale;
  const rounded =
    place > MAX_PLACE
      ? Number.POSITIVE_INFINITY
      : place < -MAX_PLACE
        ? 0
        : // Infinite from 2^128 on.
          Math.fround(
            scale > 0
              ? roundQuotient(size, 10n ** BigInt(scale), FLOAT32)
              : roundQuotient(size * 10n ** BigInt(-scale), 1n, FLOAT32),
          );
  return unscaled < 0n ? -rounded : rounded;
}

/** The nearest float32 of an integer of any size. */
export function integerToFloat32(value: number | bigint): number {
  return typeof value === 'number' ? Math.fround(value) : decimalToFloat32({ unscaled: value, scale: 0 });
}

const bits = new DataView(new ArrayBuffer(8));

/** Whether rounding a float64 to float32 could go the wrong way because the float64 was rounded itself. */
function isHalfway(value: number): boolean {
  bits.setFloat64(0, value);
  return Math.abs(value) < 2 ** -126 || (bits.getUint32(4) & 0x1fffffff) === 0x10000000;
}

const DECIMAL = /^([+-]?)(?:(\d+)\.?(\d*)|\.(\d+))(?:[eE]([+-]?\d+))?[fFdD]?$/;
const HEX = /^([+-]?)0[xX](?:([\da-fA-F]+)\.?([\da-fA-F]*)|\.([\da-fA-F]+))[pP]([+-]?\d+)[fFdD]?$/;
const SPECIAL = /^([+-]?)(NaN|Infinity)$/;

/** Without the text, which is a record's and none of the log's. */
const notANumber = (text: string): DataError =>
  new DataError(`text of ${text.length} characters is not a number of the type`);

function parseHex(match: RegExpExecArray, format: BinaryFormat): number {
  const fraction = match[3] || match[4] || '';
  const significand = BigInt(`0x${match[2] ?? ''}${fraction}`);
  const exponent = Number(match[5]) - 4 * fraction.length;
  const place = bitLength(significand) + exponent;
  const size =
    significand === 0n || place < -1200
      ? 0
      : place > 1200
        ? Number.POSITIVE_INFINITY
        : exponent >= 0
          ? roundQuotient(significand << BigInt(exponent), 1n, format)
          : roundQuotient(significand, 1n << BigInt(-exponent), format);
  return match[1] === '-' ? -size : size;
}

/** Java trims what is not above a space; other white space counts. */
const trimmed = (text: string): string => text.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '');

function parseFloating(text: string, format: BinaryFormat, decimal: (match: RegExpExecArray, value: number) => number) {
  const input = trimmed(text);
  const match = DECIMAL.exec(input);
  if (match) return decimal(match, Number(input.replace(/[fFdD]$/, '')));
  const special = SPECIAL.exec(input);
  if (special) return Number(special[2]) * (special[1] === '-' ? -1 : 1);
  const hex = HEX.exec(input);
  if (hex) return parseHex(hex, format);
  throw notANumber(input);
}

/** Reads a number as java.lang.Double.parseDouble: white space around it, `1e3`, `1d`, `0x1p3`, `NaN`, `-Infinity`. @throws DataError */
export function parseFloat64(text: string): number {
  return parseFloating(text, FLOAT64, (_match, value) => value);
}

/** Reads a number as java.lang.Float.parseFloat; see {@link parseFloat64}. @throws DataError */
export function parseFloat32(text: string): number {
  const value = parseFloating(text, FLOAT32, ([, sign, whole = '', behind, only, exponent = '0'], nearest) => {
    if (!isHalfway(nearest) || Math.abs(Number(exponent)) > 100_000) return Math.fround(nearest);
    const fraction = behind || only || '';
    const size = decimalToFloat32({
      unscaled: BigInt(whole + fraction),
      scale: fraction.length - Number(exponent),
    });
    return sign === '-' ? -size : size;
  });
  return Math.fround(value);
}

/** The value of a decimal digit of any script: those of one script are ten in a row. */
function digitOf(char: string): number {
  const code = char.charCodeAt(0);
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  let place = 0;
  while (/\p{Nd}/u.test(String.fromCharCode(code - place - 1))) place++;
  return place % 10;
}

/** Digits of any script as ASCII ones, which JavaScript's own functions ask for. */
export const asciiDigits = (text: string): string =>
  /[^\0-\x7f]/.test(text)
    ? text.replace(/(?![\d\u{10000}-\u{10ffff}])\p{Nd}/gu, (digit) => String(digitOf(digit)))
    : text;

const INTEGER = /^[+-]?\p{Nd}+$/u;

/**
 * Reads an integer as java.lang.Long.parseLong and its kin: a sign, digits (of any script), and nothing else.
 * @param bits its size: 8, 16, 32 or 64
 * @throws DataError for another text, and for a number that does not fit
 */
export function parseInteger(text: string, size: 8 | 16 | 32 | 64): bigint {
  // Digits beyond the basic plane are two chars each, which Java's parser does not join.
  if (!INTEGER.test(text) || /[\ud800-\udfff]/.test(text)) throw notANumber(text);
  const value = BigInt(asciiDigits(text).replace('+', ''));
  if (BigInt.asIntN(size, value) !== value) throw notANumber(text);
  return value;
}

/** A float64 as a 32-bit integer by Java's cast: cut off, saturated, 0 for NaN. */
export function toInt32(value: number): number {
  return Number.isNaN(value) ? 0 : Math.trunc(Math.min(Math.max(value, -(2 ** 31)), 2 ** 31 - 1)) + 0;
}

/** A float64 as a 64-bit integer by Java's cast: cut off, saturated, 0 for NaN. */
export function toInt64(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value >= 2 ** 63) return 2n ** 63n - 1n;
  return value <= -(2 ** 63) ? -(2n ** 63n) : BigInt(Math.trunc(value));
}
