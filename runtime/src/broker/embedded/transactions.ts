import { messageOf, type OffsetAndMetadata, type TopicPartitionOffset } from '@tributary/api';
import { within } from '../../concurrency/within.ts';
import { BrokerError, ProducerFencedError } from '../errors.ts';
import type { GroupMembership, Producer, RecordToSend } from '../port.ts';
import type { Breather } from './breather.ts';
import type { Groups } from './groups.ts';
import type { Log } from './log.ts';
import { broken } from './producer.ts';
import { Stager } from './stager.ts';
import { Staging } from './staging.ts';

/** Knows which producer is the current one of each transactional id. */
export class TransactionCoordinator {
  readonly #log: Log;
  readonly #groups: Groups;
  readonly #breather: Breather;
  readonly #current = new Map<string, TransactionalProducer>();

  constructor(log: Log, groups: Groups, breather: Breather) {
    this.#log = log;
    this.#groups = groups;
    this.#breather = breather;
  }

  /** Fences the earlier producer of the id, aborts what it had open, and waits for what it was committing. */
  async producer(id: string, timeoutMs: number, onClose: (producer: Producer) => void): Promise<Producer> {
    const earlier = this.#current.get(id);
    const producer = new TransactionalProducer(this.#log, this.#groups, this.#breather, id, timeoutMs, () => {
      if (this.#current.get(id) === producer) this.#current.delete(id);
      onClose(producer);
    });
    this.#current.set(id, producer);
    await earlier?.fence();
    const { epochs } = this.#log.storage;
    const epoch = (epochs.get(id) ?? -1) + 1;
    await this.#log.writer.write(() => epochs.put(id, epoch));
    return producer;
  }
}

interface Transaction {
  readonly staging: Staging;
  readonly offsets: Array<{ readonly groupId: string; readonly offsets: readonly OffsetAndMetadata[] }>;
  readonly timer: NodeJS.Timeout;
  /** What a call within it ran into: it can only be aborted then. */
  failure: unknown;
}

/** Keeps the records of a transaction in memory until its commit, which stores them, with the group offsets, in one LMDB transaction. */
class TransactionalProducer implements Producer {
  readonly #log: Log;
  readonly #groups: Groups;
  readonly #stager: Stager;
  readonly #id: string;
  readonly #timeoutMs: number;
  readonly #onClose: () => void;
  #transaction: Transaction | null = null;
  /** The last call that stages records. */
  #staging: Promise<unknown> = Promise.resolve();
  #stagingCalls = 0;
  #committing: Promise<unknown> | null = null;
  #failure: unknown = null;
  #fenced = false;
  #closed = false;

  constructor(log: Log, groups: Groups, breather: Breather, id: string, timeoutMs: number, onClose: () => void) {
    this.#log = log;
    this.#groups = groups;
    this.#stager = new Stager(log, breather);
    this.#id = id;
    this.#timeoutMs = timeoutMs;
    this.#onClose = onClose;
  }

