import { readHead } from './batch.ts';
import type { Breather } from './breather.ts';
import type { Log } from './log.ts';
import type { PartitionLog } from './partition-log.ts';
import { batchKey } from './storage.ts';

/** The first batch of each partition as it was last read: to find out that it may stay, it need not be read again. */
const heads = new WeakMap<PartitionLog, { readonly begin: number; readonly maxTimestamp: number }>();

/** Batches removed in one transaction. */
const SLICE = 64;

/** Removes the oldest batches of a partition that are too old, or more than the partition may hold. */
export async function retain(
  { storage, writer }: Log,
  partition: PartitionLog,
  breather: Breather,
  stopped: () => boolean,
): Promise<void> {
  const { topicId, rules } = partition;
  if (!rules.deletes) return;
  for (;;) {
    const keys: Buffer[] = [];
    let begin = partition.begin;
    let bytes = 0;
    const oldest = Date.now() - rules.retentionMs;
    while (keys.length < SLICE) {
      const tooMuch = partition.bytes - bytes > rules.retentionBytes;
      const head = heads.get(partition);
      if (!tooMuch && head?.begin === begin && head.maxTimestamp >= oldest) break;
      const found = storage.batchFrom(topicId, partition.partition, begin, partition.stable);
      if (!found) break;
      const { maxTimestamp } = readHead(found.batch);
      heads.set(partition, { begin, maxTimestamp });
      if (!tooMuch && maxTimestamp >= oldest) break;
      keys.push(batchKey(topicId, partition.partition, found.base));
      bytes += found.batch.length;
      begin = found.last + 1;
      if (breather.due) await breather.rest();
    }
    if (keys.length === 0 || stopped() || partition.deleted) return;
    await writer.trim({
      partition,
      begin,
      bytes,
      write: () => {
        for (const key of keys) storage.log.remove(key);
      },
    });
  }
}
