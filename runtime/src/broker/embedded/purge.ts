import type { Log } from './log.ts';

const SLICE = 64;

/** Removes the batches of topics that were deleted, a few at a time. */
export async function purgeDeleted(log: Log, stopped: () => boolean): Promise<void> {
  for (const id of log.storage.topicIds()) {
    while (!stopped() && ![...log.topics.values()].some((topic) => topic.id === id)) {
      const keys = log.storage.batchKeys(id, SLICE);
      if (keys.length === 0) break;
      await log.writer.trim({
        partition: null,
        begin: 0,
        bytes: 0,
        write: () => {
          for (const key of keys) log.storage.log.remove(key);
        },
      });
    }
  }
}
