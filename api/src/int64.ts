/** A 64-bit integer: a number where that is exact (up to 2^53 - 1 either way), a bigint beyond. */
export type Int64 = number | bigint;

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

/** Brings an integer to the canonical form: a number if it is safe, a bigint otherwise. @throws RangeError outside 64 bits or for a fraction */
export function int64(value: number | bigint | string): Int64 {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  const big = BigInt(value);
  if (big < MIN || big > MAX) throw new RangeError(`${value} does not fit in 64 bits`);
  const number = Number(big);
  return Number.isSafeInteger(number) ? number : big;
}

/** Whether the value is an integer that fits in 64 bits, in either form. */
export function isInt64(value: unknown): value is Int64 {
  return typeof value === 'bigint' ? value >= MIN && value <= MAX : Number.isSafeInteger(value);
}

/** Orders two 64-bit integers of either form. */
export function compareInt64(a: Int64, b: Int64): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0;
}
