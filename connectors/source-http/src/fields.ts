/** What is at a path of names and numbers with dots between, such as `data.items.0`; undefined if there is nothing. The empty path is all. */
export function valueAt(value: unknown, path: string): unknown {
  if (path === '') return value;
  let at = value;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

export type Primitive = string | number | bigint | boolean;

export const isPrimitive = (value: unknown): value is Primitive =>
  ['string', 'number', 'bigint', 'boolean'].includes(typeof value);

/**
 * Negative if a comes first. Numbers go by value, also where they come as text; so do times in ISO 8601, with as many digits of a second and in
 * whatever zone (none: UTC); all else goes by its characters.
 */
export function compare(a: Primitive, b: Primitive): number {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left !== null && right !== null) return order(left, right);
  const [early, late] = [momentOf(a), momentOf(b)];
  if (early && late) return order(early.seconds, late.seconds) || order(early.fraction, late.fraction);
  return order(String(a), String(b));
}

const order = <T extends string | number | bigint>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

function numberOf(value: Primitive): number | bigint | null {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value !== 'string') return null;
  if (/^-?\d+$/.test(value)) return BigInt(value);
  return /^-?\d+\.\d+$/.test(value) ? Number(value) : null;
}

const MOMENT = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d)?(?:[.,](\d{1,12}))?\s?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

interface Moment {
  readonly seconds: number;
  /** The digits behind the point, without noughts at the end. */
  readonly fraction: string;
}

function momentOf(value: Primitive): Moment | null {
  const found = typeof value === 'string' ? MOMENT.exec(value) : null;
  if (!found) return null;
  const [, day, minute = '00:00', second = ':00', fraction = '', zone = 'Z'] = found;
  const offset = zone.replace(/^([+-]\d\d):?(\d\d)?$/, (_zone, hours: string, minutes = '00') => `${hours}:${minutes}`);
  const millis = Date.parse(`${day}T${minute}${second}${offset.toUpperCase()}`);
  return Number.isNaN(millis) ? null : { seconds: millis / 1000, fraction: fraction.replace(/0+$/, '') };
}

const DIVISORS = { s: 0.001, ms: 1, us: 1000, ns: 1_000_000 } as const;

/** The time of a field in milliseconds since 1970; null if it is none. */
export function timeOf(value: unknown, unit: keyof typeof DIVISORS): number | null {
  const number =
    typeof value === 'bigint'
      ? Number(value) / DIVISORS[unit]
      : typeof value === 'number'
        ? value / DIVISORS[unit]
        : typeof value === 'string'
          ? /^-?\d+(\.\d+)?$/.test(value)
            ? Number(value) / DIVISORS[unit]
            : Date.parse(value)
          : Number.NaN;
  const millis = Math.floor(number);
  return Number.isSafeInteger(millis) && millis >= 0 ? millis : null;
}
