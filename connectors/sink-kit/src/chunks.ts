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

/** What may be under way at a time. */
export interface WayLimits<T> {
  /** Items. */
  readonly count: number;
  /** What `sizeOf` says of them in all; an item that is larger goes by itself. Default: any number. */
  readonly size?: number;
  readonly sizeOf?: (item: T) => number;
}

/**
 * Runs a task for each item, several at a time. After a failure no further one is started; those under way are waited for, so that
 * nothing is still being written when the error is seen.
 * @param items may be made as they are asked for: when there is room for the next one; what is thrown then counts as a failure
 * @throws the first error
 */
export function concurrently<T>(
  items: Iterable<T>,
  { count, size = Number.POSITIVE_INFINITY, sizeOf = () => 0 }: WayLimits<T>,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  return new Promise((resolve, reject) => {
    let [running, runningSize] = [0, 0];
    let ended = false;
    let failure: { readonly error: unknown } | undefined;
    const fail = (error: unknown): void => {
      failure ??= { error };
    };
    const next = (): void => {
      try {
        while (!ended && !failure && running < count && runningSize < size) start(iterator.next());
      } catch (error) {
        fail(error);
      }
      if (running > 0) return;
      if (failure) reject(failure.error);
      else resolve();
    };
    const start = ({ done, value }: IteratorResult<T>): void => {
      if (done) {
        ended = true;
        return;
      }
      const itemSize = sizeOf(value);
      running++;
      runningSize += itemSize;
      run(value)
        .catch(fail)
        .then(() => {
          running--;
          runningSize -= itemSize;
          next();
        });
    };
    next();
  });
}
