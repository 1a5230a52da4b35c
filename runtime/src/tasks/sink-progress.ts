import {
  type Logger,
  messageOf,
  type OffsetAndMetadata,
  RetriableError,
  type SinkRecord,
  type SinkTask,
  type TopicPartition,
  type TopicPartitionOffset,
} from '@tributary/api';
import { CommitFailedError } from '../broker/errors.ts';
import type { GroupConsumer } from '../broker/port.ts';
import type { TaskMetrics } from '../metrics/task-metrics.ts';
import type { DeadLetterQueue } from './dead-letter-queue.ts';
import { PlaceMap, PositionMap } from './positions.ts';

/** Latencies are sampled: so many times of records are remembered until the next commit. */
const MAX_SAMPLES = 10_000;
const SAMPLES_PER_BATCH = 8;
/** How soon a commit is tried again that had to wait until the group was heard. */
const UNHEARD_MS = 100;

export interface SinkProgressOptions {
  readonly consumer: GroupConsumer;
  readonly plugin: () => Pick<SinkTask, 'flush' | 'preCommit'>;
  /** Dead letters, which are durable before the offsets behind their records, or together with them. */
  readonly letters: Pick<DeadLetterQueue, 'abort' | 'commitWith' | 'dueAt'> | undefined;
  readonly metrics: TaskMetrics;
  readonly log: Logger;
  /** `offset.flush.interval.ms`. */
  readonly intervalMs: number;
}

/** How far a sink task has come in each partition, and how far that is committed. */
export class SinkProgress {
  readonly #options: SinkProgressOptions;
  /** Behind the last record that `put` took. */
  readonly #positions = new PositionMap();
  /** What was committed last, or where the task began: whatever is in front of it may have to come again. */
  readonly #committed = new PositionMap();
  /** What the group has. */
  readonly #ofGroup = new PlaceMap<{ readonly offset: number; readonly metadata: string }>();
  #dueAt: number;
  #notBefore = Number.NEGATIVE_INFINITY;
  #seqNo = 0;
  #samples: Array<{ readonly timestamp: number; readonly count: number }> = [];

  constructor(options: SinkProgressOptions) {
    this.#options = options;
    this.#dueAt = performance.now() + options.intervalMs;
  }

