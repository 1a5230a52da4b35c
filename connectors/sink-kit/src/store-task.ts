import {
  Backoff,
  DataError,
  FatalError,
  messageOf,
  RetriableError,
  type SinkContext,
  type SinkRecord,
  type SinkTask,
} from '@tributary/api';
import { chunksOf } from './chunks.ts';
import type { DeliveryConfig } from './delivery-config.ts';
import type { Fault } from './fault.ts';
import { type WriteMetrics, writeMetrics } from './write-metrics.ts';

type Records = readonly SinkRecord[];

/** Reports one record that cannot be converted; the others of the batch are written. @throws what ends the task, if errors are not tolerated */
export type Refuse = (record: SinkRecord, error: unknown) => void;

/** What a sink does with its store; the rest is {@link storeTask}'s. */
export interface Store {
  /**
   * Converts, folds and sends; resolves when the store has acknowledged everything. After a fault it is called again with the same
   * records, or, after a `data` fault, with parts of them in the order of their offsets: so a write is one transaction, or bears
   * to be repeated.
   */
  write(records: Records, refuse: Refuse): Promise<void>;
  /**
   * Works out what it can of records that are likely to be written next, in just this list; nothing is sent. What it throws is passed
   * over. Default: nothing.
   */
  prepare?(records: Records): void;
  /** What an error of `write` means. */
  classify(error: unknown): Fault;
  close(): Promise<void>;
}

export interface StoreTaskOptions {
  readonly store: Store;
  readonly context: SinkContext;
  readonly config: DeliveryConfig;
  /** The store's name in messages: `Cassandra`. */
  readonly label: string;
}

/** The parts of a sink's task that are the same for every store. `open` and `preCommit` are the sink's to add. */
export interface StoreTask extends SinkTask {
  readonly readAhead: true;
  prepare(records: Records): void;
  put(records: Records): Promise<void>;
  flush(): Promise<void>;
  close(): void;
  stop(): Promise<void>;
}

/** A sink task on a store: batches, retries with backoff, a circuit that opens when the store is down, the division of batches that fail. */
export function storeTask(options: StoreTaskOptions): StoreTask {
  const { store, context, config } = options;
  const writer = new Writer(options);
  let waiting: Records = [];
  let timer: NodeJS.Timeout | undefined;
  const wake = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    readAhead: true,
    prepare(records) {
      const alone = waiting.length === 0 && config['linger.ms'] === 0 && records.length <= config['batch.size'];
      if (alone) store.prepare?.(records);
    },
    async put(records) {
      const all = waiting.length === 0 ? records : [...waiting, ...records];
      if (config['linger.ms'] > 0 && all.length < config['batch.size']) {
        waiting = all;
        // The flush before a commit writes them: never behind the back of a group that has given the partitions to another.
        timer ??= setTimeout(() => context.requestCommit(), config['linger.ms']);
        return;
      }
      // If it fails, those that were waiting still do; those that were put come again.
      await writer.deliver(all);
      waiting = [];
      wake();
    },
    async flush() {
      wake();
      const all = waiting;
      // If it fails, they come again with all others since the last commit.
      waiting = [];
      await writer.deliver(all);
    },
    close() {
      wake();
      waiting = [];
    },
    async stop() {
      wake();
      await store.close();
    },
  };
}

class Writer {
  readonly #options: StoreTaskOptions;
  readonly #backoff: Backoff;
  readonly #metrics: WriteMetrics;
  /** Of a batch that comes again: those that need not be written again. */
  readonly #done = new WeakSet<SinkRecord>();
  /** Of the write that is under way. */
  #refused = 0;
  /** In the delivery that is under way. */
  #written: Records[] = [];
  #retries = 0;
  #downSince: number | undefined;
  /** What ended the task while a record was refused. */
  #refusal: { readonly error: unknown } | undefined;

  constructor(options: StoreTaskOptions) {
    this.#options = options;
    const { config, context } = options;
    this.#metrics = writeMetrics(context.metrics);
    this.#backoff = new Backoff({ firstMs: config['retry.backoff.ms'], maxMs: config['retry.backoff.max.ms'] });
  }

