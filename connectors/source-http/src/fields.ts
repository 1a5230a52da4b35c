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

/** Negative if a comes first. Numbers go by value, all else by its text, as times in ISO 8601 do. */
export function compare(a: Primitive, b: Primitive): number {
  const numbers = [a, b].every((value) => typeof value === 'number' || typeof value === 'bigint');
  if (numbers) return a < b ? -1 : a > b ? 1 : 0;
  const [left, right] = [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
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
