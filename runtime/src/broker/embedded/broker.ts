import { BrokerError } from '../errors.ts';
import type {
  Broker,
  GroupConsumer,
  GroupConsumerOptions,
  GroupOffsets,
  Producer,
  ProducerOptions,
  TopicReader,
  TopicReaderOptions,
  Topics,
} from '../port.ts';
import { Breather } from './breather.ts';
import type { EmbeddedConfig } from './config.ts';
import { EmbeddedConsumer } from './consumer.ts';
import { Groups } from './groups.ts';
import { Housekeeping } from './housekeeping.ts';
import { Log } from './log.ts';
import type { Ownership } from './owner.ts';
import { PlainProducer } from './producer.ts';
import { EmbeddedReader } from './reader.ts';
import type { Storage } from './storage.ts';
import { EmbeddedTopics } from './topics.ts';
import { TransactionCoordinator } from './transactions.ts';

const TRANSACTION_TIMEOUT_MS = 60_000;

/** The broker port on a {@link Log}. */
export class EmbeddedBroker implements Broker {
  readonly clusterId: string;
  readonly atomicSends = true;
  readonly member = null;
  readonly topics: Topics;
  readonly groups: GroupOffsets;
  readonly #storage: Storage;
  readonly #ownership: Ownership;
  readonly #log: Log;
  readonly #groups: Groups;
  readonly #breather = new Breather();
  readonly #transactions: TransactionCoordinator;
  readonly #housekeeping: Housekeeping;
  readonly #open = new Set<{ close(): Promise<void> }>();
  #closing: Promise<void> | null = null;

  constructor(storage: Storage, ownership: Ownership, config: EmbeddedConfig) {
    this.clusterId = storage.clusterId;
    this.#storage = storage;
    this.#ownership = ownership;
    this.#log = new Log(storage, config);
    this.#groups = new Groups(this.#log);
    this.topics = new EmbeddedTopics(this.#log);
    this.groups = this.#groups;
    this.#transactions = new TransactionCoordinator(this.#log, this.#groups, this.#breather);
    this.#housekeeping = new Housekeeping(this.#log, this.#breather);
  }

  async producer(options: ProducerOptions): Promise<Producer> {
    this.#refuseIfClosed();
    const { transactionalId, transactionTimeoutMs = TRANSACTION_TIMEOUT_MS } = options;
    const producer =
      transactionalId === undefined
        ? new PlainProducer(this.#log, this.#breather, this.#forget)
        : await this.#transactions.producer(transactionalId, transactionTimeoutMs, this.#forget);
    this.#open.add(producer);
    return producer;
  }

  consumer(options: GroupConsumerOptions): GroupConsumer {
    this.#refuseIfClosed();
    const consumer = new EmbeddedConsumer(this.#log, this.#groups, this.#breather, options, this.#forget);
    this.#open.add(consumer);
    return consumer;
  }

  reader(options: TopicReaderOptions): TopicReader {
    this.#refuseIfClosed();
    const reader = new EmbeddedReader(this.#log, this.#breather, options, this.#forget);
    this.#open.add(reader);
    return reader;
  }

  /** There is one way to the embedded log, whatever the configs say. */
  async withConfigs(): Promise<Broker> {
    return this;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Deletes what retention does not keep and compacts, now. For tests and tools. */
  async housekeep(): Promise<void> {
    await this.#housekeeping.run();
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#open].map((client) => client.close()));
    await this.#housekeeping.close();
    await this.#log.writer.close();
    await this.#storage.close();
    await this.#ownership.release();
  }

  readonly #forget = (client: { close(): Promise<void> }): void => {
    this.#open.delete(client);
  };

  #refuseIfClosed(): void {
    if (this.#closing) throw new BrokerError('The embedded log is closed', { code: 'BROKER_CLOSED' });
  }
}
