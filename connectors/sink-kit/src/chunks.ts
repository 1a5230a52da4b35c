export interface ChunkLimits<T> {
  /** Items in a chunk. Default: any number. */
  readonly count?: number;
  /** Bytes in a chunk, by `sizeOf`; an item that is larger by itself is a chunk. Default: any number. */
  readonly bytes?: number;
  readonly sizeOf?: (item: T) => number;
}

/** Divides items, in their order, into chunks that keep the limits. */
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
 * @throws the first error
 */
export async function concurrently<T>(
  items: readonly T[],
  limit: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed = false;
  let failure: unknown;
  const work = async (): Promise<void> => {
    while (next < items.length && !failed) {
      try {
        await run(items[next++]!);
      } catch (error) {
        if (!failed) failure = error;
        failed = true;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  if (failed) throw failure;
}
