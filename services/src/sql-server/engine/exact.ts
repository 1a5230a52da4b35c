import { sqlError } from './errors.ts';
import { tenTo } from './numbers.ts';
import { isInteger, type SqlType } from './types.ts';

/** The least and the greatest digits of the exact types that have no precision. */
export const LIMITS: Record<string, readonly [bigint, bigint]> = {
  tinyint: [0n, 255n],
  smallint: [-32768n, 32767n],
  int: [-2147483648n, 2147483647n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
  smallmoney: [-2147483648n, 2147483647n],
  money: [-(2n ** 63n), 2n ** 63n - 1n],
};

/** Checks that digits fit into an exact type. */
export function checkExact(digits: bigint, to: SqlType, from: string): bigint {
  const limits = LIMITS[to.name];
  if (limits) {
    if (digits >= limits[0] && digits <= limits[1]) return digits;
    if (isInteger(to) && (to.name === 'tinyint' || to.name === 'smallint') && from === 'expression') {
      throw sqlError(220, to.name, digits);
    }
    throw sqlError(8115, from, to.name);
  }
  const most = tenTo(to.precision);
  if (digits < most && digits > -most) return digits;
  throw sqlError(8115, from, 'numeric');
}
