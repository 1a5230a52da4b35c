import type { Int64 } from '@tributary/api';

/** 64 bits as protobufjs has them. */
export interface Bits {
  readonly low: number;
  readonly high: number;
}

/** The signed integer that 64 bits are, as Java reads them whether they have a sign or not. */
export function fromBits(bits: Bits | number): Int64 {
  if (typeof bits === 'number') return bits;
  const low = bits.low >>> 0;
  const high = bits.high | 0;
  const number = high * 2 ** 32 + low;
  return Number.isSafeInteger(number) ? number : (BigInt(high) << 32n) | BigInt(low);
}

/** The bits of a 64-bit integer, for protobufjs, which takes what has these properties for its own. */
export function toBits(value: Int64): Bits & { readonly unsigned: boolean } {
  if (typeof value === 'bigint') {
    return { low: Number(BigInt.asIntN(32, value)), high: Number(BigInt.asIntN(32, value >> 32n)), unsigned: false };
  }
  return { low: value | 0, high: Math.floor(value / 2 ** 32) | 0, unsigned: false };
}
