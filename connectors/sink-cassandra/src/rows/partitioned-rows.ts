import type { Refuse } from '@tributary/sink-kit';
import { complete, foldRows } from './fold.ts';
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

/** The rows of one table, partition by partition. */
export class PartitionedRows {
  readonly #plan: TablePlan;
  readonly #partitions = new Map<Identity, Row[]>();

  constructor(plan: TablePlan) {
    this.#plan = plan;
  }

  /** @param partition as the plan tells it */
  add(row: Row, partition: Identity): void {
    const known = this.#partitions.get(partition);
    if (known) known.push(row);
    else this.#partitions.set(partition, [row]);
  }

  /** Batches of one partition each. All that is to do with their rows is done when a batch is asked for. */
  *batches({ count, bytes }: BatchLimits, refuse: Refuse): Generator<WriteBatch> {
    const plan = this.#plan;
    for (const rows of this.#partitions.values()) {
      let writes: Write[] = [];
      let size = 0;
      for (const row of foldRows(rows, refuse)) {
        if (!complete(row, refuse)) continue;
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
}

function sizeOf(params: readonly Param[]): number {
  let bytes = 0;
  for (const param of params) if (Buffer.isBuffer(param)) bytes += param.length;
  return bytes;
}
