/** A slice has no more records than this. */
const MAX_RECORDS = 1_000;
/** The first slice of a batch, before it is known how long a record takes. */
const FIRST_RECORDS = 250;
/** All tasks of a thread together work no longer than about this before the event loop turns. Milliseconds. */
const TURN_MS = 4;

const waiting: Array<() => void> = [];
let turnStarted = Number.NEGATIVE_INFINITY;
let watching = false;

/** The loop has turned: timers and I/O had their chance. */
function turned(): void {
  watching = false;
  if (waiting.length > 0) admit();
}

function watch(): void {
  if (watching) return;
  watching = true;
  turnStarted = performance.now();
  setImmediate(turned);
}

/** Lets the next in line work; what it does synchronously is done before the microtask that looks at the time. */
function admit(): void {
  watch();
  waiting.shift()!();
  queueMicrotask(() => {
    if (waiting.length > 0 && performance.now() - turnStarted < TURN_MS) admit();
  });
}

/**
 * Waits until it is this piece of work's turn. Pieces of all tasks in the thread stand in one line; together they take a few
 * milliseconds, then the event loop turns: otherwise a hundred tasks that each give way would still hold it up a hundredfold.
 * @returns undefined if the work may go on at once
 */
export function turn(): Promise<void> | undefined {
  watch();
  if (waiting.length === 0 && performance.now() - turnStarted < TURN_MS) return undefined;
  return new Promise((resolve) => waiting.push(resolve));
}

/**
 * Goes through a batch in slices that are small enough not to hold the event loop up: at most 1,000 records each, fewer where they
 * are slow.
 */
export async function inSlices<T>(
  items: readonly T[],
  work: (slice: readonly T[]) => void | Promise<void>,
): Promise<void> {
  let size = FIRST_RECORDS;
  for (let from = 0; from < items.length; ) {
    await turn();
    const started = performance.now();
    const slice = from === 0 && size >= items.length ? items : items.slice(from, from + size);
    await work(slice);
    from += slice.length;
    const perItem = (performance.now() - started) / slice.length;
    size = Math.max(1, Math.min(MAX_RECORDS, Math.floor(TURN_MS / 2 / Math.max(perItem, 1e-6))));
  }
}
