/** More than this nobody waits because a server says so. Milliseconds. */
const MOST = 3_600_000;

/**
 * What a `Retry-After` header asks for (RFC 9110, 10.2.3): seconds, or a date.
 * @returns milliseconds, an hour at most; null if there is no such header, or one that says nothing
 */
export function retryAfter(header: string | null, now: number): number | null {
  const text = header?.trim();
  if (!text) return null;
  const wait = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isNaN(wait) ? null : Math.min(Math.max(0, wait), MOST);
}
