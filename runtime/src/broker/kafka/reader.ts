import { messageOf, type TopicPartitionOffset } from '@tributary/api';
import { BrokerError, BrokerUnavailableError } from '../errors.ts';
import type { RecordRead, TopicReader, TopicReaderOptions } from '../port.ts';
import type { Cluster } from './cluster.ts';
import { FETCH_IDLE_WAIT_MS, FETCH_WAIT_MS } from './consumer-settings.ts';
import { Fetcher } from './fetcher.ts';
import { EARLIEST, LATEST, lookUpOffsets } from './offset-lookup.ts';
import { yieldToLoop } from './retry.ts';

/** Records per call of `onRecords`. */
const SLICE = 1_000;
const MIB = 1_048_576;

interface Target {
  readonly offsets: readonly TopicPartitionOffset[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class KafkaReader implements TopicReader {
  readonly #cluster: Cluster;
  readonly #options: TopicReaderOptions;
  readonly #fetcher: Fetcher;
  readonly #closing = new AbortController();
  readonly #done: Promise<void>;
  readonly #started: Promise<void>;
  readonly #onClose: () => void;
  #targets: Target[] = [];
  #partitions = 0;
  #error: Error | undefined;

  constructor(cluster: Cluster, options: TopicReaderOptions, onClose: () => void) {
    this.#cluster = cluster;
    this.#options = options;
    this.#onClose = onClose;
    this.#fetcher = new Fetcher(cluster, {
      clientId: options.clientId,
      isolation: options.isolation ?? 'read_committed',
      offsetReset: 'earliest',
      maxBufferedBytes: 8 * MIB,
      maxPartitionBytes: MIB,
      maxBytes: 8 * MIB,
      minBytes: 1,
      maxWaitMs: FETCH_WAIT_MS,
      idleWaitMs: FETCH_IDLE_WAIT_MS,
      checkCrcs: true,
    });
    this.#started = this.#start();
    this.#started.catch(() => {});
    this.#done = this.#run();
  }

  async readToEnd(): Promise<void> {
    await this.#started;
    const { topic } = this.#options;
    const doing = `Reading topic ${topic} to its end`;
    await this.#cluster.topic(topic, doing, this.#closing.signal);
    await this.#addPartitions();
    if (this.#error) throw this.#error;
    const all = Array.from({ length: this.#partitions }, (_, partition) => ({ topic, partition }));
    const patience = this.#cluster.patience(doing, this.#closing.signal, Number.POSITIVE_INFINITY);
    // Not the last stable offset: behind a transaction that is open, or whose marker is still being written, what is acknowledged would be missed.
    const offsets = await lookUpOffsets(this.#cluster, all, LATEST, 'read_uncommitted', patience);
    if (this.#error) throw this.#error;
    await new Promise<void>((resolve, reject) => {
      this.#targets.push({ offsets, resolve, reject });
      this.#settleTargets();
    });
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return this.#done;
    this.#closing.abort();
    this.#fetcher.close();
    this.#end(new BrokerUnavailableError(`The reader of topic ${this.#options.topic} is closed`));
    await this.#done;
    this.#onClose();
  }

  async #start(): Promise<void> {
    try {
      const { topic } = this.#options;
      for (;;) {
        try {
          await this.#cluster.topic(topic, `Reading topic ${topic}`, this.#closing.signal);
          break;
        } catch (error) {
          // An outage is waited out however long it lasts.
          if (!(error instanceof BrokerUnavailableError) || this.#closing.signal.aborted) throw error;
        }
      }
      await this.#addPartitions();
    } catch (error) {
      this.#fail(error as Error);
      throw error;
    }
  }

  /** Takes on partitions that the topic did not have before, from their beginning. */
  async #addPartitions(): Promise<void> {
    const { topic, isolation = 'read_committed' } = this.#options;
    const count = this.#cluster.cached(topic)?.partitions.length ?? 0;
    const added = Array.from({ length: Math.max(0, count - this.#partitions) }, (_, i) => ({
      topic,
      partition: this.#partitions + i,
    }));
    if (added.length === 0) return;
    const doing = `Reading the beginning offsets of topic ${topic}`;
    const patience = this.#cluster.patience(doing, this.#closing.signal, Number.POSITIVE_INFINITY);
    const offsets = await lookUpOffsets(this.#cluster, added, EARLIEST, isolation, patience);
    const fresh = offsets.filter((offset) => !this.#fetcher.has(offset));
    this.#fetcher.add(fresh);
    this.#partitions = Math.max(this.#partitions, count);
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    let lookAgainAt = performance.now() + this.#cluster.settings.metadataMaxAgeMs;
    try {
      await this.#started;
      while (!signal.aborted) {
        const records: RecordRead[] = [];
        const more = this.#fetcher.take(records, SLICE);
        if (records.length > 0) this.#options.onRecords(records);
        this.#settleTargets();
        if (more) await yieldToLoop();
        else await this.#fetcher.arrival(1_000, signal);
        if (performance.now() > lookAgainAt) {
          lookAgainAt = performance.now() + this.#cluster.settings.metadataMaxAgeMs;
          await this.#cluster.refresh([this.#options.topic]).catch(() => {});
          await this.#addPartitions();
        }
      }
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #settleTargets(): void {
    if (this.#targets.length === 0) return;
    this.#targets = this.#targets.filter(({ offsets, resolve }) => {
      const reached = offsets.every((target) => (this.#fetcher.position(target) ?? 0) >= target.offset);
      if (reached) resolve();
      return !reached;
    });
  }

  #fail(error: Error): void {
    if (this.#closing.signal.aborted || this.#error) return;
    this.#end(
      error instanceof BrokerError
        ? error
        : new BrokerError(`Reading topic ${this.#options.topic} failed: ${messageOf(error)}`, { cause: error }),
    );
    this.#fetcher.close();
    this.#options.onError(this.#error!);
  }

  #end(error: Error): void {
    this.#error ??= error;
    const targets = this.#targets;
    this.#targets = [];
    for (const { reject } of targets) reject(error);
  }
}
