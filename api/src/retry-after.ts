/**
 * What a `Retry-After` header asks for (RFC 9110, 10.2.3), seconds or a date, in milliseconds from now.
 * @returns null without such a header, and for one that says nothing
 */
export function retryAfterMs(header: string | null | undefined, now: number = Date.now()): number | null {
  const text = header?.trim();
  if (!text) return null;
  const wait = /^\d+(?:\.\d+)?$/.test(text) ? Math.ceil(Number(text) * 1000) : Date.parse(text) - now;
  return Number.isNaN(wait) ? null : Math.max(0, wait);
}
