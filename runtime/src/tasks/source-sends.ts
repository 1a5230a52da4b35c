import {
  ConnectError,
  messageOf,
  type SourceOffset,
  type SourcePartition,
  type SourceRecord,
  type SourceRecordInput,
} from '@tributary/api';
import type { Producer, RecordToSend } from '../broker/port.ts';
import { PartitionMap } from '../store/offset-store.ts';
import type { Reservation } from './reservation.ts';
import type { TaskEnvironment } from './task.ts';

/** Batches, records and bytes that one task may have on their way to the broker: enough to keep it busy, and no more to hold. */
const MAX_SENDS = 32;
const MAX_RECORDS = 8_000;
const MAX_BYTES = 16 * 1024 * 1024;
/** What a record takes beside its key and value, roughly. */
const RECORD_OVERHEAD = 64;

type Offsets = ReadonlyArray<readonly [SourcePartition, SourceOffset]>;

/** What the pipeline made of a slice of a source's batch. */
export interface Outgoing {
  /** The records as the source yielded them, those that were dropped included: their offsets count. */
  readonly records: readonly SourceRecord[];
  readonly out: readonly RecordToSend[];
  /** They are durable with the records around them, and before the offsets pass them. */
  readonly letters: readonly RecordToSend[];
}

/** Records on their way to the broker; those before them in line are acknowledged first. */
interface Sent {
  readonly offsets: Offsets;
  readonly records: readonly SourceRecord[];
  done: boolean;
}

/** The producer failed for good; calling the source's `run` again would not help. */
export class SendError extends ConnectError {
  static override readonly kind: string = 'SendError';
}

const sizeOf = (records: readonly RecordToSend[]): number =>
  records.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0) + RECORD_OVERHEAD, 0);

/** The last offset of each partition in a batch. */
export function lastOffsets(records: readonly SourceRecordInput[]): Offsets {
  const last = new PartitionMap<SourceOffset>();
  for (const { sourcePartition, sourceOffset } of records)
    if (sourcePartition && sourceOffset) last.set(sourcePartition, sourceOffset);
  return [...last.entries()];
}

export interface SourceSendsOptions extends Pick<TaskEnvironment, 'broker' | 'offsets' | 'budget' | 'metrics' | 'log'> {
  readonly connector: string;
  readonly producer: Producer;
  /** Told once, with a SendError, when records or offsets cannot be written. */
  onFailure(error: SendError): void;
  /** Records are durable (or were dropped), in order. Null: nobody wants to know. */
  readonly onDurable: ((records: readonly SourceRecord[]) => void) | null;
}

/**
 * A source task's records between its pipeline and the broker, and the offsets behind them: stored once everything in front of
 * them is acknowledged. On a broker whose sends are atomic the offsets travel in the same send.
 */
export class SourceSends {
  readonly #options: SourceSendsOptions;
  readonly #line: Sent[] = [];
  #bytes = 0;
  #records = 0;
  /** Offsets of acknowledged records that are not stored yet. */
  readonly #toStore = new PartitionMap<SourceOffset>();
  #storing: Promise<void> | undefined;
  #room: PromiseWithResolvers<void> | undefined;

  constructor(options: SourceSendsOptions) {
    this.#options = options;
  }

  /**
   * Waits for room, then sends without waiting for the broker.
   * @param wait how to wait so that a stop ends it
   * @returns the bytes on their way
   */
  async send(
    { records, out, letters }: Outgoing,
    reservation: Reservation,
    wait: (promise: Promise<void>) => Promise<void>,
  ): Promise<number> {
    const { broker, budget, connector, metrics, offsets: store, producer } = this.#options;
    const bytes = sizeOf(out) + sizeOf(letters);
    while (this.#isFull(bytes, out.length)) await wait(this.#whenRoom());
    reservation.spend(bytes);
    this.#bytes += bytes;
    this.#records += out.length;
    const offsets = lastOffsets(records);
    const sent: Sent = { offsets, records, done: false };
    this.#line.push(sent);
    const written = letters.length === 0 ? out : [...out, ...letters];
    const all = broker.atomicSends
      ? [...written, ...offsets.map(([partition, offset]) => store.record(connector, partition, offset))]
      : written;
    metrics.change('source-record-active-count', out.length);
    const settle = (): void => {
      this.#bytes -= bytes;
      this.#records -= out.length;
      budget.release(bytes);
      metrics.change('source-record-active-count', -out.length);
    };
    const delivery = all.length === 0 ? Promise.resolve([]) : producer.send(all);
    delivery.then(
      () => {
        settle();
        sent.done = true;
        metrics.count('source-record-write-total', out.length);
        const newest = records[records.length - 1]!.timestamp;
        if (newest !== null) metrics.latency('event-to-write-ms', Date.now() - newest, out.length);
        this.#acknowledge();
      },
      (error: unknown) => {
        settle();
        metrics.count('deadletterqueue-produce-failures', letters.length);
        this.#options.onFailure(new SendError(`Records could not be written: ${messageOf(error)}`, { cause: error }));
        this.#line.splice(this.#line.indexOf(sent));
        this.#wake();
      },
    );
    return bytes;
  }

  /** Stores the offsets of what is acknowledged, after a storing under way. */
  async storeOffsets(): Promise<void> {
    await this.#storing;
    const { connector, metrics, offsets, producer, log } = this.#options;
    if (this.#toStore.size === 0) {
      metrics.count('offset-commit-skip-total');
      return;
    }
    const batch = [...this.#toStore.entries()];
    this.#toStore.clear();
    const started = performance.now();
    this.#storing = producer
      .send(batch.map(([partition, offset]) => offsets.record(connector, partition, offset)))
      .then(
        () => {
          metrics.observe('offset-commit-time-ms', performance.now() - started);
          metrics.count('offset-commit-success-total');
        },
        (error: unknown) => {
          for (const [partition, offset] of batch)
            if (!this.#toStore.get(partition)) this.#toStore.set(partition, offset);
          metrics.count('offset-commit-failure-total');
          const message = `The source offsets could not be stored: ${messageOf(error)}`;
          log.error(message);
          this.#options.onFailure(new SendError(message, { cause: error }));
        },
      );
    await this.#storing;
    this.#storing = undefined;
  }

  /** Waits for everything on its way, then stores the last offsets. */
  async drain(): Promise<void> {
    while (this.#line.length > 0) await this.#whenRoom();
    await this.storeOffsets();
  }

  #isFull(bytes: number, records: number): boolean {
    if (this.#line.length === 0) return false;
    return this.#line.length >= MAX_SENDS || this.#bytes + bytes > MAX_BYTES || this.#records + records > MAX_RECORDS;
  }

  /** Moves the offsets past what is acknowledged at the head of the line. */
  #acknowledge(): void {
    let done = 0;
    while (this.#line[done]?.done) done++;
    const acknowledged = this.#line.splice(0, done);
    if (!this.#options.broker.atomicSends) {
      for (const { offsets } of acknowledged)
        for (const [partition, offset] of offsets) this.#toStore.set(partition, offset);
    }
    this.#wake();
    const { onDurable } = this.#options;
    if (onDurable) for (const { records } of acknowledged) onDurable(records);
  }

  #whenRoom(): Promise<void> {
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  #wake(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}
