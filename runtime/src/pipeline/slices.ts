import { setImmediate as nextTurn } from 'node:timers/promises';

/** No longer stretch than this without giving the event loop back. */
const MAX_RECORDS = 1_000;
const MAX_MS = 8;

/**
 * Goes through a batch in slices that are small enough not to hold the event loop up: at most 1,000 records each, fewer where
 * they are slow, with a turn of the loop between slices once 8 ms are used up.
 */
export async function inSlices<T>(
  items: readonly T[],
  work: (slice: readonly T[]) => void | Promise<void>,
): Promise<void> {
  if (items.length === 0) return;
  let size = Math.min(items.length, 250);
  let since = performance.now();
  for (let from = 0; from < items.length; ) {
    const started = performance.now();
    const slice = from === 0 && size >= items.length ? items : items.slice(from, from + size);
    await work(slice);
    from += slice.length;
    const now = performance.now();
    const perItem = (now - started) / slice.length;
    size = Math.max(1, Math.min(MAX_RECORDS, Math.floor(MAX_MS / 2 / Math.max(perItem, 1e-6))));
    if (from < items.length && now - since > MAX_MS / 2) {
      await nextTurn();
      since = performance.now();
    }
  }
}
