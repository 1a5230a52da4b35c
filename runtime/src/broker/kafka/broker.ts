import type {
  Broker,
  BrokerOptions,
  GroupConsumer,
  GroupConsumerOptions,
  GroupMember,
  GroupMemberOptions,
  GroupOffsets,
  Producer,
  ProducerOptions,
  TopicReader,
  TopicReaderOptions,
  Topics,
} from '../port.ts';
import type { Cluster } from './cluster.ts';
import { KafkaConsumer } from './consumer.ts';
import { KafkaGroupOffsets } from './group-offsets.ts';
import { Membership } from './membership.ts';
import { KafkaProducer } from './producer.ts';
import { KafkaReader } from './reader.ts';
import { CLIENT_KEYS } from './settings.ts';
import { KafkaTopics } from './topics.ts';

export class KafkaBroker implements Broker {
  readonly atomicSends = false;
  readonly topics: Topics;
  readonly groups: GroupOffsets;
  readonly #cluster: Cluster;
  readonly #options: BrokerOptions;
  readonly #reopen: (options: BrokerOptions) => Promise<Broker>;
  readonly #open = new Set<{ close(): Promise<void> }>();

  /** @param reopen opens the way again with other configs */
  constructor(cluster: Cluster, options: BrokerOptions, reopen: (options: BrokerOptions) => Promise<Broker>) {
    this.#cluster = cluster;
    this.#options = options;
    this.#reopen = reopen;
    this.topics = new KafkaTopics(cluster);
    this.groups = new KafkaGroupOffsets(cluster);
  }

  get clusterId(): string {
    return this.#cluster.clusterId;
  }

  async producer(options: ProducerOptions): Promise<Producer> {
    const producer = await KafkaProducer.open(this.#cluster, options, (closed) => this.#open.delete(closed));
    this.#open.add(producer);
    return producer;
  }

  consumer(options: GroupConsumerOptions): GroupConsumer {
    const consumer = new KafkaConsumer(this.#cluster, options, () => this.#open.delete(consumer));
    this.#open.add(consumer);
    return consumer;
  }

  reader(options: TopicReaderOptions): TopicReader {
    const reader = new KafkaReader(this.#cluster, options, () => this.#open.delete(reader));
    this.#open.add(reader);
    return reader;
  }

  member(options: GroupMemberOptions): GroupMember {
    const member = new Membership(this.#cluster, { ...options, maxIdleMs: Number.POSITIVE_INFINITY });
    this.#open.add(member);
    return member;
  }

  async withConfigs(configs: Readonly<Record<string, string>>): Promise<Broker> {
    const { configs: given, clientId } = this.#options;
    const own = Object.entries(configs).filter(
      ([key, value]) => key !== 'client.id' && CLIENT_KEYS.includes(key) && given[key] !== value,
    );
    return own.length === 0 ? this : this.#reopen({ configs: { ...given, ...Object.fromEntries(own) }, clientId });
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#open].map((client) => client.close()));
    this.#cluster.close();
  }
}
