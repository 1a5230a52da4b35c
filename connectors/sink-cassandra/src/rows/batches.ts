import { type Complete, foldRows } from './fold.ts';
import type { Identity } from './identity.ts';
import type { Param, Row, TablePlan } from './plan.ts';

export interface BatchLimits {
  readonly count: number;
  /** Of values. */
  readonly bytes: number;
}

/** A statement with what it takes. */
export interface Write {
  readonly query: string;
  readonly params: readonly Param[];
}

/** Writes to one partition of one table, which a node takes as one mutation. */
export interface WriteBatch {
  readonly plan: TablePlan;
  readonly writes: readonly Write[];
}

/**
 * Divides the rows of one table into batches of one partition each. The parameters of a batch are made when it is asked for.
 * @param complete reports rows that cannot be written
 */
export function* batchesOf(
  plan: TablePlan,
  rows: readonly Row[],
  { count, bytes }: BatchLimits,
  complete: Complete,
): Generator<WriteBatch> {
  const partitions = new Map<Identity, Row[]>();
  for (const row of rows) {
    const known = partitions.get(row.partition);
    if (known) known.push(row);
    else partitions.set(row.partition, [row]);
  }
  for (const partition of partitions.values()) {
    let writes: Write[] = [];
    let size = 0;
    for (const row of foldRows(partition, complete)) {
      if (!complete(row)) continue;
      const params = row.params!;
      row.params = null;
      const rowSize = sizeOf(params);
      if (writes.length > 0 && (writes.length >= count || size + rowSize > bytes)) {
        yield { plan, writes };
        writes = [];
        size = 0;
      }
      writes.push({ query: row.deletes ? plan.delete : plan.insert, params });
      size += rowSize;
    }
    if (writes.length > 0) yield { plan, writes };
  }
}

function sizeOf(params: readonly Param[]): number {
  let bytes = 0;
  for (const param of params) if (Buffer.isBuffer(param)) bytes += param.length;
  return bytes;
}
