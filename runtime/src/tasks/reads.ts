import type { SinkRecord } from '@tributary/api';
import type { GroupConsumer, RecordRead } from '../broker/port.ts';
import type { TaskMetrics } from '../metrics/task-metrics.ts';
import type { SinkPipeline } from '../pipeline/sink-pipeline.ts';
import { inSlices } from '../pipeline/slices.ts';
import type { ByteBudget } from './budget.ts';
import type { DeadLetterQueue } from './dead-letter-queue.ts';
import type { Batch } from './held-batch.ts';
import type { Interrupt } from './interrupt.ts';
import { PositionMap } from './positions.ts';
import { BatchRoom, sizeOf } from './reservation.ts';
import type { SinkProgress } from './sink-progress.ts';

export interface ReadsOptions {
  readonly consumer: Pick<GroupConsumer, 'poll' | 'lag'>;
  readonly pipeline: SinkPipeline;
  readonly letters: Pick<DeadLetterQueue, 'send'> | undefined;
  readonly progress: Pick<SinkProgress, 'began'>;
  readonly budget: ByteBudget;
  readonly metrics: TaskMetrics;
  readonly interrupt: Interrupt;
  /** Records that one poll may return. */
  maxRecords(): number;
  /** Told of each topic that records came from. */
  onTopic(name: string): void;
}

/** Reads the batches of a sink task: takes room for one, polls, converts. */
export class Reads {
  readonly #options: ReadsOptions;
  /** For the batch that is read, and for the one that the sink has in hand meanwhile. */
  readonly #rooms: readonly BatchRoom[];
  #behind = false;

  constructor(options: ReadsOptions) {
    this.#options = options;
    this.#rooms = [new BatchRoom(options.budget), new BatchRoom(options.budget)];
  }

  /** The last poll was as large as may be: nothing needs to be waited for. */
  get behind(): boolean {
    return this.#behind;
  }

  /**
   * Reads records that are there.
   * @param give takes the batch, and is told how to give its room back once nobody has it in hand
   */
  async read(give: (batch: Batch, done: () => void) => Promise<void>): Promise<void> {
    const { consumer, interrupt, metrics } = this.#options;
    const room = this.#rooms.find(({ empty }) => empty)!;
    await room.take(interrupt.signal);
    let given = false;
    try {
      interrupt.check();
      const batch = await this.#next(room);
      if (!batch) return;
      given = true;
      await give(batch, () => room.giveBack());
    } finally {
      if (!given) room.giveBack();
    }
    metrics.set('sink-record-lag-max', Math.max(0, ...consumer.lag().map(({ lag }) => lag)));
  }

  /** Gives all room back: also that of a batch that never gets out of the plugin's hands. */
  end(): void {
    for (const room of this.#rooms) room.giveBack();
  }

  /** By itself, so that what was read is not kept while the batch that was made of it waits for its turn. */
  async #next(room: BatchRoom): Promise<Batch | undefined> {
    const { consumer, metrics } = this.#options;
    const maxRecords = this.#options.maxRecords();
    const raw = await consumer.poll({ maxRecords, timeoutMs: 0 });
    room.fill(sizeOf(raw));
    this.#behind = raw.length >= maxRecords;
    if (raw.length === 0) return undefined;
    metrics.count('sink-record-read-total', raw.length);
    metrics.observe('batch-size', raw.length);
    return this.#convert(raw);
  }

  /** Slice by slice. */
  async #convert(raw: readonly RecordRead[]): Promise<Batch> {
    const { pipeline, letters, progress, onTopic } = this.#options;
    const records: SinkRecord[] = [];
    await inSlices(raw, async (slice) => {
      for (const record of await pipeline.process(slice)) records.push(record);
      await letters?.send();
    });
    const reaches = new PositionMap();
    for (const record of raw) {
      if (!reaches.has(record)) progress.began(record);
      reaches.set(record, record.offset + 1);
    }
    const places = reaches.entries();
    for (const { topic } of places) onTopic(topic);
    return { records, reaches: places };
  }
}
