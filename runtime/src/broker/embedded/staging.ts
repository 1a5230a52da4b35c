import { BrokerError } from '../errors.ts';
import type { RecordToSend } from '../port.ts';
import { BatchBuilder } from './batch.ts';
import type { PartitionLog, Reservation } from './partition-log.ts';

interface Staged {
  readonly partition: PartitionLog;
  readonly reservation: Reservation;
  readonly batches: BatchBuilder[];
}

/** Records that have their offsets and are not stored yet: of a write under way, or of an open transaction. */
export class Staging {
  /** An upper bound of what the batches take. */
  bytes = 0;
  readonly #transactional: boolean;
  readonly #staged = new Map<PartitionLog, Staged>();
  #last: Staged | undefined;
  #released = false;

  constructor(transactional: boolean) {
    this.#transactional = transactional;
  }

  get partitions(): Iterable<PartitionLog> {
    return this.#staged.keys();
  }

  /** @returns the offset */
  append(partition: PartitionLog, record: RecordToSend, size: number, now: number): number {
    const staged = this.#last?.partition === partition ? this.#last : this.#stagedFor(partition);
    const offset = partition.next++;
    const timestamp = partition.rules.logAppendTime ? now : (record.timestamp ?? now);
    let batch = staged.batches.at(-1);
    if (batch === undefined || batch.full || batch.last + 1 !== offset) {
      batch = new BatchBuilder(offset, timestamp, partition.rules.logAppendTime);
      staged.batches.push(batch);
    }
    batch.append(offset, timestamp, record, size);
    this.bytes += size;
    return offset;
  }

  /** The batches of every partition, finished. */
  *finish(): Generator<{ partition: PartitionLog; base: number; last: number; batch: Buffer }> {
    for (const { partition, batches } of this.#staged.values()) {
      for (const batch of batches) yield { partition, base: batch.base, last: batch.last, batch: batch.finish() };
    }
  }

  /** Lets readers pass: the records are stored, or never will be. */
  release(): void {
    this.#released = true;
    const staged = [...this.#staged.values()];
    this.#staged.clear();
    this.#last = undefined;
    for (const { partition, reservation } of staged) partition.release(reservation);
  }

  #stagedFor(partition: PartitionLog): Staged {
    // Reserving offsets now would hold up readers without end.
    if (this.#released) throw new BrokerError('The transaction has ended', { code: 'INVALID_TXN_STATE' });
    let staged = this.#staged.get(partition);
    if (!staged) {
      const reservation = { first: partition.next, transactional: this.#transactional };
      partition.reserve(reservation);
      staged = { partition, reservation, batches: [] };
      this.#staged.set(partition, staged);
    }
    this.#last = staged;
    return staged;
  }
}
