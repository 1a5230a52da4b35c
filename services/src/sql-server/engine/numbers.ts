/** Exact decimal arithmetic on bigints with a scale. */

export const tenTo = (power: number): bigint => POWERS[power] ?? 10n ** BigInt(power);
const POWERS = Array.from({ length: 80 }, (_, power) => 10n ** BigInt(power));

/** Integer division that rounds half away from zero. */
export function divideRounded(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  const rest = value % by;
  const twice = (rest < 0n ? -rest : rest) * 2n;
  if (twice < (by < 0n ? -by : by)) return quotient;
  return value < 0n === by < 0n ? quotient + 1n : quotient - 1n;
}

/** The digits at another scale, rounded half away from zero. */
export function rescale(digits: bigint, from: number, to: number): bigint {
  if (to >= from) return digits * tenTo(to - from);
  return divideRounded(digits, tenTo(from - to));
}

/** As text, with all digits of the scale. */
export function decimalText(digits: bigint, scale: number): string {
  if (scale === 0) return String(digits);
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  return `${digits < 0n ? '-' : ''}${text.slice(0, -scale)}.${text.slice(-scale)}`;
}

/** Digits and scale of a plain decimal number; null if it is none. An exponent makes it none, as for SQL Server. */
export function parseDecimal(text: string): { digits: bigint; scale: number } | null {
  const match = /^([+-]?)([0-9]*)(?:\.([0-9]*))?$/.exec(text);
  if (!match) return null;
  const [, sign = '', whole = '', fraction = ''] = match;
  if (whole === '' && fraction === '') return null;
  const digits = BigInt(whole + fraction);
  return { digits: sign === '-' ? -digits : digits, scale: fraction.length };
}

/** The digits of a double at that scale, exactly rounded from its binary value. */
export function exactOfDouble(value: number, scale: number): bigint {
  if (Number.isInteger(value)) return BigInt(value) * tenTo(scale);
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponent = Number((bits >> 52n) & 0x7ffn);
  const fraction = (bits & 0xfffffffffffffn) | (exponent === 0 ? 0n : 1n << 52n);
  const shift = Math.max(exponent, 1) - 1075;
  const scaled = fraction * tenTo(scale);
  const magnitude = shift >= 0 ? scaled << BigInt(shift) : divideRounded(scaled, 1n << BigInt(-shift));
  return value < 0 ? -magnitude : magnitude;
}

/** A float as CONVERT writes it: six digits, or with styles 1, 2 and 3 eight, sixteen and all. */
export function floatText(value: number, style: number): string {
  if (style === 1 || style === 2) return exponent(value.toExponential(style === 1 ? 7 : 15));
  if (style === 3) return exponent(String(value));
  const short = Number(value.toPrecision(6));
  const magnitude = Math.abs(short);
  if (short !== 0 && (magnitude >= 1e6 || magnitude < 1e-4)) {
    return exponent(short.toExponential().replace(/\.?0+e/, 'e'));
  }
  return String(short);
}

/** An exponent of three digits. */
const exponent = (text: string): string =>
  text.replace(/e([+-])(\d+)$/, (_, sign: string, digits: string) => `e${sign}${digits.padStart(3, '0')}`);
