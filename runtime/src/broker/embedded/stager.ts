import type { TopicPartitionOffset } from '@tributary/api';
import { BrokerError, RecordTooLargeError } from '../errors.ts';
import type { RecordToSend } from '../port.ts';
import { storedSize } from './batch.ts';
import type { Breather } from './breather.ts';
import type { Log, Topic } from './log.ts';
import type { PartitionLog } from './partition-log.ts';
import { partitionOf } from './partitioner.ts';
import type { Staging } from './staging.ts';

/** Records between two looks at the clock. */
const STEP = 256;
/** Records without key or partition stay with one partition for so many bytes. */
const STICKY_BYTES = 16 * 1024;

/** Finds out where records go and stages them. One per producer, used by one call at a time. */
export class Stager {
  readonly #log: Log;
  readonly #breather: Breather;
  #sticky = Math.floor(Math.random() * 1000);
  #stickyBytes = 0;

  constructor(log: Log, breather: Breather) {
    this.#log = log;
    this.#breather = breather;
  }

  /** Whether so many records may take longer than the event loop should wait. */
  isLarge(records: readonly RecordToSend[]): boolean {
    return records.length > STEP;
  }

  /** Stages all records at once, or throws without having staged any. */
  stage(records: readonly RecordToSend[], staging: Staging): TopicPartitionOffset[] {
    const partitions: PartitionLog[] = [];
    const sizes: number[] = [];
    this.#place(records, 0, records.length, partitions, sizes);
    return this.#append(records, 0, records.length, partitions, sizes, staging, []);
  }

  /** As `stage`, with breaks for the event loop. */
  async stageLarge(records: readonly RecordToSend[], staging: Staging): Promise<TopicPartitionOffset[]> {
    const partitions: PartitionLog[] = [];
    const sizes: number[] = [];
    for (let from = 0; from < records.length; from += STEP) {
      if (this.#breather.due) await this.#breather.rest();
      this.#place(records, from, Math.min(from + STEP, records.length), partitions, sizes);
    }
    const offsets: TopicPartitionOffset[] = [];
    for (let from = 0; from < records.length; from += STEP) {
      if (this.#breather.due) await this.#breather.rest();
      this.#append(records, from, Math.min(from + STEP, records.length), partitions, sizes, staging, offsets);
    }
    return offsets;
  }

  #place(records: readonly RecordToSend[], from: number, to: number, into: PartitionLog[], sizes: number[]): void {
    let topic: Topic | undefined;
    for (let index = from; index < to; index++) {
      const record = records[index]!;
      if (topic === undefined || topic.name !== record.topic) topic = this.#log.topic(record.topic);
      const size = storedSize(record);
      const at = record.partition ?? this.#choose(record, topic, size);
      const partition = topic.partitions[at] ?? this.#log.partition(record.topic, at);
      const { rules } = partition;
      if (size > rules.maxMessageBytes && size - 40 > rules.maxMessageBytes) {
        throw new RecordTooLargeError(
          `A record for ${record.topic}-${at} takes ${size} bytes, more than the topic allows (max.message.bytes=${rules.maxMessageBytes}). A source creates its topics with another limit if topic.creation.default.max.message.bytes says so`,
          { code: 'MESSAGE_TOO_LARGE' },
        );
      }
      if (record.key === null && rules.compacts) {
        throw new BrokerError(`A record for the compacted topic ${record.topic} has no key`, {
          code: 'INVALID_RECORD',
        });
      }
      into.push(partition);
      sizes.push(size);
    }
  }

  #append(
    records: readonly RecordToSend[],
    from: number,
    to: number,
    partitions: readonly PartitionLog[],
    sizes: readonly number[],
    staging: Staging,
    offsets: TopicPartitionOffset[],
  ): TopicPartitionOffset[] {
    const now = Date.now();
    for (let index = from; index < to; index++) {
      const partition = partitions[index]!;
      const offset = staging.append(partition, records[index]!, sizes[index]!, now);
      offsets.push({ topic: partition.topic, partition: partition.partition, offset });
    }
    return offsets;
  }

  #choose({ key }: RecordToSend, topic: Topic, size: number): number {
    const count = topic.partitions.length;
    if (key !== null) return partitionOf(key, count);
    this.#stickyBytes += size;
    if (this.#stickyBytes > STICKY_BYTES) {
      this.#stickyBytes = 0;
      this.#sticky++;
    }
    return this.#sticky % count;
  }
}
