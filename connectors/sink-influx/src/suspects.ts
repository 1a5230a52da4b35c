import type { Rejection } from './http/rejection.ts';
import { type TimeUnit, timestampText } from './line/timestamp.ts';

/** Strings that are longer are refused by InfluxDB 1 and 2. */
const MAX_STRING_BYTES = 1_048_576;

/**
 * The lines of a request that its rejection has to do with, as places in `lines`: those that it names or quotes, or to which its reason
 * applies. They may be too many or too few: what is told apart by them is sent again and answered anew.
 */
export function suspectsOf(rejection: Rejection, lines: readonly string[], precision: TimeUnit): ReadonlySet<number> {
  const suspects = new Set(rejection.lines.filter((line) => line < lines.length));
  const quoted = new Set(rejection.quoted.map(({ line }) => line));
  const suspicious = suspicionOf(rejection.message, precision);
  if (quoted.size > 0 || suspicious)
    lines.forEach((line, i) => {
      if (quoted.has(line) || suspicious?.(line)) suspects.add(i);
    });
  return suspects;
}

/** InfluxDB 2 tells no lines of points that it drops, only the reason for the first one. */
function suspicionOf(message: string, precision: TimeUnit): ((line: string) => boolean) | null {
  const bound = /\b(Lower|Upper) Bound at (\d[\dT:.-]*Z)/.exec(message);
  if (bound) return outside(bound[1] === 'Lower', timestampText({ unit: 'ns', precision, source: '' })(bound[2]));
  if (/\bis too long, \d+ > \d+/.test(message)) return (line) => line.length * 3 > MAX_STRING_BYTES;
  const conflict = /input field ("(?:[^"\\]|\\.)*") on measurement ("(?:[^"\\]|\\.)*") is type (\w+)/.exec(message);
  if (!conflict) return null;
  const type = TYPES[conflict[3]!];
  const field = unquoted(conflict[1]!);
  if (type === undefined || field === null) return null;
  const key = field.replace(/[,= ]|(?<=\\)"/g, '\\$&').replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pattern = new RegExp(`[ ,]${key}=${type}`);
  return (line) => pattern.test(line);
}

/** Points older than the bucket keeps them, or too far from the present for it. */
function outside(lower: boolean, bound: string): (line: string) => boolean {
  const limit = BigInt(bound);
  return (line) => {
    const time = BigInt(line.slice(line.lastIndexOf(' ') + 1));
    return lower ? time <= limit : time >= limit;
  };
}

/** How values of a type begin or look, by InfluxDB's names of types. */
const TYPES: Readonly<Record<string, string>> = {
  string: '"',
  boolean: '[tf]',
  integer: '-?\\d+i(?:[ ,]|$)',
  unsigned: '\\d+u(?:[ ,]|$)',
  float: '-?\\d[\\d.e+-]*(?:[ ,]|$)',
};

/** Go quotes as JSON does, but for some characters. */
function unquoted(text: string): string | null {
  try {
    return JSON.parse(text) as string;
  } catch {
    return null;
  }
}
