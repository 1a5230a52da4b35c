import { ConnectError, type SourceOffset, type SourcePartition, type SourceRecord } from '@tributary/api';
import type { Producer, RecordToSend } from '../broker/port.ts';
import { PartitionMap } from '../store/partition-map.ts';
import type { Reservation } from './reservation.ts';
import type { TaskEnvironment } from './task.ts';

/** What the pipeline made of a slice of a source's batch. */
export interface Outgoing {
  /** The records as the source yielded them, those that were dropped included: their offsets count. */
  readonly records: readonly SourceRecord[];
  /** The last offset of each partition among the records. */
  readonly offsets: Offsets;
  readonly out: readonly RecordToSend[];
  /** They are durable with the records around them, and before the offsets pass them. */
  readonly letters: readonly RecordToSend[];
}

/** The way of a source task's records from its pipeline to the broker, and of the offsets behind them. */
export interface Sends {
  /**
   * Waits for room, then sends without waiting for the broker.
   * @param wait how to wait so that a stop ends it
   * @returns the bytes on their way
   */
  send(outgoing: Outgoing, reservation: Reservation, wait: (promise: Promise<void>) => Promise<void>): Promise<number>;
  /** A batch of the source is complete. */
  endOfBatch(): void;
  /** Nobody will pull for a while. */
  paused(): void;
  /**
   * Waits for everything on its way, then stores the last offsets. Nothing is sent afterwards.
   * @param orderly false if the task failed: a transaction that is not complete is not committed
   */
  drain(orderly: boolean): Promise<void>;
}

export interface SendsOptions extends Pick<TaskEnvironment, 'broker' | 'offsets' | 'budget' | 'metrics' | 'log'> {
  readonly connector: string;
  readonly producer: Producer;
  /** Told when records or offsets cannot be written. */
  onFailure(error: SendError): void;
  /** Records are durable (or were dropped), in order. Null: nobody wants to know. */
  readonly onDurable: ((records: readonly SourceRecord[]) => void) | null;
}

/** The producer failed for good; calling the source's `run` again would not help. */
export class SendError extends ConnectError {
  static override readonly kind: string = 'SendError';
}

export type Offsets = ReadonlyArray<readonly [SourcePartition, SourceOffset]>;

/** The last offset of each partition in a batch. */
export function lastOffsets(records: readonly SourceRecord[]): Offsets {
  const last = new PartitionMap<SourceOffset>();
  // From the end: most records are then passed by, since a later one of their partition was seen.
  const seen = new Set<SourcePartition>();
  for (let i = records.length - 1; i >= 0; i--) {
    const { sourcePartition, sourceOffset } = records[i]!;
    if (!sourcePartition || !sourceOffset || seen.has(sourcePartition)) continue;
    seen.add(sourcePartition);
    if (!last.get(sourcePartition)) last.set(sourcePartition, sourceOffset);
  }
  return [...last.entries()].reverse();
}
