import type { Refuse } from '@tributary/sink-kit';
import { RowWriter } from '../codec/row-writer.ts';
import { complete, foldRows } from './fold.ts';
import type { Identity } from './identity.ts';
import type { Row, TablePlan } from './plan.ts';

export interface BatchLimits {
  readonly count: number;
  /** Of encoded rows. */
  readonly bytes: number;
}

/** Writes to one partition of one table, which a node takes as one mutation. */
export class WriteBatch {
  readonly plan: TablePlan;
  /** The columns of the partition's key. */
  readonly routingKey: readonly Buffer[];
  /** What the plan's statement for items of lists takes. */
  readonly discards: Buffer[] = [];
  /** What the plan's insert takes. */
  readonly inserts: Buffer[] = [];
  /** What the plan's delete takes. */
  readonly deletes: Buffer[] = [];
  bytes = 0;

  constructor(plan: TablePlan, routingKey: readonly Buffer[]) {
    this.plan = plan;
    this.routingKey = routingKey;
  }

  get rows(): number {
    return this.inserts.length + this.deletes.length;
  }

  add(encoded: Buffer, deletes: boolean, writer: RowWriter): void {
    (deletes ? this.deletes : this.inserts).push(encoded);
    this.bytes += encoded.length;
    const discard = deletes ? null : this.plan.listItems?.valuesOf(encoded, writer);
    if (!discard) return;
    this.discards.push(discard);
    this.bytes += discard.length;
  }
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
    const writer = new RowWriter();
    for (const rows of this.#partitions.values()) {
      let batch: WriteBatch | undefined;
      for (const row of foldRows(rows, writer, refuse)) {
        if (!complete(row, writer, refuse)) continue;
        const encoded = row.encoded!;
        row.encoded = null;
        if (batch && (batch.rows >= count || batch.bytes + encoded.length > bytes)) {
          yield batch;
          batch = undefined;
        }
        batch ??= new WriteBatch(plan, plan.routingKeyOf(row));
        batch.add(encoded, row.deletes, writer);
      }
      if (batch) yield batch;
    }
  }
}
