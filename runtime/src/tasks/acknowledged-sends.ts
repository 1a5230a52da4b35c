import { messageOf, type SourceOffset, type SourceRecord } from '@tributary/api';
import { PartitionMap } from '../store/offset-store.ts';
import type { Reservation } from './reservation.ts';
import { lastOffsets, type Offsets, type Outgoing, SendError, type Sends, type SendsOptions, sizeOf } from './sends.ts';

/** Batches, records and bytes that one task may have on their way to the broker: enough to keep it busy, and no more to hold. */
const MAX_SENDS = 32;
const MAX_RECORDS = 8_000;
const MAX_BYTES = 16 * 1024 * 1024;

/** Records on their way to the broker; those before them in line are acknowledged first. */
interface Sent {
  readonly offsets: Offsets;
  readonly records: readonly SourceRecord[];
  done: boolean;
}

export interface AcknowledgedSendsOptions extends SendsOptions {
  /** How often offsets are stored: `offset.flush.interval.ms`. */
  readonly intervalMs: number;
}

/**
 * A source task's records between its pipeline and the broker: at least once. Offsets are stored once everything in front of
 * them is acknowledged. On a broker whose sends are atomic the offsets travel in the same send.
 */
export class AcknowledgedSends implements Sends {
  readonly #options: AcknowledgedSendsOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #line: Sent[] = [];
  #bytes = 0;
  #records = 0;
  /** Offsets of acknowledged records that are not stored yet. */
  readonly #toStore = new PartitionMap<SourceOffset>();
  #storing: Promise<void> | undefined;
  #room: PromiseWithResolvers<void> | undefined;

  constructor(options: AcknowledgedSendsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#storeOffsets(), options.intervalMs);
  }

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

  endOfBatch(): void {}

  paused(): void {}

  /** Stores the offsets of what is acknowledged, after a storing under way. */
  async #storeOffsets(): Promise<void> {
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

  async drain(): Promise<void> {
    clearInterval(this.#timer);
    while (this.#line.length > 0) await this.#whenRoom();
    await this.#storeOffsets();
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
