import { DataError, type Decimal, formatDecimal, isDecimal, parseDecimal, rescaleDecimal } from '@tributary/api';
import type { Column } from '../table/info.ts';
import { misfit } from './misfit.ts';

type Convert<T> = (value: unknown) => T;

const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  tinyint: [0n, 255n],
  smallint: [-(2n ** 15n), 2n ** 15n - 1n],
  int: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
};
const INTEGER = /^\s*[+-]?\d{1,40}\s*$/;

/** A whole number of any form: an int64 in either of its forms, text of digits, a decimal or a double without a fraction, a boolean as 0 or 1. */
export function integer(column: Column): Convert<number | bigint> {
  const [min, max] = RANGES[column.type]!;
  const [low, high] = [Number(min), Number(max)];
  const large = column.type === 'bigint';
  return (value) => {
    // Beyond 2^53 the bounds, too, are rounded.
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= low && value <= high) return value;
    const whole = wholeOf(value);
    if (whole === undefined) throw misfit(column, value, 'is not a whole number');
    if (whole < min || whole > max) throw misfit(column, value, `is out of range, which is ${min} to ${max}`);
    return large ? whole : Number(whole);
  };
}

function wholeOf(value: unknown): bigint | undefined {
  switch (typeof value) {
    case 'bigint':
      return value;
    case 'number':
      return Number.isInteger(value) ? BigInt(value) : undefined;
    case 'boolean':
      return value ? 1n : 0n;
    case 'string':
      return INTEGER.test(value) ? BigInt(value.trim().replace(/^\+/, '')) : undefined;
  }
  return isDecimal(value) ? rescaled(value, 0)?.unscaled : undefined;
}

function rescaled(value: Decimal, scale: number): Decimal | undefined {
  try {
    return rescaleDecimal(value, scale);
  } catch {
    return undefined;
  }
}

/** The digits before and behind the point of the types of money, which are decimals to us. */
const MONEY: Readonly<Record<string, { readonly limit: bigint; readonly scale: number }>> = {
  money: { limit: 2n ** 63n - 1n, scale: 4 },
  smallmoney: { limit: 2n ** 31n - 1n, scale: 4 },
};

/**
 * Text with exactly the digits of the column, for a CAST on the server: the driver sends decimals by way of a double. A double is
 * rounded to the scale of the column, as it never was exact; a decimal that does not fit is refused.
 */
export function decimal(column: Column): Convert<string> {
  const { limit, scale } = MONEY[column.type] ?? { limit: 10n ** BigInt(column.precision) - 1n, scale: column.scale };
  return (value) => {
    const exact = decimalOf(value);
    if (exact === undefined) throw misfit(column, value, 'is not a number');
    const fitting = typeof value === 'number' ? rounded(exact, scale) : rescaled(exact, scale);
    if (fitting === undefined)
      throw misfit(
        column,
        value,
        `has more than ${scale} digits behind the point, which would be lost; widen the column`,
      );
    if (fitting.unscaled > limit || fitting.unscaled < -limit) throw misfit(column, value, 'is out of range');
    return formatDecimal(fitting);
  };
}

function decimalOf(value: unknown): Decimal | undefined {
  switch (typeof value) {
    case 'bigint':
      return { unscaled: value, scale: 0 };
    case 'number':
      return Number.isFinite(value) ? parseDecimal(String(value)) : undefined;
    case 'string':
      return parsed(value);
  }
  return isDecimal(value) ? value : undefined;
}

function parsed(text: string): Decimal | undefined {
  try {
    const value = parseDecimal(text);
    // What would have thousands of digits fits nowhere, and is not worth writing out.
    return Math.abs(value.scale) > 1000 ? undefined : value;
  } catch (error) {
    if (error instanceof DataError) return undefined;
    throw error;
  }
}

/** Half away from zero, as SQL Server rounds. */
function rounded(value: Decimal, scale: number): Decimal {
  if (value.scale <= scale) return rescaleDecimal(value, scale);
  const factor = 10n ** BigInt(value.scale - scale);
  const half = value.unscaled < 0n ? -(factor / 2n) : factor / 2n;
  return { unscaled: (value.unscaled + half) / factor, scale };
}

/** A double, or what is one to SQL Server. Infinity and NaN it does not have. */
export function float(column: Column): Convert<number> {
  const single = column.type === 'real';
  return (value) => {
    const number = doubleOf(value);
    if (number === undefined) throw misfit(column, value, 'is not a number');
    const stored = single ? Math.fround(number) : number;
    if (!Number.isFinite(stored)) throw misfit(column, value, 'is out of range: the column holds finite numbers only');
    if (typeof value === 'bigint' && BigInt(stored) !== value)
      throw misfit(column, value, 'would lose digits; make the column bigint or decimal');
    return stored;
  };
}

function doubleOf(value: unknown): number | undefined {
  switch (typeof value) {
    case 'number':
      return value;
    case 'bigint':
      return Number(value);
    case 'string':
      return parsed(value) ? Number(value) : undefined;
  }
  return isDecimal(value) ? Number(formatDecimal(value)) : undefined;
}

const TRUE = /^\s*(?:true|1)\s*$/i;
const FALSE = /^\s*(?:false|0)\s*$/i;

/** `true`, 1, or either as text; nothing else, though SQL Server takes any number for true. */
export function bit(column: Column): Convert<boolean> {
  return (value) => {
    if (typeof value === 'boolean') return value;
    if (value === 1 || value === 1n || (typeof value === 'string' && TRUE.test(value))) return true;
    if (value === 0 || value === 0n || (typeof value === 'string' && FALSE.test(value))) return false;
    throw misfit(column, value, 'is neither true nor false');
  };
}
