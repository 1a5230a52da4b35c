import { Signal } from '../../concurrency/signal.ts';
import { BrokerError } from '../errors.ts';
import type { RecordRead, TopicReader, TopicReaderOptions } from '../port.ts';
import type { Breather } from './breather.ts';
import { Fetcher } from './fetcher.ts';
import type { Log } from './log.ts';

/** Records per call of `onRecords`. */
const SLICE = 1000;

interface Target {
  readonly offsets: readonly number[];
  readonly reached: PromiseWithResolvers<void>;
}

export class EmbeddedReader implements TopicReader {
  readonly #log: Log;
  readonly #breather: Breather;
  readonly #options: TopicReaderOptions;
  readonly #onClose: (reader: EmbeddedReader) => void;
  readonly #signal = new Signal();
  readonly #wake = (): void => this.#signal.set();
  #fetchers: readonly Fetcher[] = [];
  #targets: Target[] = [];
  #failure: Error | null = null;
  #closed = false;

  constructor(log: Log, breather: Breather, options: TopicReaderOptions, onClose: (reader: EmbeddedReader) => void) {
    this.#log = log;
    this.#breather = breather;
    this.#options = options;
    this.#onClose = onClose;
    this.#run();
  }

  async readToEnd(): Promise<void> {
    this.#refuseIfOver();
    const partitions = this.#log.topic(this.#options.topic).partitions;
    const target: Target = {
      offsets: partitions.map(({ end }) => end),
      reached: Promise.withResolvers<void>(),
    };
    this.#targets.push(target);
    this.#wake();
    return target.reached.promise;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#end(new BrokerError('The reader is closed', { code: 'READER_CLOSED' }));
    this.#wake();
    this.#onClose(this);
  }

  async #run(): Promise<void> {
    try {
      // The caller gets the reader before its records.
      await this.#breather.rest();
      if (this.#closed) return;
      this.#fetchers = this.#log
        .topic(this.#options.topic)
        .partitions.map((log) => new Fetcher(this.#log.storage, log, log.begin));
      for (const { log } of this.#fetchers) log.listen(this.#wake);
      while (!this.#closed) {
        this.#signal.clear();
        for (const fetcher of this.#fetchers) await this.#drain(fetcher);
        this.#settle();
        await this.#signal.wait(Number.POSITIVE_INFINITY);
      }
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error));
      this.#end(this.#failure);
      if (!this.#closed) this.#options.onError(this.#failure);
    }
  }

  async #drain(fetcher: Fetcher): Promise<void> {
    const { log } = fetcher;
    for (;;) {
      if (this.#closed) return;
      if (log.deleted) {
        throw new BrokerError(`Topic ${log.topic} was deleted`, { code: 'UNKNOWN_TOPIC_OR_PARTITION' });
      }
      if (fetcher.position < log.begin) fetcher.seek(log.begin);
      const records: RecordRead[] = [];
      if (fetcher.take(records, SLICE) === 0) return;
      this.#options.onRecords(records);
      if (this.#breather.due) await this.#breather.rest();
    }
  }

  #settle(): void {
    this.#targets = this.#targets.filter(({ offsets, reached }) => {
      const there = offsets.every((offset, index) => this.#fetchers[index]!.position >= offset);
      if (there) reached.resolve();
      return !there;
    });
  }

  #end(reason: Error): void {
    for (const { log } of this.#fetchers) log.unlisten(this.#wake);
    for (const { reached } of this.#targets) reached.reject(reason);
    this.#targets = [];
  }

  #refuseIfOver(): void {
    if (this.#failure) throw this.#failure;
    if (this.#closed) throw new BrokerError('The reader is closed', { code: 'READER_CLOSED' });
  }
}
