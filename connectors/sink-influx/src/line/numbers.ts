import { DataError, type Decimal, decimalToString, formatDecimal, rescaleDecimal } from '@tributary/api';

/** What becomes of decimals: a float where that loses nothing, the nearest float, or text. */
export type DecimalFormat = 'float' | 'rounded' | 'string';

/** @throws DataError for NaN and infinities, which line protocol does not know */
export function floatText(value: number, name: string): string {
  if (!Number.isFinite(value))
    throw new DataError(`The field '${name}' is ${value}, which InfluxDB cannot store: leave it out or make it null`);
  return value === 0 && Object.is(value, -0) ? '-0' : String(value);
}

/** A bigint as a float. @throws DataError if it would be rounded */
export function floatOfBigint(value: bigint, name: string): string {
  const float = Number(value);
  if (!Number.isFinite(float) || BigInt(float) !== value)
    throw new DataError(
      `The field '${name}' is ${value}, which a float would round: name it in fields.integer, fields.unsigned or fields.string`,
    );
  return String(float);
}

/** @throws DataError for fractions, and outside 64 bits */
export function integerText(value: number | bigint, name: string): string {
  if (Number.isSafeInteger(value)) return `${value}i`;
  const big = bigintOf(value, name);
  if (BigInt.asIntN(64, big) !== big)
    throw new DataError(`The field '${name}' is ${big}, outside the 64 bits of InfluxDB's integers`);
  return `${big}i`;
}

/** @throws DataError for fractions, negative numbers, and outside 64 bits */
export function unsignedText(value: number | bigint, name: string): string {
  const big = bigintOf(value, name);
  if (BigInt.asUintN(64, big) !== big)
    throw new DataError(`The field '${name}' is ${big}, outside InfluxDB's unsigned integers of 64 bits`);
  return `${big}u`;
}

function bigintOf(value: number | bigint, name: string): bigint {
  if (typeof value === 'bigint') return value;
  if (!Number.isInteger(value)) throw new DataError(`The field '${name}' is ${value} and was to be an integer`);
  return BigInt(value);
}

/** @throws DataError for a fraction */
export function integerOfDecimal(value: Decimal, name: string): bigint {
  try {
    return rescaleDecimal(value, 0).unscaled;
  } catch {
    throw new DataError(`The field '${name}' is ${formatDecimal(value)} and was to be an integer`);
  }
}

/** @throws DataError if `format` is `float` and digits would be lost */
export function floatOfDecimal(value: Decimal, format: 'float' | 'rounded', name: string): string {
  const number = Number(decimalToString(value));
  if (format === 'float' && !isExactly(number, value))
    throw new DataError(
      `The field '${name}' is ${formatDecimal(value)}, whose digits a float cannot hold: set decimal.format to string or to rounded`,
    );
  return floatText(number, name);
}

/** Whether the shortest text of the float is the decimal, trailing zeros aside: so much of it is read back. */
function isExactly(float: number, { unscaled, scale }: Decimal): boolean {
  const [, sign, whole, fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(float)) ?? [];
  if (whole === undefined) return false;
  const digits = BigInt(`${sign}${whole}${fraction}`);
  const digitsScale = fraction.length - Number(exponent);
  return scale >= digitsScale
    ? unscaled === digits * 10n ** BigInt(scale - digitsScale)
    : unscaled * 10n ** BigInt(digitsScale - scale) === digits;
}
