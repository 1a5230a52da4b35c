import { messageOf, type SourceOffset, type SourceRecord } from '@tributary/api';
import { ProducerFencedError } from '../broker/errors.ts';
import { PartitionMap } from '../store/offset-store.ts';
import type { Reservation } from './reservation.ts';
import { lastOffsets, type Outgoing, SendError, type Sends, type SendsOptions, sizeOf } from './sends.ts';

/** What ends a transaction (KIP-618): each batch of the source, time, or the source itself. */
export type Boundary = 'poll' | 'interval' | 'connector';

/** Bytes and records that wait or are on their way before the source is no longer pulled. */
const MAX_BYTES = 16 * 1024 * 1024;
const MAX_RECORDS = 8_000;
/** With boundary `poll`, batches that came while a commit was under way share the next transaction up to this size. */
const MAX_SHARED_BYTES = 4 * 1024 * 1024;

type Step =
  | { readonly type: 'records'; readonly outgoing: Outgoing; readonly bytes: number }
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
  #bytes = 0;
  #records = 0;
  #working: Promise<void> | undefined;
  #broken = false;
  #room: PromiseWithResolvers<void> | undefined;
  // The transaction that is open, or about to be:
  #open = false;
  #sent: Array<Promise<unknown>> = [];
  #offsets = new PartitionMap<SourceOffset>();
  #durable: Array<readonly SourceRecord[]> = [];
  #size = 0;
  #sharedBytes = 0;

  constructor(options: TransactionalSendsOptions) {
    this.#options = options;
    if (options.boundary === 'interval') this.#timer = setInterval(() => this.commit(), options.intervalMs);
  }

  async send(
    outgoing: Outgoing,
    reservation: Reservation,
    wait: (promise: Promise<void>) => Promise<void>,
  ): Promise<number> {
    const bytes = sizeOf(outgoing.out) + sizeOf(outgoing.letters);
    const count = outgoing.out.length;
    while (this.#bytes > 0 && (this.#bytes + bytes > MAX_BYTES || this.#records + count > MAX_RECORDS))
      await wait(this.#whenRoom());
    if (this.#broken) return 0;
    reservation.spend(bytes);
    this.#bytes += bytes;
    this.#records += count;
    this.#options.metrics.change('source-record-active-count', count);
    this.#push({ type: 'records', outgoing, bytes });
    return bytes;
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

  #push(step: Step): void {
    if (this.#broken) return;
    this.#line.push(step);
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    // What is pushed in the same turn is in line before the first step is taken.
    await null;
    try {
      for (let step = this.#line.shift(); step; step = this.#line.shift()) {
        if (step.type === 'records') await this.#dispatch(step.outgoing, step.bytes);
        else if (step.type === 'abort') await this.#rollBack();
        else if (!this.#mayShare()) await this.#commit();
      }
    } catch (error) {
      this.#giveUp(error);
    } finally {
      this.#working = undefined;
      this.#wake();
    }
  }

  #giveUp(error: unknown): void {
    if (this.#broken) return;
    const { budget, log, metrics, onFailure } = this.#options;
    const failure = this.#failure(error);
    this.#broken = true;
    clearInterval(this.#timer);
    for (const step of this.#line.splice(0)) if (step.type === 'records') budget.release(step.bytes);
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

  async #dispatch({ records, out, letters }: Outgoing, bytes: number): Promise<void> {
    const { metrics, producer } = this.#options;
    for (const [partition, offset] of lastOffsets(records)) this.#offsets.set(partition, offset);
    if (this.#options.onDurable) this.#durable.push(records);
    this.#size += out.length;
    this.#sharedBytes += bytes;
    const settle = (): void => {
      this.#bytes -= bytes;
      this.#records -= out.length;
      this.#options.budget.release(bytes);
      metrics.change('source-record-active-count', -out.length);
      this.#wake();
    };
    if (out.length + letters.length === 0) return settle();
    await this.#begin();
    const sent = producer.send(letters.length === 0 ? out : [...out, ...letters]).then(
      () => {
        settle();
        metrics.count('source-record-write-total', out.length);
        const newest = records[records.length - 1]!.timestamp;
        if (newest !== null) metrics.latency('event-to-write-ms', Date.now() - newest, out.length);
      },
      (error: unknown) => {
        settle();
        throw error;
      },
    );
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

  #whenRoom(): Promise<void> {
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  #wake(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}
