import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs, messageOf } from '@tributary/api';
import { HttpFault } from '@tributary/http-kit';
import type { Hole, Item, Recovery } from './feed.ts';

export interface RecoveryOptions {
  readonly recovery: Recovery;
  /** In place of the recovery's own URL; null: that one. */
  readonly url: string | null;
  /** How long a hole is looked for without finding anything more of it, in milliseconds. */
  readonly timeoutMs: number;
  /** Holes with more records than this are not looked for. */
  readonly maxRecords: number;
  readonly get: (url: string) => Promise<string>;
  readonly signal: AbortSignal;
}

const PAUSE = { firstMs: 250, maxMs: 5_000 };

/**
 * Looks for what is missing, page by page, and hands over what it finds in the order of the numbers. What the server does not have yet
 * is asked for again until the time is over.
 * @param found takes a page, and returns what is still missing, or null
 * @returns why something is still missing, or null
 */
export async function recover(
  hole: Hole,
  options: RecoveryOptions,
  found: (items: readonly Item[]) => Hole | null,
): Promise<string | null> {
  if (hole.to - hole.from >= options.maxRecords)
    return `these are more than recovery.max.records (${options.maxRecords})`;
  const { signal } = options;
  let deadline = Date.now() + options.timeoutMs;
  let failures = 0;
  // Servers that tell the newest first cut off the oldest: these are asked for before what was found is handed over.
  let later: readonly Item[] = [];
  for (let rest: Hole | null = hole; rest; ) {
    let reason = 'the server does not have them';
    let least = 0;
    try {
      const first = later[0]?.sequence;
      const { items, final } = await ask(first ? { ...rest, to: first - 1 } : rest, options);
      if (items.length > 0 || later.length > 0) {
        later = [...items, ...later];
        if (items.length === 0 || later[0]!.sequence! <= rest.from) {
          rest = found(later);
          later = [];
        }
        deadline = Date.now() + options.timeoutMs;
        failures = 0;
        continue;
      }
      if (final) return reason;
    } catch (error) {
      if (signal.aborted) return 'the task was stopped';
      if (error instanceof HttpFault) least = error.retryAfterMs ?? 0;
      reason = messageOf(error);
    }
    const pause = Math.max(least, backoffMs(PAUSE, ++failures, Math.random()));
    if (Date.now() + pause > deadline) {
      if (later.length > 0) found(later);
      return reason;
    }
    await sleep(pause, undefined, { signal }).catch(() => {});
    if (signal.aborted) return 'the task was stopped';
  }
  return null;
}

interface Answer {
  /** In the order of their numbers. */
  readonly items: readonly Item[];
  /** There were later ones: what is not among the items does not exist there. */
  readonly final: boolean;
}

/** The records of a hole on a page, or on the first of those behind it that has any. */
async function ask(hole: Hole, { recovery, url, get, signal }: RecoveryOptions): Promise<Answer> {
  const base = url ?? recovery.url;
  for (
    let path: string | null = recovery.path(hole), before: string | null = null;
    path !== null && path !== before;
  ) {
    const text = await get(base + path);
    const page = recovery.read(text, hole);
    const items = page
      .filter(({ sequence }) => sequence !== null && sequence >= hole.from && sequence <= hole.to)
      .sort((a, b) => a.sequence! - b.sequence!);
    const beyond = page.some(({ sequence }) => sequence !== null && sequence > hole.to);
    if (items.length > 0 || beyond || page.length === 0 || signal.aborted) return { items, final: beyond };
    before = path;
    path = recovery.next?.(text, hole) ?? null;
  }
  return { items: [], final: false };
}
