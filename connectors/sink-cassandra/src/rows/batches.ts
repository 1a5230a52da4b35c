import { chunksOf } from '@tributary/sink-kit';
import type { Row } from './plan.ts';

export interface BatchLimits {
  readonly count: number;
  readonly bytes: number;
}

/** Divides the rows of one table into batches of one partition each, which a node takes as one mutation. */
export function batchesOf(rows: readonly Row[], { count, bytes }: BatchLimits): ReadonlyArray<readonly Row[]> {
  const partitions = new Map<string, Row[]>();
  for (const row of rows) {
    const known = partitions.get(row.partition);
    if (known) known.push(row);
    else partitions.set(row.partition, [row]);
  }
  const batches: (readonly Row[])[] = [];
  for (const partition of partitions.values()) {
    if (partition.length === 1) batches.push(partition);
    else batches.push(...chunksOf(partition, { count, bytes, sizeOf: (row) => row.bytes }));
  }
  return batches;
}
