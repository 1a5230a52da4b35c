import { type Int64, int64, isPlainObject } from '@tributary/api';
import { hasDoubtfulKeys, parseExactJson } from '@tributary/api/json';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

type Reviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;
/** ES2026 (JSON.parse source text access); known to the engine, not yet to the compiler's library. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** Whole numbers beyond 2^53 become bigints instead of losing digits. */
const exact: Reviver = (_key, value, { source }) =>
  typeof value === 'number' && source !== undefined && !Number.isSafeInteger(value) && /^-?\d{16,19}$/.test(source)
    ? int64(source)
    : value;

/** Parses the JSON of an internal topic. @throws SyntaxError */
export function fromJson(bytes: Uint8Array): unknown {
  const text = decoder.decode(bytes);
  const value: unknown = JSON.parse(text, exact as (this: unknown, key: string, value: unknown) => unknown);
  return hasDoubtfulKeys(value, text) ? withObjects(parseExactJson(text, false)) : value;
}

/** The exact parser gives Maps where a plain object would put keys into another order; here the order has no meaning. */
function withObjects(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withObjects);
  const entries = value instanceof Map ? [...value] : isPlainObject(value) ? Object.entries(value) : null;
  return entries ? Object.fromEntries(entries.map(([key, item]) => [String(key), withObjects(item)])) : value;
}

/**
 * JSON as the Java worker writes it to its internal topics and its clients, byte for byte: no spaces, control characters as `\u001F`
 * in upper case, everything else raw.
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'bigint' ? rawJSON(String(item as Int64)) : item,
  );
  return text.replace(/\\u00[01][0-9a-f]/g, (lower) => `\\u${lower.slice(2).toUpperCase()}`);
}

export function toJson(value: unknown): Uint8Array {
  return encoder.encode(jsonText(value));
}