  async deliver(records: Records): Promise<void> {
    // Only after a failure is there anything that is done.
    const todo = this.#backoff.attempts === 0 ? records : records.filter((record) => !this.#done.has(record));
    this.#written = [];
    try {
      for (const chunk of chunksOf(todo, { count: this.#options.config['batch.size'] })) await this.#write(chunk);
    } catch (error) {
      for (const record of this.#written.flat()) this.#done.add(record);
      throw error;
    }
  }

  async #write(records: Records): Promise<void> {
    const started = performance.now();
    this.#refused = 0;
    try {
      await this.#options.store.write(records, this.#refuse);
    } catch (error) {
      if (this.#refusal) throw this.#refusal.error;
      // The runtime's, out of what the store asked of it.
      if (error instanceof RetriableError || error instanceof FatalError) throw error;
      await this.#failed(records, error);
      return;
    }
    this.#metrics.batch.observe(records.length);
    this.#metrics.timeMs.observe(performance.now() - started);
    this.#written.push(records);
    this.#wrote(records.length);
  }

  async #failed(records: Records, error: unknown): Promise<void> {
    const { label, store, config } = this.#options;
    const { kind, retryAfterMs } = store.classify(error);
    switch (kind) {
      case 'data':
        return this.#divide(records, error);
      case 'unknown':
        throw error;
      case 'fatal':
        throw new FatalError(messageOf(error), { cause: error });
      case 'down':
        this.#open(error);
        return this.#later(`${label} cannot be reached`, error, retryAfterMs);
      case 'transient':
        if (this.#retries++ >= config['max.retries'])
          throw new FatalError(
            `${label} has refused a write ${this.#retries} times in a row, the last time with: ${messageOf(error)}. max.retries=${config['max.retries']} allows no more attempts`,
            { cause: error },
          );
        return this.#later(`${label} could not take a write`, error, retryAfterMs);
    }
  }

  /** In the order of the offsets, so that what a refused record would have replaced is written. */
  async #divide(all: Records, error: unknown): Promise<void> {
    const records = all.filter((record) => !this.#done.has(record));
    if (records.length === 0) throw error;
    const half = records.length >>> 1;
    if (half === 0) {
      const fault = error instanceof DataError ? error : new DataError(messageOf(error), { cause: error });
      this.#refuse(records[0]!, fault);
      return;
    }
    await this.#write(records.slice(0, half));
    await this.#write(records.slice(half));
  }

  #later(what: string, error: unknown, retryAfterMs: number | undefined): never {
    this.#metrics.retries.add(1);
    const pause = this.#backoff.next();
    this.#options.context.retryAfter(Math.max(pause, retryAfterMs ?? 0));
    throw new RetriableError(`${what}: ${messageOf(error)}`, { cause: error });
  }

  readonly #refuse: Refuse = (record, error) => {
    if (this.#done.has(record)) return;
    try {
      this.#options.context.reportErrant(record, error);
    } catch (refusal) {
      this.#refusal = { error: refusal };
      throw refusal;
    }
    this.#metrics.errant.add(1);
    this.#done.add(record);
    this.#refused++;
  };

  #open(error: unknown): void {
    if (this.#downSince !== undefined) return;
    this.#downSince = performance.now();
    this.#metrics.down.set(1);
    this.#options.context.log.warn(
      `${this.#options.label} cannot be reached; its partitions wait until it can be: ${messageOf(error)}`,
    );
  }

  #wrote(records: number): void {
    this.#metrics.written.add(records - this.#refused);
    this.#backoff.reset();
    this.#retries = 0;
    if (this.#downSince === undefined) return;
    const seconds = ((performance.now() - this.#downSince) / 1000).toFixed(1);
    this.#options.context.log.info(`${this.#options.label} takes writes again, after ${seconds} s`);
    this.#downSince = undefined;
    this.#metrics.down.set(0);
  }
}
