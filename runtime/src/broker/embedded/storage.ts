import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '@tributary/api';
import { type Database, open, type RootDatabase } from 'lmdb';
import { BrokerError, BrokerUnavailableError } from '../errors.ts';
import { readHead } from './batch.ts';

/** The key of a batch: topic id and partition (u32 each), base offset (u64), big endian. */
export function batchKey(topicId: number, partition: number, offset: number): Buffer {
  const key = Buffer.allocUnsafe(16);
  key.writeUInt32BE(topicId, 0);
  key.writeUInt32BE(partition, 4);
  key.writeUInt32BE(Math.floor(offset / 2 ** 32), 8);
  key.writeUInt32BE(offset % 2 ** 32, 12);
  return key;
}

const offsetOf = (key: Buffer): number => key.readUInt32BE(8) * 2 ** 32 + key.readUInt32BE(12);
const samePartition = (key: Buffer, topicId: number, partition: number): boolean =>
  key.readUInt32BE(0) === topicId && key.readUInt32BE(4) === partition;

export interface StoredBatch {
  readonly base: number;
  readonly last: number;
  readonly batch: Buffer;
}

export interface StoredTopic {
  readonly id: number;
  readonly name: string;
  readonly partitions: number;
  /** As given at creation. */
  readonly configs: Readonly<Record<string, string>>;
}

/** What is kept of a partition beside its batches. */
export interface StoredPartition {
  readonly begin: number;
  /** The offset after the last record that was ever stored. */
  readonly next: number;
  /** The size of its batches. */
  readonly bytes: number;
}

/** Of the databases and their entries; batches have a version of their own. */
const FORMAT = 1;

/** The LMDB environment: its databases, reads of batches, and commits whose failures are told in the port's errors. */
export class Storage {
  readonly folder: string;
  readonly log: Database<Buffer, Buffer>;
  readonly topics: Database<StoredTopic, string>;
  readonly partitions: Database<StoredPartition, number[]>;
  /** An offset, with its metadata if there is any. */
  readonly groups: Database<number | { readonly offset: number; readonly metadata: string }, Array<string | number>>;
  readonly epochs: Database<number, string>;
  readonly meta: Database<string | number, string>;
  readonly clusterId: string;
  readonly #root: RootDatabase;
  readonly #toDisk: boolean;
  #failed = false;

  constructor(folder: string, toDisk: boolean) {
    this.folder = folder;
    this.#toDisk = toDisk;
    mkdirSync(folder, { recursive: true });
    // Without event turn batching, nobody but the caller of `batch` holds a promise that a failed commit rejects.
    const options = { separateFlushed: true, eventTurnBatching: false, maxDbs: 16, noSubdir: false };
    this.#root = open(join(folder, 'log'), options);
    this.log = this.#root.openDB({ name: 'log', encoding: 'binary', keyEncoding: 'binary' });
    this.topics = this.#root.openDB({ name: 'topics', encoding: 'json' });
    this.partitions = this.#root.openDB({ name: 'partitions', encoding: 'json' });
    this.groups = this.#root.openDB({ name: 'groups', encoding: 'json' });
    this.epochs = this.#root.openDB({ name: 'epochs', encoding: 'json' });
    this.meta = this.#root.openDB({ name: 'meta', encoding: 'json' });
    const format = this.meta.get('format') ?? FORMAT;
    if (format !== FORMAT) {
      void this.#root.close();
      throw new BrokerError(
        `The embedded log in ${folder} was written in format ${format}, but this version of Tributary reads ${FORMAT}: use the version that wrote it`,
        { code: 'UNSUPPORTED_VERSION' },
      );
    }
    const known = this.meta.get('cluster.id');
    this.clusterId = typeof known === 'string' ? known : newClusterId();
    if (known === undefined) {
      this.meta.putSync('format', FORMAT);
      this.meta.putSync('cluster.id', this.clusterId);
    }
  }

  /**
   * Runs the puts and removes of `write` in one transaction, off this thread.
   * @throws BrokerUnavailableError if it could not be committed; nothing of it is stored then
   */
  async commit(write: () => void): Promise<void> {
    try {
      await this.#root.batch(write);
      if (this.#toDisk) await this.#root.flushed;
      this.#failed = false;
      this.#root.resetReadTxn();
    } catch (error) {
      this.#failed = true;
      // A read transaction that lives on would keep the space that deletions have freed.
      this.#root.resetReadTxn();
      const cause = await (error as { commitError?: Promise<never> }).commitError?.catch((reason) => reason);
      throw new BrokerUnavailableError(
        `The embedded log in ${this.folder} could not be written: ${messageOf(cause ?? error)}. Most likely its disk is full: free some space, or lower the retention of its topics (retention.ms, retention.bytes). Nothing that was acknowledged is lost.`,
        { cause: cause ?? error },
      );
    }
  }

  /**
   * Makes the pages that a removal has freed usable. LMDB keeps them for the two versions before; where the disk is full,
   * no other commit succeeds that would bring newer versions.
   */
  async freePages(): Promise<void> {
    try {
      for (let version = 0; version < 2; version++) {
        await this.commit(() => this.meta.put('freed', version));
        await this.#root.flushed;
      }
    } catch {
      // The next removal tries again.
    }
  }

  /** The batch with this offset, or the next one after it, below `end`; null if there is none. */
  batchFrom(topicId: number, partition: number, offset: number, end: number): StoredBatch | null {
    if (offset >= end) return null;
    const start = batchKey(topicId, partition, offset);
    const exact = this.log.get(start);
    if (exact) return { base: offset, last: offset + readHead(exact).lastDelta, batch: exact };
    for (const { key, value } of this.log.getRange({ start, reverse: true, limit: 1 })) {
      if (!samePartition(key, topicId, partition)) break;
      const base = offsetOf(key);
      const last = base + readHead(value).lastDelta;
      if (last >= offset) return { base, last, batch: value };
    }
    for (const { key, value } of this.log.getRange({ start, end: batchKey(topicId, partition, end), limit: 1 })) {
      const base = offsetOf(key);
      return { base, last: base + readHead(value).lastDelta, batch: value };
    }
    return null;
  }

  /** The keys of a topic's batches, at most `limit`. */
  batchKeys(topicId: number, limit: number): Buffer[] {
    return [
      ...this.log.getKeys({ start: batchKey(topicId, 0, 0), end: batchKey(topicId + 1, 0, 0), limit }),
    ] as Buffer[];
  }

  /** The ids of all topics that have batches, those of deleted topics included. */
  topicIds(): number[] {
    const ids: number[] = [];
    let next = 0;
    for (;;) {
      const [key] = [...this.log.getKeys({ start: batchKey(next, 0, 0), limit: 1 })] as Buffer[];
      if (!key) return ids;
      ids.push(key.readUInt32BE(0));
      next = key.readUInt32BE(0) + 1;
    }
  }

  async close(): Promise<void> {
    // After a failed commit the environment would wait without end for its flush, unless another commit follows.
    if (this.#failed) await this.#root.batch(() => {}).catch(() => {});
    await this.#root.close();
  }
}

/** A random UUID in the form of Kafka's cluster ids. */
function newClusterId(): string {
  return Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url');
}
