import { BrokerError } from '../errors.ts';
import type {
  Broker,
  GroupConsumer,
  GroupConsumerOptions,
  GroupOffsets,
  Producer,
  ProducerOptions,
  TopicDescription,
  TopicReader,
  TopicReaderOptions,
  Topics,
} from '../port.ts';
import { RemoteConsumer, RemoteProducer, RemoteReader } from './clients.ts';
import { Connection } from './connection.ts';
import type { BrokerPort } from './protocol.ts';

/**
 * A broker that another thread or process has open and serves over the other end of the port (`serveBroker`). Closing it closes what was
 * made with it, and the port; not the broker itself.
 * @throws BrokerUnavailableError if the port closes before the other side has answered
 */
export async function connectBroker(port: BrokerPort): Promise<Broker> {
  const connection = new Connection(port);
  const { clusterId, atomicSends } = await connection.hello();
  return new RemoteBroker(connection, clusterId, atomicSends);
}

class RemoteBroker implements Broker {
  readonly clusterId: string;
  readonly atomicSends: boolean;
  /** Tasks are members of groups as consumers only. */
  readonly member = null;
  readonly topics: Topics;
  readonly groups: GroupOffsets;
  readonly #connection: Connection;
  readonly #open = new Set<{ close(): Promise<void> }>();
  #closing: Promise<void> | null = null;

  constructor(connection: Connection, clusterId: string, atomicSends: boolean) {
    this.#connection = connection;
    this.clusterId = clusterId;
    this.atomicSends = atomicSends;
    const call = (method: string, ...args: unknown[]): Promise<never> =>
      connection.call(0, method, args) as Promise<never>;
    this.topics = {
      create: (topic) => call('topics.create', topic),
      describe: (names): Promise<ReadonlyMap<string, TopicDescription>> => call('topics.describe', names),
      list: () => call('topics.list'),
      delete: (names) => call('topics.delete', names),
      endOffsets: (topic, isolation) => call('topics.endOffsets', topic, isolation),
      beginningOffsets: (topic) => call('topics.beginningOffsets', topic),
    };
    this.groups = {
      committed: (groupId) => call('groups.committed', groupId),
      alter: (groupId, offsets) => call('groups.alter', groupId, offsets),
      delete: (groupId, partitions) => call('groups.delete', groupId, partitions),
      deleteGroup: (groupId) => call('groups.deleteGroup', groupId),
    };
  }

  async producer(options: ProducerOptions): Promise<Producer> {
    this.#refuseIfClosed();
    const object = this.#connection.add({});
    await this.#connection.call(0, 'producer', [object, options]);
    const producer = new RemoteProducer(this.#connection, object, (client) => {
      this.#connection.remove(object);
      this.#open.delete(client);
    });
    this.#open.add(producer);
    return producer;
  }

  consumer(options: GroupConsumerOptions): GroupConsumer {
    this.#refuseIfClosed();
    const consumer = new RemoteConsumer(this.#connection, options, this.#forget);
    this.#open.add(consumer);
    return consumer;
  }

  reader(options: TopicReaderOptions): TopicReader {
    this.#refuseIfClosed();
    const reader = new RemoteReader(this.#connection, options, this.#forget);
    this.#open.add(reader);
    return reader;
  }

  /** Only the embedded log is reached through another thread, and to that there is one way. */
  async withConfigs(): Promise<Broker> {
    return this;
  }

  close(): Promise<void> {
    this.#closing ??= Promise.allSettled([...this.#open].map((client) => client.close())).then(() =>
      this.#connection.close(),
    );
    return this.#closing;
  }

  readonly #forget = (client: { close(): Promise<void> }): void => {
    this.#open.delete(client);
  };

  #refuseIfClosed(): void {
    if (this.#closing) throw new BrokerError('The broker is closed', { code: 'BROKER_CLOSED' });
  }
}
