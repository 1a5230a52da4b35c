import { Fraction } from '@tributary/api/json';

/** What a feed counts its times in; `auto` takes text as ISO 8601 and numbers by their size. */
export type TimeUnit = 'auto' | 's' | 'ms' | 'us' | 'ns';

const ISO = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?$/;

/** A date and time of ISO 8601 in microseconds since the epoch; what is finer is cut off. UTC unless it names a zone. NaN if it is none. */
export function isoMicroseconds(text: string): number {
  const match = ISO.exec(text);
  if (!match) return Number.NaN;
  const whole = Date.parse(match[1]!.replace(' ', 'T') + (match[3] ?? 'Z'));
  return whole * 1000 + Number((match[2] ?? '').slice(0, 6).padEnd(6, '0'));
}

/** The unit of a number of today: seconds have 10 digits, milliseconds 13, and so on. */
function guess(value: number): Exclude<TimeUnit, 'auto'> {
  const size = Math.abs(value);
  return size < 1e11 ? 's' : size < 1e14 ? 'ms' : size < 1e17 ? 'us' : 'ns';
}

/** A time as a feed wrote it, in microseconds since the epoch. NaN for what is no time. */
export function microseconds(value: unknown, unit: TimeUnit): number {
  if (typeof value === 'bigint') {
    const own = unit === 'auto' ? guess(Number(value)) : unit;
    return own === 'ns' ? Number(value / 1000n) : microseconds(Number(value), own);
  }
  if (value instanceof Fraction) return microseconds(value.text, unit);
  if (typeof value === 'string') {
    if (!/^-?\d+(\.\d+)?$/.test(value)) return isoMicroseconds(value);
    return microseconds(/^-?\d{16,}$/.test(value) ? BigInt(value) : Number(value), unit);
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return Number.NaN;
  switch (unit === 'auto' ? guess(value) : unit) {
    case 's':
      return Math.round(value * 1e6);
    case 'ms':
      return Math.round(value * 1e3);
    case 'us':
      return Math.floor(value);
    case 'ns':
      return Math.floor(value / 1e3);
  }
}
