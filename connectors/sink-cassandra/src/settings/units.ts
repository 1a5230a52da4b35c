/** The names of java.util.concurrent.TimeUnit, with their lengths in nanoseconds. */
const NANOSECONDS = {
  NANOSECONDS: 1n,
  MICROSECONDS: 1_000n,
  MILLISECONDS: 1_000_000n,
  SECONDS: 1_000_000_000n,
  MINUTES: 60_000_000_000n,
  HOURS: 3_600_000_000_000n,
  DAYS: 86_400_000_000_000n,
} as const;

export type TimeUnit = keyof typeof NANOSECONDS;

export const TIME_UNITS = Object.keys(NANOSECONDS) as readonly TimeUnit[];

/** The unit of that name, in any case; undefined if there is none. */
export function timeUnit(name: string): TimeUnit | undefined {
  const upper = name.trim().toUpperCase();
  return TIME_UNITS.find((unit) => unit === upper);
}

/** An amount in another unit; what is less than one of those is cut off (downwards). */
export function convertUnit(amount: bigint, from: TimeUnit, to: TimeUnit): bigint {
  const nanoseconds = amount * NANOSECONDS[from];
  const unit = NANOSECONDS[to];
  const whole = nanoseconds / unit;
  return nanoseconds < 0n && whole * unit !== nanoseconds ? whole - 1n : whole;
}

/** How many microseconds a value of the unit stands for, at least one. */
export const microsecondsOf = (unit: TimeUnit): number => Math.max(1, Number(convertUnit(1n, unit, 'MICROSECONDS')));
