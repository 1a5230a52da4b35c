import { type Int64, int64 } from '@tributary/api';

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
  return JSON.parse(decoder.decode(bytes), exact as (this: unknown, key: string, value: unknown) => unknown);
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
