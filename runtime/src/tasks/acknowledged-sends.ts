import { messageOf, type SourceOffset } from '@tributary/api';
import { PartitionMap } from '../store/partition-map.ts';
import { InFlight, type Load, loadOf } from './in-flight.ts';
import type { Reservation } from './reservation.ts';
import { type Outgoing, SendError, type Sends, type SendsOptions } from './sends.ts';

/** Sends that one task may have on their way to the broker, besides the bound on their records and bytes. */
const MAX_SENDS = 32;

/** Records on their way to the broker; those before them in line are acknowledged first. */
interface Sent extends Pick<Outgoing, 'offsets' | 'records'> {
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
  readonly #inFlight: InFlight;
  /** Offsets of acknowledged records that are not stored yet. */
  readonly #toStore = new PartitionMap<SourceOffset>();
  #storing: Promise<void> | undefined;

  constructor(options: AcknowledgedSendsOptions) {
    this.#options = options;
    this.#inFlight = new InFlight(options.budget, options.metrics);
    this.#timer = setInterval(() => void this.#storeOffsets(), options.intervalMs);
  }

  async send(
    outgoing: Outgoing,
    reservation: Reservation,
    wait: (promise: Promise<void>) => Promise<void>,
  ): Promise<number> {
    const { broker, connector, offsets: store, producer } = this.#options;
    const { records, offsets, out, letters } = outgoing;
    const load = loadOf(outgoing);
    while (this.#isFull(load)) await wait(this.#inFlight.whenRoom());
    this.#inFlight.enter(load, reservation);
    const sent: Sent = { offsets, records, done: false };
    this.#line.push(sent);
    const written = letters.length === 0 ? out : [...out, ...letters];
    const all = broker.atomicSends
      ? [...written, ...offsets.map(([partition, offset]) => store.record(connector, partition, offset))]
      : written;
    const delivery = all.length === 0 ? Promise.resolve() : producer.send(all);
    this.#inFlight.settled(outgoing, load, delivery).then(
      () => {
        sent.done = true;
        this.#acknowledge();
      },
      (error: unknown) => {
        this.#options.onFailure(new SendError(`Records could not be written: ${messageOf(error)}`, { cause: error }));
        this.#line.splice(this.#line.indexOf(sent));
        this.#inFlight.wake();
      },
    );
    return load.bytes;
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
    while (this.#line.length > 0) await this.#inFlight.whenRoom();
    await this.#storeOffsets();
  }

  #isFull(load: Load): boolean {
    return this.#line.length > 0 && (this.#line.length >= MAX_SENDS || !this.#inFlight.fits(load));
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
    this.#inFlight.wake();
    const { onDurable } = this.#options;
    if (onDurable) for (const { records } of acknowledged) onDurable(records);
  }
}
