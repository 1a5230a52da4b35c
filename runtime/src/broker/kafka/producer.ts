import type { OffsetAndMetadata, TopicPartitionOffset } from '@tributary/api';
import { within } from '../../concurrency/within.ts';
import {
  BrokerError,
  BrokerUnavailableError,
  CommitFailedError,
  ProducerFencedError,
  RecordTooLargeError,
} from '../errors.ts';
import type { GroupMembership, Producer, ProducerOptions, RecordToSend } from '../port.ts';
import { recordSize } from './batch-encoder.ts';
import type { Cluster } from './cluster.ts';
import type { ConnectionSet } from './connection-set.ts';
import { check } from './faults.ts';
import { initProducerIdV4 } from './library.ts';
import { PartitionQueue, SendCall } from './partition-queue.ts';
import { partitionOf } from './partitioner.ts';
import { type ProducerSettings, producerSettings } from './producer-settings.ts';
import { retrying } from './retry.ts';
import { Sender } from './sender.ts';
import { Transactions } from './transactions.ts';

/** So many bytes without a key go to one partition before another has its turn (Java's batch.size). */
const STICKY_BYTES = 16_384;

/** What a producer is by one producer id and epoch. A broken one is given up for the next. */
interface Incarnation {
  readonly sender: Sender;
  readonly transactions: Transactions | null;
  /** Ends its requests. */
  readonly ended: AbortController;
}

interface TopicQueues {
  readonly queues: PartitionQueue[];
  sticky: number;
  stickyBytes: number;
}

export class KafkaProducer implements Producer {
  readonly #cluster: Cluster;
  readonly #connections: ConnectionSet;
  readonly #settings: ProducerSettings;
  readonly #closing: AbortController;
  #now: Incarnation;
  readonly #topics = new Map<string, TopicQueues>();
  readonly #onClose: () => void;
  /** The calls before the next one wait for metadata. */
  #entering: Promise<unknown> | undefined;
  #inTransaction = false;
  #ending = false;
  #closed = false;
  /** A failed transaction request: only `abort` and `close` may follow. */
  #broken: Error | undefined;

  private constructor(
    cluster: Cluster,
    connections: ConnectionSet,
    settings: ProducerSettings,
    closing: AbortController,
    now: Incarnation,
    onClose: () => void,
  ) {
    this.#cluster = cluster;
    this.#connections = connections;
    this.#settings = settings;
    this.#closing = closing;
    this.#now = now;
    this.#onClose = onClose;
  }

  static async open(
    cluster: Cluster,
    options: ProducerOptions,
    onClose: (producer: Producer) => void,
  ): Promise<KafkaProducer> {
    const settings = producerSettings(options);
    const connections = cluster.connectionSet(settings.clientId);
    const closing = new AbortController();
    try {
      const first = await incarnation(cluster, connections, settings, closing.signal);
      const producer: KafkaProducer = new KafkaProducer(cluster, connections, settings, closing, first, () =>
        onClose(producer),
      );
      return producer;
    } catch (error) {
      connections.close();
      throw error;
    }
  }

