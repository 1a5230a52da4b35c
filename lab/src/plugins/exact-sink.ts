import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { defineSink, RetriableError, type SinkRecord, string, type TopicPartition } from '@tributary/api';

/** How long to wait for a lock that a stopped worker may hold, ms. It blocks the worker's thread, so not for long. */
const BUSY_MS = 50;
const SQLITE_BUSY = 5;

const keyOf = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

/** The store of one partition: its records, and in the same transaction where to go on. */
class Store {
  readonly #db: DatabaseSync;

  constructor(file: string) {
    this.#db = new DatabaseSync(file, { timeout: BUSY_MS });
    // What is written survives the end of the process, which is all that happens here.
    this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
    this.#db.exec('CREATE TABLE IF NOT EXISTS records (offset INTEGER NOT NULL, value TEXT NOT NULL)');
    this.#db.exec('CREATE TABLE IF NOT EXISTS position (next INTEGER NOT NULL, repeats INTEGER NOT NULL)');
    // Only the first time: a task that opens the store does not wait for another one's lock.
    if (!this.#db.prepare('SELECT next FROM position').get()) this.#db.exec('INSERT INTO position VALUES (0, 0)');
  }

  get next(): number {
    return Number(this.#db.prepare('SELECT next FROM position').get()!['next']);
  }

  /** Stores those records that are not there yet. */
  put(records: readonly SinkRecord[]): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const from = this.next;
      const fresh = records.filter(({ originalOffset }) => originalOffset >= from);
      const insert = this.#db.prepare('INSERT INTO records VALUES (?, ?)');
      for (const { originalOffset, value } of fresh) insert.run(originalOffset, String(value));
      const next = fresh.length === 0 ? from : fresh.at(-1)!.originalOffset + 1;
      this.#db.prepare('UPDATE position SET next = ?, repeats = repeats + ?').run(next, records.length - fresh.length);
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#db.close();
  }
}

function retriable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    throw new RetriableError('another task holds the lock of the store', { cause: error });
  }
}

/** Stores records exactly once: each partition in a database that also knows where to go on. */
export default defineSink({
  class: 'lab.ExactSink',
  version: '1.0.0',
  config: {
    folder: string({ doc: 'Where the databases are.' }),
    note: string({ default: '', doc: 'Means nothing: something to change.' }),
  },
  start({ folder }, context) {
    const stores = new Map<string, Store>();
    const storeOf = (place: TopicPartition): Store => {
      const key = keyOf(place);
      const store = stores.get(key) ?? retriable(() => new Store(join(folder, `${context.connector}-${key}.db`)));
      stores.set(key, store);
      return store;
    };
    const closeAll = (keys: Iterable<string>): void => {
      for (const key of [...keys]) {
        stores.get(key)?.close();
        stores.delete(key);
      }
    };
    return {
      open(partitions) {
        context.seek(partitions.map((place) => ({ ...place, offset: storeOf(place).next })));
      },
      put(records) {
        const byStore = Map.groupBy(records, ({ originalTopic, originalPartition }) =>
          storeOf({ topic: originalTopic, partition: originalPartition }),
        );
        for (const [store, own] of byStore) retriable(() => store.put(own));
      },
      close: (partitions) => closeAll(partitions.map(keyOf)),
      stop: () => closeAll(stores.keys()),
    };
  },
});
