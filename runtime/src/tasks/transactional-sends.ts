import { messageOf, type SourceOffset, type SourceRecord } from '@tributary/api';
import { ProducerFencedError } from '../broker/errors.ts';
import { PartitionMap } from '../store/partition-map.ts';
import { InFlight, type Load, loadOf } from './in-flight.ts';
import type { Reservation } from './reservation.ts';
import { type Outgoing, SendError, type Sends, type SendsOptions } from './sends.ts';

/** What ends a transaction (KIP-618): each batch of the source, time, or the source itself. */
export type Boundary = 'poll' | 'interval' | 'connector';

/** With boundary `poll`, batches that came while a commit was under way share the next transaction up to this size. */
const MAX_SHARED_BYTES = 4 * 1024 * 1024;

/**
 * With boundary `connector`, transactions that may be in line. A source that ends them faster than the broker does is not pulled meanwhile,
 * makes larger ones, and a stop has little left to wait for. (In Java it waits for each.)
 */
const MOST_IN_LINE = 4;

type Step =
  | { readonly type: 'records'; readonly outgoing: Outgoing; readonly load: Load }
  | { readonly type: 'commit' }
  | { readonly type: 'abort' };

export interface TransactionalSendsOptions extends SendsOptions {
  readonly boundary: Boundary;
  /** `transaction.boundary.interval.ms`, for boundary `interval`. */
  readonly intervalMs: number;
  /** For messages: the transactional id of the producer. */
  readonly transactionalId: string;
}

/**
 * A source task's records under exactly-once (KIP-618): records, dead letters and the offsets behind them are in one transaction. What
 * was accepted is worked off in line: begin, send, commit; the source is pulled on meanwhile.
 */
export class TransactionalSends implements Sends {
  readonly #options: TransactionalSendsOptions;
  readonly #line: Step[] = [];
  readonly #timer: NodeJS.Timeout | undefined;
  /** What is in line counts too. */
  readonly #inFlight: InFlight;
  #working: Promise<void> | undefined;
  /** Ends of transactions that are in line or under way. */
  #ends = 0;
  #broken = false;
  // The transaction that is open, or about to be:
  #open = false;
  #sent: Array<Promise<unknown>> = [];
  #offsets = new PartitionMap<SourceOffset>();
  #durable: Array<readonly SourceRecord[]> = [];
  #size = 0;
  #sharedBytes = 0;

  constructor(options: TransactionalSendsOptions) {
    this.#options = options;
    this.#inFlight = new InFlight(options.budget, options.metrics);
    if (options.boundary === 'interval') this.#timer = setInterval(() => this.commit(), options.intervalMs);
  }

