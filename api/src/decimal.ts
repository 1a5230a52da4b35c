import { DataError } from './errors.ts';

/** An exact decimal number, `unscaled * 10^-scale`. Plain data, so that it can cross a thread. */
export interface Decimal {
  readonly unscaled: bigint;
  /** Digits behind the decimal point; negative for multiples of a power of ten. */
  readonly scale: number;
}

export function isDecimal(value: unknown): value is Decimal {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Decimal).unscaled === 'bigint' &&
    typeof (value as Decimal).scale === 'number'
  );
}

const TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** Parses `12.50`, `-3`, `1.2e-7` without going through a double. @throws DataError for anything else */
export function parseDecimal(text: string): Decimal {
  const match = TEXT.exec(text.trim());
  const digits = match ? `${match[2]}${match[3] ?? ''}` : '';
  if (!match || digits === '') throw new DataError(`'${text}' is not a decimal number`);
  const exponent = Number(match[4] ?? 0);
  if (Math.abs(exponent) > 100_000) throw new DataError(`The exponent of '${text}' is out of range`);
  const unscaled = BigInt(digits);
  return { unscaled: match[1] === '-' ? -unscaled : unscaled, scale: (match[3]?.length ?? 0) - exponent };
}

/** Plain notation with exactly `scale` digits behind the point (`1.50`). */
export function formatDecimal({ unscaled, scale }: Decimal): string {
  const sign = unscaled < 0n ? '-' : '';
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString();
  if (scale <= 0) return sign + (unscaled === 0n ? '0' : digits + '0'.repeat(-scale));
  const padded = digits.padStart(scale + 1, '0');
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

/** Canonical notation: plain, or with an exponent where plain would pad with zeros (`1E-7`, `5E+2`); as java.math.BigDecimal.toString. */
export function decimalToString({ unscaled, scale }: Decimal): string {
  const sign = unscaled < 0n ? '-' : '';
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString();
  const exponent = digits.length - 1 - scale;
  if (scale >= 0 && exponent >= -6) return formatDecimal({ unscaled, scale });
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : '';
  return `${sign}${digits[0]}${fraction}E${exponent >= 0 ? '+' : ''}${exponent}`;
}

/** The same number with another scale. @throws DataError if digits would be lost */
export function rescaleDecimal(value: Decimal, scale: number): Decimal {
  if (scale === value.scale) return value;
  if (scale > value.scale) return { unscaled: value.unscaled * 10n ** BigInt(scale - value.scale), scale };
  const factor = 10n ** BigInt(value.scale - scale);
  if (value.unscaled % factor !== 0n) throw new DataError(`${formatDecimal(value)} does not fit scale ${scale}`);
  return { unscaled: value.unscaled / factor, scale };
}

/** Big-endian two's complement of the unscaled value in as few bytes as possible, as java.math.BigInteger.toByteArray. */
export function decimalToBytes({ unscaled }: Decimal): Uint8Array {
  let length = 1;
  while (BigInt.asIntN(length * 8, unscaled) !== unscaled) length++;
  const bytes = new Uint8Array(length);
  let rest = BigInt.asUintN(length * 8, unscaled);
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

/** The reverse of {@link decimalToBytes}. @throws DataError for no bytes */
export function decimalFromBytes(bytes: Uint8Array, scale: number): Decimal {
  if (bytes.length === 0) throw new DataError('A decimal needs at least one byte');
  let unscaled = 0n;
  for (const byte of bytes) unscaled = (unscaled << 8n) | BigInt(byte);
  return { unscaled: BigInt.asIntN(bytes.length * 8, unscaled), scale };
}
