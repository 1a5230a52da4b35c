/** One partition that is read: where the next fetch and the next record start, and what has been fetched ahead. */
import type { TopicPartition } from '@tributary/api';
import type { RecordRead } from '../port.ts';
import { BatchDecoder } from './batch-decoder.ts';
import type { FetchedPartition } from './fetch-api.ts';

interface Chunk {
  readonly decoder: BatchDecoder;
  readonly bytes: number;
  readonly end: number;
}

export class PartitionFetch implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** `poll` gets none of its records and none are fetched. */
  paused = false;
  /** A request that asks for it is under way, or its offset is being looked up. */
  busy = false;
  /** Answers to requests of an earlier version are discarded. */
  version = 0;
  /** Where the partition ended when last heard of: what can be read at most. */
  end: number | undefined;
  #fetchOffset: number;
  #position: number;
  #chunks: Chunk[] = [];
  #buffered = 0;

  constructor(topic: string, partition: number, offset: number) {
    this.topic = topic;
    this.partition = partition;
    this.#fetchOffset = offset;
    this.#position = offset;
  }

  /** Where the next fetch starts. */
  get fetchOffset(): number {
    return this.#fetchOffset;
  }

  /** The next offset to hand out. */
  get position(): number {
    return this.#position;
  }

  /** Bytes fetched ahead. */
  get buffered(): number {
    return this.#buffered;
  }

  get hasRecords(): boolean {
    return this.#chunks.length > 0;
  }

  /** @returns the bytes fetched ahead with it */
  store({ topic, partition, records, aborted }: FetchedPartition, committed: boolean, checkCrcs: boolean): number {
    const end = BatchDecoder.endOffset(records, this.#fetchOffset);
    // Not even one whole batch.
    if (end === this.#fetchOffset) return 0;
    const hidden = committed ? aborted : null;
    const decoder = new BatchDecoder(topic, partition, records, this.#fetchOffset, hidden, checkCrcs);
    this.#chunks.push({ decoder, bytes: records.length, end });
    this.#buffered += records.length;
    this.#fetchOffset = end;
    return records.length;
  }

  /** Appends records until `out` has `max`. @returns the bytes that are no longer held */
  take(out: RecordRead[], max: number): number {
    let freed = 0;
    while (this.#chunks.length > 0 && out.length < max) {
      const { decoder, bytes, end } = this.#chunks[0]!;
      const more = decoder.read(out, max - out.length);
      this.#position = more ? decoder.position : Math.max(end, decoder.position);
      if (more) break;
      this.#chunks.shift();
      freed += bytes;
    }
    this.#buffered -= freed;
    return freed;
  }

  /** Forgets what was fetched ahead and is under way. @returns the bytes that are no longer held */
  discard(): number {
    const freed = this.#buffered;
    this.#chunks = [];
    this.#buffered = 0;
    this.version++;
    this.busy = false;
    return freed;
  }

  /** Goes on elsewhere, after `discard`. */
  seek(offset: number): void {
    this.#fetchOffset = offset;
    this.#position = offset;
  }

  /** The log has nothing at `fetchOffset`: fetches go on here, after the records that were fetched ahead. */
  reset(offset: number): void {
    this.#fetchOffset = offset;
    if (this.#chunks.length === 0) this.#position = offset;
  }
}
