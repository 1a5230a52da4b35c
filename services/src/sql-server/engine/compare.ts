import { rescale } from './numbers.ts';
import { compareText, folded } from './text.ts';
import { exactScale, family, type OffsetTime, type SqlType, type SqlValue } from './types.ts';

type Present = Exclude<SqlValue, null>;

/** Compares two values of one type, neither of them null. */
export function comparer(type: SqlType): (left: Present, right: Present) => number {
  const collation = type.collation ?? 'CI';
  switch (family(type)) {
    case 'text':
      return (left, right) => compareText(left as string, right as string, collation);
    case 'binary':
      return (left, right) => Buffer.compare(trimZeros(left as Buffer), trimZeros(right as Buffer));
    case 'guid':
      return (left, right) => order(guidOrder(left as string), guidOrder(right as string));
    case 'offset':
      return (left, right) => order((left as OffsetTime).ticks, (right as OffsetTime).ticks);
    default:
      return (left, right) => order(left as bigint, right as bigint);
  }
}

const order = <T extends bigint | number | string>(left: T, right: T): number =>
  left < right ? -1 : left > right ? 1 : 0;

/** uniqueidentifiers are ordered by their last six bytes, then by the groups before, from the right. */
function guidOrder(text: string): string {
  const [a = '', b = '', c = '', d = '', e = ''] = text.split('-');
  const swapped = (hex: string): string => (hex.match(/../g) ?? []).reverse().join('');
  return e + d + swapped(c) + swapped(b) + swapped(a);
}

/** Of two binary values the shorter one counts as if it had zeros behind it. */
function trimZeros(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end === bytes.length ? bytes : bytes.subarray(0, end);
}

/**
 * Makes a text of a value of the type that is the same for those that are equal, also across exact numbers of
 * different types, which is what unique indexes and hash joins look up.
 */
export function keyOf(type: SqlType): (value: Present) => string {
  const collation = type.collation ?? 'CI';
  switch (family(type)) {
    case 'exact': {
      const scale = exactScale(type);
      if (scale === 0) return (value) => String(value);
      return (value) => exactKey(value as bigint, scale);
    }
    case 'text':
      return (value) => folded(value as string, collation);
    case 'binary':
      return (value) => trimZeros(value as Buffer).toString('latin1');
    case 'offset':
      return (value) => String((value as OffsetTime).ticks);
    case 'approximate':
      return (value) => (value === 0 ? '0' : String(value));
    default:
      return (value) => String(value);
  }
}

function exactKey(digits: bigint, scale: number): string {
  let rest = digits;
  let places = scale;
  while (places > 0 && rest % 10n === 0n) {
    rest /= 10n;
    places--;
  }
  return places === 0 ? String(rest) : `${rest}e-${places}`;
}

/** Two exact numbers at one scale. */
export function compareExact(left: bigint, leftScale: number, right: bigint, rightScale: number): number {
  const scale = Math.max(leftScale, rightScale);
  return order(rescale(left, leftScale, scale), rescale(right, rightScale, scale));
}
