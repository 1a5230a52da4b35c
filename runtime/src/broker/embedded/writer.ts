import { BrokerError, BrokerUnavailableError } from '../errors.ts';
import type { PartitionLog } from './partition-log.ts';
import { Staging } from './staging.ts';
import { batchKey, type Storage } from './storage.ts';

/** What one LMDB transaction will store. */
class Group {
  readonly shared = new Staging(false);
  readonly adopted: Staging[] = [];
  readonly writes: Array<() => void> = [];
  /** Senders that have not put in all of their records yet. */
  holds = 0;
  readonly onFail: Array<(error: unknown) => void> = [];
  readonly done = Promise.withResolvers<void>();

  constructor() {
    this.done.promise.catch(() => {});
  }
}

/** Batches of a partition are removed or replaced. */
export interface Trim {
  /** Null if its topic is gone: nothing is to be kept of the partition then. */
  readonly partition: PartitionLog | null;
  /** The partition's beginning from then on. */
  readonly begin: number;
  /** By how much the partition shrinks. */
  readonly bytes: number;
  readonly write: () => void;
}

/** A sender's place in a group: its records go in by `staging`, and all are stored when `done` resolves, or none. */
export interface Ticket {
  readonly staging: Staging;
  readonly done: Promise<void>;
  /** Has to be called once all is put in. */
  release(): void;
}

/**
 * Group commit: everything that arrives while one LMDB transaction runs goes into the next one.
 */
export class Writer {
  readonly #storage: Storage;
  readonly #maxBytes: number;
  #next: Group | null = null;
  #trims: Array<{ readonly trim: Trim; readonly done: PromiseWithResolvers<void> }> = [];
  #running: Promise<void> | null = null;
  #closed = false;
  /** The last group failed, most likely for want of space. */
  #short = false;
  /** Of all partitions. */
  totalBytes = 0;

  /** @param maxBytes of all records; infinite where only the disk sets a limit */
  constructor(storage: Storage, maxBytes: number) {
    this.#storage = storage;
    this.#maxBytes = maxBytes;
  }

  /**
   * A place for records in the next transaction.
   * @param onFail is called before any other code can send again
   */
  enter(onFail: (error: unknown) => void): Ticket {
    const group = this.#group();
    group.holds++;
    group.onFail.push(onFail);
    return {
      staging: group.shared,
      done: group.done.promise,
      release: () => {
        group.holds--;
        this.#start();
      },
    };
  }

  /** Stores what a transaction has staged, with further writes. */
  adopt(staging: Staging, write: () => void): Promise<void> {
    const group = this.#group();
    group.adopted.push(staging);
    group.writes.push(write);
    this.#start();
    return group.done.promise;
  }

  /** Puts and removes of LMDB entries beside records. */
  write(write: () => void): Promise<void> {
    const group = this.#group();
    group.writes.push(write);
    this.#start();
    return group.done.promise;
  }

  /** Makes room. In a transaction of its own: on a full disk it may succeed where those that add do not. */
  trim(trim: Trim): Promise<void> {
    this.#refuseIfClosed();
    const done = Promise.withResolvers<void>();
    this.#trims.push({ trim, done });
    this.#start();
    return done.promise;
  }

  /** Waits for what is under way; refuses what comes later. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#running) await this.#running;
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw new BrokerError('The embedded log is closed', { code: 'BROKER_CLOSED' });
  }

  #group(): Group {
    this.#refuseIfClosed();
    this.#next ??= new Group();
    return this.#next;
  }

  #start(): void {
    if (this.#running || !this.#ready()) return;
    this.#running = this.#run().finally(() => {
      this.#running = null;
      this.#start();
    });
  }

  #ready(): boolean {
    return this.#trims.length > 0 || (this.#next !== null && this.#next.holds === 0);
  }

  async #run(): Promise<void> {
    // What other senders have ready in this turn of the event loop comes along.
    await new Promise(setImmediate);
    while (this.#ready()) {
      if (this.#next && this.#next.holds === 0) await this.#runGroup(this.#next);
      if (this.#trims.length > 0) await this.#runTrims();
    }
  }

  async #runGroup(group: Group): Promise<void> {
    this.#next = null;
    try {
      await this.#store(group);
      this.#short = false;
      for (const staging of [group.shared, ...group.adopted]) staging.release();
      group.done.resolve();
    } catch (error) {
      this.#short = true;
      // Records that were sent after lost ones must not be stored: a producer's order would have a hole.
      const later = this.#next as Group | null;
      this.#next = null;
      this.#fail(group, error);
      if (!later) return;
      await this.#drained(later);
      this.#fail(later, error);
    }
  }

  async #runTrims(): Promise<void> {
    const trims = this.#trims;
    this.#trims = [];
    try {
      await this.#storage.commit(() => {
        for (const { trim } of trims) {
          trim.write();
          const { partition } = trim;
          if (!partition || partition.deleted) continue;
          this.#storage.partitions.put([partition.topicId, partition.partition], {
            begin: trim.begin,
            next: partition.storedNext,
            bytes: partition.bytes - trim.bytes,
          });
        }
      });
      if (this.#short) await this.#storage.freePages();
      for (const { trim, done } of trims) {
        const { partition } = trim;
        if (partition && !partition.deleted) {
          partition.begin = trim.begin;
          partition.bytes -= trim.bytes;
          this.totalBytes -= trim.bytes;
        }
        done.resolve();
      }
    } catch (error) {
      for (const { done } of trims) done.reject(error);
    }
  }

  /** Waits until nobody adds to a group that will fail. */
  async #drained(group: Group): Promise<void> {
    while (group.holds > 0) await new Promise(setImmediate);
  }

  #fail(group: Group, error: unknown): void {
    for (const tell of group.onFail) tell(error);
    for (const staging of [group.shared, ...group.adopted]) staging.release();
    group.done.reject(error);
  }

  async #store(group: Group): Promise<void> {
    const bytes = group.adopted.reduce((sum, staging) => sum + staging.bytes, group.shared.bytes);
    if (bytes > 0 && this.totalBytes + bytes > this.#maxBytes) {
      throw new BrokerUnavailableError(
        `The embedded log in ${this.#storage.folder} holds ${this.totalBytes} bytes and may hold ${this.#maxBytes} (embedded.max.bytes). Raise the limit, or lower the retention of its topics (retention.ms, retention.bytes). Nothing that was acknowledged is lost.`,
      );
    }
    const added = new Map<PartitionLog, { bytes: number; last: number }>();
    await this.#storage.commit(() => {
      for (const staging of [group.shared, ...group.adopted]) {
        for (const { partition, base, last, batch } of staging.finish()) {
          if (partition.deleted) continue;
          this.#storage.log.put(batchKey(partition.topicId, partition.partition, base), batch);
          const sum = added.get(partition) ?? { bytes: 0, last: 0 };
          added.set(partition, { bytes: sum.bytes + batch.length, last: Math.max(sum.last, last) });
        }
      }
      for (const [partition, { bytes, last }] of added) {
        this.#storage.partitions.put([partition.topicId, partition.partition], {
          begin: partition.begin,
          next: Math.max(partition.storedNext, last + 1),
          bytes: partition.bytes + bytes,
        });
      }
      for (const write of group.writes) write();
    });
    for (const [partition, { bytes, last }] of added) {
      partition.storedNext = Math.max(partition.storedNext, last + 1);
      partition.bytes += bytes;
      this.totalBytes += bytes;
    }
  }
}