  async send(
    outgoing: Outgoing,
    reservation: Reservation,
    wait: (promise: Promise<void>) => Promise<void>,
  ): Promise<number> {
    const load = loadOf(outgoing);
    while (this.#isFull(load)) await wait(this.#inFlight.whenRoom());
    if (this.#broken) return 0;
    this.#inFlight.enter(load, reservation);
    this.#push({ type: 'records', outgoing, load });
    return load.bytes;
  }

  endOfBatch(): void {
    if (this.#options.boundary === 'poll') this.commit();
  }

  /** Commits what was sent before this call. */
  commit(): void {
    if (this.#line.at(-1)?.type !== 'commit') this.#push({ type: 'commit' });
  }

  /** Takes back what was sent since the last commit. Its offsets are committed all the same, as in Java: the records do not come again. */
  abort(): void {
    this.#push({ type: 'abort' });
  }

  /** A transaction must not stay open while nobody pulls: the broker would end it. */
  paused(): void {
    if (this.#options.boundary !== 'connector') this.commit();
  }

  async drain(orderly: boolean): Promise<void> {
    clearInterval(this.#timer);
    // Where the source sets the boundaries, what it has not committed is not complete.
    if (orderly && this.#options.boundary !== 'connector') this.commit();
    while (this.#working) await this.#working;
  }

  #isFull(load: Load): boolean {
    if (!this.#inFlight.empty && !this.#inFlight.fits(load)) return true;
    return this.#options.boundary === 'connector' && this.#ends >= MOST_IN_LINE;
  }

  #push(step: Step): void {
    if (this.#broken) return;
    this.#line.push(step);
    if (step.type !== 'records') this.#ends++;
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    // What is pushed in the same turn is in line before the first step is taken.
    await null;
    try {
      for (let step = this.#line.shift(); step; step = this.#line.shift()) {
        if (step.type === 'records') await this.#dispatch(step.outgoing, step.load);
        else {
          if (step.type === 'abort') await this.#rollBack();
          else if (!this.#mayShare()) await this.#commit();
          this.#ends--;
          this.#inFlight.wake();
        }
      }
    } catch (error) {
      this.#giveUp(error);
    } finally {
      this.#working = undefined;
      this.#inFlight.wake();
    }
  }

  #giveUp(error: unknown): void {
    if (this.#broken) return;
    const { log, metrics, onFailure } = this.#options;
    const failure = this.#failure(error);
    this.#broken = true;
    this.#ends = 0;
    clearInterval(this.#timer);
    for (const step of this.#line.splice(0)) if (step.type === 'records') this.#inFlight.leave(step.load);
    metrics.count('offset-commit-failure-total');
    log.error(failure.message);
    onFailure(failure);
  }

  /** Whether this commit can be left to the one that is already in line. */
  #mayShare(): boolean {
    return (
      this.#options.boundary === 'poll' &&
      this.#sharedBytes < MAX_SHARED_BYTES &&
      this.#line.some(({ type }) => type === 'commit')
    );
  }

  async #dispatch(outgoing: Outgoing, load: Load): Promise<void> {
    const { records, offsets, out, letters } = outgoing;
    for (const [partition, offset] of offsets) this.#offsets.set(partition, offset);
    if (this.#options.onDurable) this.#durable.push(records);
    this.#size += out.length;
    this.#sharedBytes += load.bytes;
    if (out.length + letters.length === 0) {
      this.#inFlight.leave(load);
      this.#inFlight.wake();
      return;
    }
    try {
      await this.#begin();
    } catch (error) {
      this.#inFlight.leave(load);
      throw error;
    }
    const delivery = this.#options.producer.send(letters.length === 0 ? out : [...out, ...letters]);
    const sent = this.#inFlight.settled(outgoing, load, delivery).finally(() => this.#inFlight.wake());
    // Not only at the next commit, which may be far.
    sent.catch((error: unknown) => this.#giveUp(error));
    this.#sent.push(sent);
  }

  async #begin(): Promise<void> {
    if (this.#open) return;
    await this.#options.producer.begin();
    this.#open = true;
  }

  async #commit(): Promise<void> {
    const { connector, metrics, offsets, onDurable, producer } = this.#options;
    if (!this.#open && this.#offsets.size === 0) {
      metrics.count('offset-commit-skip-total');
    } else {
      const started = performance.now();
      const stored = [...this.#offsets.entries()].map(([partition, offset]) =>
        offsets.record(connector, partition, offset),
      );
      await this.#begin();
      if (stored.length > 0) this.#sent.push(producer.send(stored));
      await Promise.all(this.#sent);
      await producer.commit();
      metrics.observe('offset-commit-time-ms', performance.now() - started);
      metrics.observe('transaction-size', this.#size);
      metrics.count('offset-commit-success-total');
    }
    const durable = this.#durable;
    this.#reset();
    this.#offsets = new PartitionMap();
    if (onDurable) for (const records of durable) onDurable(records);
  }

  async #rollBack(): Promise<void> {
    if (this.#open) {
      await Promise.all(this.#sent);
      await this.#options.producer.abort();
    }
    this.#reset();
    await this.#commit();
  }

  #reset(): void {
    this.#open = false;
    this.#sent = [];
    this.#durable = [];
    this.#size = 0;
    this.#sharedBytes = 0;
  }

  #failure(error: unknown): SendError {
    const { transactionalId } = this.#options;
    const advice =
      error instanceof ProducerFencedError
        ? `. Another task, or a newer generation of this one, has taken over the transactional id ${transactionalId}; or the transaction took longer than the producer's transaction.timeout.ms: then a longer one (producer.override.transaction.timeout.ms), a shorter transaction.boundary.interval.ms or transaction.boundary=poll helps`
        : '';
    return new SendError(`The transaction could not be committed: ${messageOf(error)}${advice}`, { cause: error });
  }
}
