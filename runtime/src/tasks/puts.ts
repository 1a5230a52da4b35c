import {
  type Logger,
  messageOf,
  type SinkTask as PluginTask,
  type RetriableError,
  type SinkRecord,
} from '@tributary/api';
import { within } from '../concurrency/within.ts';
import type { TaskMetrics } from '../metrics/task-metrics.ts';
import type { DeadLetterQueue } from './dead-letter-queue.ts';
import { Delivery, type DeliveryOptions } from './delivery.ts';
import type { Batch, HeldBatch } from './held-batch.ts';
import type { SinkProgress } from './sink-progress.ts';

const DELIVERED = { done: true } as const;
/** The part of the time of a put for which records gather before the next batch of them is read, and the longest such time. */
const GATHERING = 0.25;
const MAX_GATHERING_MS = 100;

export interface PutsOptions extends Omit<DeliveryOptions, 'put'> {
  readonly plugin: () => Pick<PluginTask, 'put' | 'prepare' | 'readAhead'>;
  /** Records that the plugin reported: they do not come again. */
  readonly reported: { has(record: SinkRecord): boolean };
  /** What the sink could not take goes there. */
  readonly held: HeldBatch;
  readonly progress: Pick<SinkProgress, 'took'>;
  readonly letters: Pick<DeadLetterQueue, 'send'> | undefined;
  readonly metrics: TaskMetrics;
  readonly log: Logger;
  /** Whether an error says only that the task is to stop: then the batch comes again to whoever has the partitions next. */
  interrupted(error: unknown): boolean;
  /** Ends a wait for records: there is something to do about the batch that was put. */
  wake(): void;
}

/** Puts batches one after the other, while the task reads the next one if the sink allows that. */
export class Puts {
  readonly #options: PutsOptions;
  readonly #delivery: Delivery;
  #underWay: Promise<void> | undefined;
  #lastMs = 0;
  #failure: { readonly error: unknown; readonly batch: Batch } | undefined;

  constructor(options: PutsOptions) {
    this.#options = options;
    this.#delivery = new Delivery({ ...options, put: (records) => options.plugin().put(records) });
  }

  /**
   * Puts a batch when the one before is done. A batch that follows one that is held is held behind it.
   * @param done when the sink does not have it in hand any more
   * @throws what the batch before failed with; where nothing is read ahead, also what this one fails with
   */
  async give(batch: Batch, done: () => void = () => {}): Promise<void> {
    this.#prepare(batch);
    try {
      await this.settled();
    } catch (error) {
      done();
      throw error;
    }
    const { held, plugin, interrupted, wake } = this.#options;
    if (!held.empty) {
      held.append(batch);
      done();
      return;
    }
    this.#underWay = this.#put(batch)
      .catch((error: unknown) => {
        if (interrupted(error)) return;
        this.#failure = { error, batch };
        wake();
      })
      .finally(() => {
        this.#underWay = undefined;
        done();
      });
    if (plugin().readAhead !== true) await this.settled();
  }

  /**
   * Lets records gather while the sink has a batch in hand: what is read the moment that it comes makes a small batch, and the sink is busy
   * anyway. Not for so long that the next batch would not be converted in time.
   */
  async gather(): Promise<void> {
    if (!this.#underWay) return;
    const pauseMs = Math.min(MAX_GATHERING_MS, this.#lastMs * GATHERING);
    await within(pauseMs, this.#underWay);
  }

  /** Waits until the sink has no batch in hand. @throws what the last one failed with */
  async settled(): Promise<void> {
    await this.#underWay;
    this.check();
  }

  /** @throws what a batch failed with */
  check(): void {
    if (this.#failure) throw this.#failure.error;
  }

  /** The batch that failed with an error. */
  failedWith(error: unknown): Batch | undefined {
    return this.#failure?.error === error ? this.#failure?.batch : undefined;
  }

  #prepare({ records }: Batch): void {
    if (!this.#underWay || records.length === 0) return;
    try {
      this.#options.plugin().prepare?.(records);
    } catch (error) {
      this.#options.log.debug(`A batch could not be prepared: ${messageOf(error)}`);
    }
  }

  async #put(batch: Batch): Promise<void> {
    const { held, letters, metrics, progress } = this.#options;
    const started = performance.now();
    const delivered = batch.records.length === 0 ? DELIVERED : await this.#delivery.deliver(batch.records);
    await letters?.send();
    this.#lastMs = performance.now() - started;
    if (!delivered.done) {
      this.#hold(batch, delivered.rest, delivered.error);
      return;
    }
    held.taken();
    metrics.observe('put-batch-time-ms', this.#lastMs);
    metrics.count('sink-record-send-total', batch.records.length);
    metrics.change('sink-record-active-count', batch.records.length);
    progress.took(batch.records, batch.reaches);
  }

  /** Keeps what the sink could not take now; its partitions are paused until it has it. */
  #hold(batch: Batch, rest: readonly SinkRecord[], error: RetriableError | null): void {
    const { held, reported, metrics, log, wake } = this.#options;
    const records = rest.filter((record) => !reported.has(record));
    const remaining = { records, reaches: batch.reaches };
    wake();
    if (error === null) {
      held.holdUnheard(remaining);
      log.debug(`${rest.length} records wait until the group was heard again`);
      return;
    }
    const delay = held.hold(remaining);
    metrics.retried();
    log.warn(`The sink could not take ${rest.length} records and gets them again in ${delay} ms: ${messageOf(error)}`);
  }
}
