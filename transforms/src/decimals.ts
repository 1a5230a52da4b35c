import type { Decimal } from '@tributary/api';

/**
 * A decimal number without its fraction. What has no bits below 2^64 counts as 0, since integers keep the low bits alone; that way an
 * exponent of any size is no work.
 */
export function integerOf({ unscaled, scale }: Decimal): bigint {
  if (scale <= -64) return 0n;
  return scale <= 0 ? unscaled * 10n ** BigInt(-scale) : unscaled / 10n ** BigInt(scale);
}