  async send(records: readonly RecordToSend[]): Promise<readonly TopicPartitionOffset[]> {
    const transaction = this.#open();
    if (this.#stagingCalls === 0 && !this.#stager.isLarge(records)) {
      try {
        return this.#checked(this.#stager.stage(records, transaction.staging), transaction);
      } catch (error) {
        transaction.failure ??= error;
        throw error;
      }
    }
    this.#stagingCalls++;
    const staged = this.#staging
      .then(async () => {
        this.#stillIn(transaction);
        return this.#checked(await this.#stager.stageLarge(records, transaction.staging), transaction);
      })
      .catch((error: unknown) => {
        transaction.failure ??= error;
        throw error;
      })
      .finally(() => this.#stagingCalls--);
    this.#staging = staged.catch(() => {});
    return staged;
  }

  async begin(): Promise<void> {
    this.#check();
    if (this.#transaction || this.#committing) {
      throw new BrokerError(`The producer ${this.#id} is in a transaction already`, { code: 'INVALID_TXN_STATE' });
    }
    const timer = setTimeout(() => {
      this.#drop();
      this.#failure ??= new ProducerFencedError(
        `The transaction of ${this.#id} was open for more than ${this.#timeoutMs} ms and has been aborted`,
        { code: 'INVALID_PRODUCER_EPOCH' },
      );
    }, this.#timeoutMs);
    timer.unref();
    this.#transaction = { staging: new Staging(true), offsets: [], timer, failure: null };
  }

  async sendOffsets(offsets: readonly OffsetAndMetadata[], group: GroupMembership): Promise<void> {
    const transaction = this.#open();
    this.#groups.checkMembership(group);
    this.#groups.checkMetadata(group.groupId, offsets);
    transaction.offsets.push({ groupId: group.groupId, offsets });
  }

  async commit(): Promise<void> {
    const transaction = this.#open();
    await this.#staging;
    this.#stillIn(transaction);
    clearTimeout(transaction.timer);
    this.#transaction = null;
    const written = this.#groups.prepare(transaction.offsets);
    this.#committing = this.#log.writer.adopt(transaction.staging, written.write);
    try {
      await this.#committing;
      written.done();
    } catch (error) {
      this.#failure ??= error;
      throw error;
    } finally {
      this.#committing = null;
    }
  }

  async abort(): Promise<void> {
    if (!this.#transaction || this.#fenced || this.#closed) this.#open();
    await this.#staging;
    this.#drop();
  }

  async recover(): Promise<void> {
    if (this.#fenced || this.#closed) this.#check();
    await Promise.allSettled([this.#staging, this.#committing]);
    this.#drop();
    this.#failure = null;
  }

  async close(timeoutMs = 5000): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await within(timeoutMs, Promise.allSettled([this.#staging, this.#committing]));
    this.#drop();
    this.#onClose();
  }

  /** Another producer takes over. Resolves when nothing of this one can become visible any more. */
  async fence(): Promise<void> {
    this.#fenced = true;
    await Promise.allSettled([this.#staging, this.#committing]);
    this.#drop();
  }

  #checked<T>(offsets: T, { staging }: Transaction): T {
    const limit = this.#log.config['embedded.transaction.max.bytes'];
    if (staging.bytes <= limit) return offsets;
    throw new BrokerError(
      `The transaction of ${this.#id} holds ${staging.bytes} bytes, more than one may (embedded.transaction.max.bytes=${limit}): commit more often, or raise the limit`,
      { code: 'TRANSACTION_TOO_LARGE' },
    );
  }

  #stillIn(transaction: Transaction): void {
    if (this.#open() !== transaction) {
      throw new BrokerError('The transaction has ended', { code: 'INVALID_TXN_STATE' });
    }
  }

  #check(): void {
    if (this.#fenced) {
      throw new ProducerFencedError(`Another producer has taken over the transactional id ${this.#id}`, {
        code: 'PRODUCER_FENCED',
      });
    }
    if (this.#closed) throw new BrokerError('The producer is closed', { code: 'PRODUCER_CLOSED' });
    if (this.#failure instanceof ProducerFencedError) throw this.#failure;
    if (this.#failure) throw broken(this.#failure);
  }

  #open(): Transaction {
    this.#check();
    if (!this.#transaction) {
      throw new BrokerError(`The producer ${this.#id} is not in a transaction`, { code: 'INVALID_TXN_STATE' });
    }
    if (this.#transaction.failure) {
      throw new BrokerError(
        `The transaction of ${this.#id} has to be aborted: ${messageOf(this.#transaction.failure)}`,
        { code: 'TRANSACTION_ABORTABLE', cause: this.#transaction.failure },
      );
    }
    return this.#transaction;
  }

  #drop(): void {
    if (!this.#transaction) return;
    clearTimeout(this.#transaction.timer);
    this.#transaction.staging.release();
    this.#transaction = null;
  }
}
