import { BatchBuilder, decode, readHead, storedSize } from './batch.ts';
import type { Breather } from './breather.ts';
import type { Log } from './log.ts';
import type { PartitionLog } from './partition-log.ts';
import { batchKey, type StoredBatch } from './storage.ts';

/** Keys that one pass holds in memory; what comes after them is left to another pass. */
const MAX_KEYS = 500_000;
/** Batches rewritten in one transaction. */
const SLICE = 32;
/** A partition smaller than this is left alone. */
const MIN_BYTES = 1024;

/**
 * Removes the records of a compacted partition that a later one with the same key has replaced, and tombstones older than
 * `delete.retention.ms`. Offsets stay as they are. Does nothing while too little is new (`min.cleanable.dirty.ratio`).
 */
export async function compact(
  log: Log,
  partition: PartitionLog,
  breather: Breather,
  stopped: () => boolean,
): Promise<void> {
  const { rules } = partition;
  if (!rules.compacts || partition.bytes < MIN_BYTES || partition.compactedTo >= partition.stable) return;
  const dirty = (partition.bytes - partition.compactedBytes) / partition.bytes;
  if (partition.compactedTo > 0 && dirty < rules.minCleanableDirtyRatio) return;
  const end = partition.stable;
  while (partition.compactedTo < end && !stopped() && !partition.deleted) {
    const pass = new Compaction(log, partition, breather, stopped);
    const to = await pass.findLatest(partition.compactedTo, end);
    await pass.rewrite(to);
    if (stopped()) return;
    partition.compactedTo = to;
    partition.compactedBytes = partition.bytes;
  }
}

class Compaction {
  readonly #log: Log;
  readonly #partition: PartitionLog;
  readonly #breather: Breather;
  readonly #stopped: () => boolean;
  readonly #latest = new Map<string, number>();

  constructor(log: Log, partition: PartitionLog, breather: Breather, stopped: () => boolean) {
    this.#log = log;
    this.#partition = partition;
    this.#breather = breather;
    this.#stopped = stopped;
  }

  /**
   * Learns the last offset of every key that occurs from `from` on: before it, no key occurs twice any more.
   * @returns the offset up to which it looked
   */
  async findLatest(from: number, end: number): Promise<number> {
    for await (const { base, batch, last } of this.#batches(from, end)) {
      for (const { key, offset } of decode(batch, this.#partition, base, from)) {
        if (key !== null) this.#latest.set(latin1(key), offset);
      }
      if (this.#latest.size > MAX_KEYS) return last + 1;
    }
    return end;
  }

  async rewrite(to: number): Promise<void> {
    const { storage, writer } = this.#log;
    const { topicId, partition, begin } = this.#partition;
    let changes: Array<{ base: number; batch: Buffer | null }> = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      if (changes.length === 0) return;
      const slice = changes;
      const shrunk = bytes;
      changes = [];
      bytes = 0;
      await writer.trim({
        partition: this.#partition,
        begin: this.#partition.begin,
        bytes: shrunk,
        write: () => {
          for (const { base, batch } of slice) {
            const key = batchKey(topicId, partition, base);
            if (batch) storage.log.put(key, batch);
            else storage.log.remove(key);
          }
        },
      });
    };
    for await (const stored of this.#batches(begin, to)) {
      const kept = this.#keep(stored);
      if (kept === undefined) continue;
      changes.push({ base: stored.base, batch: kept });
      bytes += stored.batch.length - (kept?.length ?? 0);
      if (changes.length >= SLICE) await flush();
    }
    await flush();
  }

  /** What is left of a batch: undefined if all of it, null if nothing. */
  #keep({ base, batch }: StoredBatch): Buffer | null | undefined {
    const records = decode(batch, this.#partition, base, base);
    const oldest = Date.now() - this.#partition.rules.deleteRetentionMs;
    const kept = records.filter(
      ({ key, value, offset, timestamp }) =>
        key === null || ((this.#latest.get(latin1(key)) ?? -1) <= offset && (value !== null || timestamp >= oldest)),
    );
    if (kept.length === records.length) return undefined;
    if (kept.length === 0) return null;
    const builder = new BatchBuilder(base, kept[0]!.timestamp, readHead(batch).logAppendTime);
    for (const record of kept) builder.append(record.offset, record.timestamp, record, storedSize(record));
    return builder.finish();
  }

  async *#batches(from: number, to: number): AsyncGenerator<StoredBatch> {
    const { topicId, partition } = this.#partition;
    let position = from;
    while (!this.#stopped() && !this.#partition.deleted) {
      const found = this.#log.storage.batchFrom(topicId, partition, position, to);
      if (!found) return;
      yield found;
      position = found.last + 1;
      if (this.#breather.due) await this.#breather.rest();
    }
  }
}

const latin1 = (key: Uint8Array): string => Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
