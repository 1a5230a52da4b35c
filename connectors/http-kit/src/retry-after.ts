import { retryAfterMs } from '@tributary/api';

/** More than this nobody waits because a server says so. Milliseconds. */
const MOST = 3_600_000;

/** What a `Retry-After` header asks for, in milliseconds, an hour at most; null if there is no such header, or one that says nothing. */
export function retryAfter(header: string | null, now: number): number | null {
  const wait = retryAfterMs(header, now);
  return wait === null ? null : Math.min(wait, MOST);
}