  send(records: readonly RecordToSend[]): Promise<readonly TopicPartitionOffset[]> {
    const problem = this.#problem();
    if (problem) return Promise.reject(problem);
    if (this.#transactions && (!this.#inTransaction || this.#ending))
      return Promise.reject(
        new BrokerError('A transactional producer sends within a transaction: call begin first', {
          code: 'INVALID_TXN_STATE',
        }),
      );
    if (records.length === 0) return Promise.resolve([]);
    try {
      this.#checkRecords(records);
      if (!this.#entering && this.#known(records)) return this.#enqueue(records).promise;
    } catch (error) {
      return Promise.reject(error);
    }
    const earlier = this.#entering;
    const entered = (async () => {
      await earlier?.catch(() => {});
      for (const topic of new Set(records.map(({ topic }) => topic))) await this.#lookUp(topic, records);
      const failed = this.#problem();
      if (failed) throw failed;
      return this.#enqueue(records);
    })();
    this.#entering = entered;
    const left = () => {
      if (this.#entering === entered) this.#entering = undefined;
    };
    entered.then(left, left);
    return entered.then((call) => call.promise);
  }

  async begin(): Promise<void> {
    this.#requireTransactional();
    const problem = this.#problem();
    if (problem) throw problem;
    if (this.#inTransaction)
      throw new BrokerError('The producer is in a transaction already: commit or abort it first', {
        code: 'INVALID_TXN_STATE',
      });
    this.#inTransaction = true;
  }

  async sendOffsets(offsets: readonly OffsetAndMetadata[], group: GroupMembership): Promise<void> {
    const transactions = this.#requireTransaction();
    if (offsets.length === 0) return;
    await this.#guarded(() => transactions.sendOffsets(offsets, group));
  }

  async commit(): Promise<void> {
    const transactions = this.#requireTransaction();
    this.#ending = true;
    try {
      await this.#entering?.catch(() => {});
      await this.#sender.drained();
      const problem = this.#problem();
      if (problem) throw problem;
      await this.#guarded(() => transactions.end(true));
      this.#inTransaction = false;
    } finally {
      this.#ending = false;
    }
  }

  async abort(): Promise<void> {
    const transactions = this.#requireTransactional();
    if (!this.#inTransaction) throw notInTransaction();
    if (this.#closed) throw closedError();
    const { error } = this.#sender;
    if (error instanceof ProducerFencedError) throw error;
    this.#ending = true;
    try {
      await this.#entering?.catch(() => {});
      await this.#sender.dropWaiting(new BrokerError('The transaction was aborted', { code: 'TRANSACTION_ABORTED' }));
      await this.#guarded(() => transactions.end(false));
      this.#inTransaction = false;
    } finally {
      this.#ending = false;
    }
  }

  async recover(): Promise<void> {
    if (this.#closed) throw closedError();
    const { sender, transactions, ended } = this.#now;
    sender.fail(new BrokerUnavailableError('The producer starts anew'));
    ended.abort();
    await this.#entering?.catch(() => {});
    this.#now = await incarnation(this.#cluster, this.#connections, this.#settings, this.#closing.signal, transactions);
    this.#topics.clear();
    this.#inTransaction = false;
    this.#broken = undefined;
    if (this.#closed) this.#now.sender.fail(closedError());
  }

  async close(timeoutMs = 5_000): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const deadline = performance.now() + timeoutMs;
    const left = () => Math.max(0, deadline - performance.now());
    await within(left(), Promise.all([this.#entering?.catch(() => {}), this.#sender.drained()]));
    const fenced = [this.#broken, this.#sender.error].some((error) => error instanceof ProducerFencedError);
    if (this.#inTransaction && this.#transactions && !fenced) {
      await within(
        left(),
        this.#transactions.end(false).catch(() => {}),
      );
    }
    this.#closing.abort();
    this.#sender.fail(closedError());
    this.#connections.close();
    this.#onClose();
  }

  get #sender(): Sender {
    return this.#now.sender;
  }

  get #transactions(): Transactions | null {
    return this.#now.transactions;
  }

  #problem(): Error | undefined {
    if (this.#closed) return closedError();
    return this.#sender.error ?? this.#broken;
  }

  #requireTransactional(): Transactions {
    if (!this.#transactions)
      throw new BrokerError('The producer is not transactional: it was made without a transactional id', {
        code: 'INVALID_TXN_STATE',
      });
    return this.#transactions;
  }

  #requireTransaction(): Transactions {
    const transactions = this.#requireTransactional();
    const problem = this.#problem();
    if (problem) throw problem;
    if (!this.#inTransaction || this.#ending) throw notInTransaction();
    return transactions;
  }

  async #guarded(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof CommitFailedError)) this.#broken ??= error as Error;
      throw error;
    }
  }

  #checkRecords(records: readonly RecordToSend[]): void {
    const limit = this.#settings.maxRequestBytes;
    for (const record of records) {
      if (record.timestamp !== null && !(record.timestamp >= 0 && Number.isSafeInteger(record.timestamp)))
        throw new BrokerError(
          `A record for topic ${record.topic} has the timestamp ${record.timestamp}: it must be a whole number of milliseconds, 0 or later`,
          { code: 'INVALID_TIMESTAMP' },
        );
      if (limit !== null && recordSize(record) > limit)
        throw new RecordTooLargeError(
          `A record of ${recordSize(record)} bytes for topic ${record.topic} is larger than max.request.size (${limit}): raise it, and the topic's max.message.bytes if needed`,
          { code: 'RECORD_TOO_LARGE' },
        );
    }
  }

  /** Whether all topics and partitions are known, so that the records can be queued at once. */
  #known(records: readonly RecordToSend[]): boolean {
    let last = '';
    let partitions = 0;
    for (const { topic, partition } of records) {
      if (topic !== last) {
        const info = this.#cluster.cached(topic);
        if (!info) return false;
        last = topic;
        partitions = info.partitions.length;
        if (performance.now() - info.seenAt > this.#cluster.settings.metadataMaxAgeMs)
          void this.#cluster.refresh([topic]).catch(() => {});
      }
      if (partition !== null && partition >= partitions) return false;
    }
    return true;
  }

  async #lookUp(topic: string, records: readonly RecordToSend[]): Promise<void> {
    const doing = `Producing to topic ${topic}`;
    const { signal } = this.#now.ended;
    const { blockMs } = this.#settings;
    let info = await this.#cluster.topic(topic, doing, signal, blockMs);
    let highest = -1;
    for (const record of records)
      if (record.topic === topic && record.partition !== null) highest = Math.max(highest, record.partition);
    if (highest >= info.partitions.length) {
      await retrying(this.#cluster.patience(doing, signal, blockMs), () => this.#cluster.refresh([topic]));
      info = await this.#cluster.topic(topic, doing, signal, blockMs);
    }
    if (highest >= info.partitions.length)
      throw new BrokerError(
        `${doing} failed: partition ${highest} does not exist, the topic has ${info.partitions.length}`,
        {
          code: 'UNKNOWN_TOPIC_OR_PARTITION',
        },
      );
  }

  #enqueue(records: readonly RecordToSend[]): SendCall {
    const call = new SendCall(records.length);
    const touched = new Set<PartitionQueue>();
    let name: string | undefined;
    let topic!: TopicQueues;
    let partitions = 0;
    for (let place = 0; place < records.length; place++) {
      const record = records[place]!;
      if (record.topic !== name) {
        name = record.topic;
        topic = this.#topicQueues(name);
        partitions = this.#cluster.cached(name)?.partitions.length ?? 1;
      }
      const partition =
        record.partition ??
        (record.key === null ? sticky(topic, record, partitions) : partitionOf(record.key, partitions));
      let queue = topic.queues[partition];
      if (!queue) {
        queue = new PartitionQueue(record.topic, partition);
        topic.queues[partition] = queue;
      }
      queue.add(record, call, place);
      touched.add(queue);
    }
    this.#sender.enqueue(call, touched);
    return call;
  }

  #topicQueues(name: string): TopicQueues {
    let topic = this.#topics.get(name);
    if (!topic) {
      topic = { queues: [], sticky: -1, stickyBytes: 0 };
      this.#topics.set(name, topic);
    }
    return topic;
  }
}

function sticky(topic: TopicQueues, record: RecordToSend, partitions: number): number {
  if (topic.sticky < 0 || topic.sticky >= partitions || topic.stickyBytes >= STICKY_BYTES) {
    const step = partitions > 1 && topic.sticky >= 0 ? 1 + Math.floor(Math.random() * (partitions - 1)) : 0;
    topic.sticky = topic.sticky < 0 ? Math.floor(Math.random() * partitions) : (topic.sticky + step) % partitions;
    topic.stickyBytes = 0;
  }
  topic.stickyBytes += record.value === null ? 1 : record.value.length + 1;
  return topic.sticky;
}

/** @param before what it takes over from @throws ProducerFencedError if the transactional id is another client's by now */
async function incarnation(
  cluster: Cluster,
  connections: ConnectionSet,
  settings: ProducerSettings,
  closing: AbortSignal,
  before: Transactions | null = null,
): Promise<Incarnation> {
  const { transactionalId, transactionTimeoutMs: timeoutMs, blockMs } = settings;
  const ended = new AbortController();
  const signal = AbortSignal.any([closing, ended.signal]);
  let identity = { producerId: -1n, producerEpoch: -1 };
  let transactions: Transactions | null = null;
  if (transactionalId !== null) {
    transactions = new Transactions(cluster, connections, { transactionalId, timeoutMs, blockMs, signal });
    await (before ? transactions.recover(before) : transactions.init());
    identity = { producerId: transactions.producerId, producerEpoch: transactions.epoch };
  } else if (settings.idempotent) {
    identity = await producerId(cluster);
  }
  const { compression, batchBytes, acks, deliveryTimeoutMs, lingerMs } = settings;
  const sender = new Sender(
    cluster,
    connections,
    { ...identity, compression, batchBytes, transactional: transactionalId !== null },
    { transactionalId, acks, deliveryTimeoutMs, lingerMs, requestBytes: batchBytes },
    transactions,
  );
  return { sender, transactions, ended };
}

async function producerId(cluster: Cluster): Promise<{ producerId: bigint; producerEpoch: number }> {
  const doing = 'Getting a producer id';
  return retrying(cluster.patience(doing), async () => {
    const connection = await cluster.any();
    const response = await connection.call(initProducerIdV4.api, null, 0x7fffffff);
    check(doing, response.errorCode);
    return response;
  });
}

function notInTransaction(): BrokerError {
  return new BrokerError('The producer is in no transaction: call begin first', { code: 'INVALID_TXN_STATE' });
}

function closedError(): Error {
  return new BrokerUnavailableError('The producer is closed');
}
