export interface ChunkLimits<T> {
  /** Items in a chunk. Default: any number. */
  readonly count?: number;
  /** Bytes in a chunk, by `sizeOf`; an item that is larger by itself is a chunk. Default: any number. */
  readonly bytes?: number;
  readonly sizeOf?: (item: T) => number;
}

/** Divides items, in their order, into chunks that keep the limits; if that is one chunk by their count, it is the list itself. */
export function chunksOf<T>(
  items: readonly T[],
  { count = Number.POSITIVE_INFINITY, bytes = Number.POSITIVE_INFINITY, sizeOf = () => 0 }: ChunkLimits<T>,
): ReadonlyArray<readonly T[]> {
  if (items.length <= count && bytes === Number.POSITIVE_INFINITY) return items.length === 0 ? [] : [items];
  const chunks: T[][] = [];
  let chunk: T[] = [];
  let size = 0;
  for (const item of items) {
    const itemSize = sizeOf(item);
    if (chunk.length > 0 && (chunk.length >= count || size + itemSize > bytes)) {
      chunks.push(chunk);
      chunk = [];
      size = 0;
    }
    chunk.push(item);
    size += itemSize;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

/**
 * Runs a task for each item, at most `limit` at a time. After a failure no further one is started; those under way are waited for, so that
 * nothing is still being written when the error is seen.
 * @param items may be made as they are asked for: when one of the tasks is free; what is thrown then counts as a failure
 * @throws the first error
 */
export async function concurrently<T>(
  items: Iterable<T>,
  limit: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failed = false;
  let failure: unknown;
  const work = async (): Promise<void> => {
    try {
      for (let next = iterator.next(); !next.done && !failed; next = iterator.next()) await run(next.value);
    } catch (error) {
      if (!failed) failure = error;
      failed = true;
    }
  };
  const lanes = Array.isArray(items) ? Math.min(limit, items.length) : limit;
  await Promise.all(Array.from({ length: lanes }, work));
  if (failed) throw failure;
}