  /** When the next commit is due, by the clock of `performance.now()`. */
  get dueAt(): number {
    const dueAt = Math.min(this.#dueAt, this.#options.letters?.dueAt ?? Number.POSITIVE_INFINITY);
    return Math.max(this.#notBefore, dueAt);
  }

  /** Makes a commit due now. */
  request(): void {
    this.#dueAt = Number.NEGATIVE_INFINITY;
  }

  /** Partitions have come. @param committed what the group has of them */
  assigned(committed: readonly OffsetAndMetadata[]): void {
    for (const { offset, metadata = '', ...place } of committed) this.#ofGroup.set(place, { offset, metadata });
  }

  /** What the group has of a partition; null: nothing. */
  committed(place: TopicPartition): { readonly offset: number; readonly metadata: string } | null {
    return this.#ofGroup.get(place) ?? null;
  }

  /** Records from here on are about to be put. */
  began(first: TopicPartitionOffset): void {
    if (!this.#committed.has(first)) this.#committed.set(first, first.offset);
  }

  /** The sink has a batch. @param reaches the offsets behind it */
  took(records: readonly SinkRecord[], reaches: readonly TopicPartitionOffset[]): void {
    for (const place of reaches) this.#positions.set(place, place.offset);
    this.#time(records);
  }

  /** The plugin goes on elsewhere. */
  seek(offsets: readonly TopicPartitionOffset[]): void {
    for (const place of offsets) this.#positions.set(place, place.offset);
  }

  forget(partitions: readonly TopicPartition[]): void {
    for (const place of partitions) {
      this.#positions.delete(place);
      this.#committed.delete(place);
      this.#ofGroup.delete(place);
    }
  }

  /**
   * Flushes the sink, then commits what it has of these partitions. A flush that fails with a RetriableError takes the task back to
   * what is committed, as in Java: the records since then come again, in all of these partitions, since dead letters of any of
   * them may have been taken back.
   * @returns whether it went back; a batch that is held comes again then
   */
  async commit(partitions: readonly TopicPartition[]): Promise<'forward' | 'back'> {
    const { consumer, plugin, letters, metrics, intervalMs } = this.#options;
    // It is done when the group was heard again, or the records come to another task.
    if (consumer.leaseMs <= 0) return this.#notNow();
    this.#dueAt = performance.now() + intervalMs;
    const ahead = this.#ahead(partitions);
    const started = performance.now();
    const sink = plugin();
    let safe: readonly OffsetAndMetadata[] = [];
    try {
      if (ahead.length > 0) {
        await sink.flush?.();
        safe = sink.preCommit ? await sink.preCommit(ahead) : ahead;
      }
    } catch (error) {
      this.#failed('The sink could not flush; its records since the last commit come again', error);
      await letters?.abort();
      this.rewind(partitions);
      return 'back';
    }
    if (consumer.leaseMs <= 0) return this.#notNow();
    let together: boolean | undefined;
    try {
      // Nothing may be committed whose dead letter could still be lost.
      together = await letters?.commitWith(safe, safe.length > 0 ? consumer.membership : null);
    } catch (error) {
      this.#failed('Dead letters and offsets could not be committed; their records come again', error);
      // The letters were taken back: they are written anew only if their records come again.
      this.rewind(partitions);
      return 'back';
    }
    if (ahead.length === 0) metrics.count('offset-commit-skip-total');
    if (safe.length === 0) return 'forward';
    try {
      if (!together) await consumer.commit(safe);
    } catch (error) {
      this.#failed('Offsets could not be committed; their records may come again', error);
      return 'forward';
    }
    for (const place of safe) this.#committed.set(place, place.offset);
    this.assigned(safe);
    metrics.set('offset-commit-seq-no', ++this.#seqNo);
    metrics.observe('offset-commit-time-ms', performance.now() - started);
    metrics.count('offset-commit-success-total');
    metrics.count('offset-commit-completion-total');
    metrics.set('sink-record-active-count', 0);
    const now = Date.now();
    for (const { timestamp, count } of this.#samples) metrics.latency('event-to-commit-ms', now - timestamp, count);
    this.#samples = [];
    return 'forward';
  }

  #notNow(): 'forward' {
    this.#notBefore = performance.now() + UNHEARD_MS;
    this.#dueAt = this.#notBefore;
    this.#options.metrics.count('offset-commit-skip-total');
    this.#options.log.debug('No flush and no commit before the group was heard again');
    return 'forward';
  }

  /** Counts and tells of a commit that did not succeed. @throws the error itself if it will not pass */
  #failed(what: string, error: unknown): void {
    this.#options.metrics.count('offset-commit-failure-total');
    if (!(error instanceof CommitFailedError) && !(error instanceof RetriableError)) throw error;
    this.#options.log.warn(`${what}: ${messageOf(error)}`);
  }

  #ahead(partitions: readonly TopicPartition[]): readonly TopicPartitionOffset[] {
    return partitions.flatMap(({ topic, partition }) => {
      const offset = this.#positions.get({ topic, partition });
      return offset === undefined || offset === this.#committed.get({ topic, partition })
        ? []
        : [{ topic, partition, offset }];
    });
  }

  /** Goes back to what is committed, or to where the task began: the records since then come again. */
  rewind(partitions: readonly TopicPartition[]): void {
    const back = partitions.flatMap(({ topic, partition }) => {
      const offset = this.#committed.get({ topic, partition });
      return offset === undefined ? [] : [{ topic, partition, offset }];
    });
    this.#options.consumer.seek(back);
    this.seek(back);
  }

  /** Latencies by a few samples of a batch, each standing for its neighbours. */
  #time(records: readonly SinkRecord[]): void {
    const now = Date.now();
    const step = Math.ceil(records.length / SAMPLES_PER_BATCH);
    for (let i = 0; i < records.length; i += step) {
      const { timestamp } = records[i]!;
      if (timestamp === null) continue;
      const count = Math.min(step, records.length - i);
      this.#options.metrics.latency('event-to-put-ms', now - timestamp, count);
      if (this.#samples.length < MAX_SAMPLES) this.#samples.push({ timestamp, count });
    }
  }
}
