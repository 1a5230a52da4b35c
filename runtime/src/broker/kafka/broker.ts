import type {
  Broker,
  Claim,
  ClaimOptions,
  GroupConsumer,
  GroupConsumerOptions,
  GroupOffsets,
  Producer,
  ProducerOptions,
  TopicReader,
  TopicReaderOptions,
  Topics,
} from '../port.ts';
import { claimGroup } from './claim.ts';
import type { Cluster } from './cluster.ts';
import { KafkaConsumer } from './consumer.ts';
import { KafkaGroupOffsets } from './group-offsets.ts';
import { KafkaProducer } from './producer.ts';
import { KafkaReader } from './reader.ts';
import { KafkaTopics } from './topics.ts';

export class KafkaBroker implements Broker {
  readonly atomicSends = false;
  readonly topics: Topics;
  readonly groups: GroupOffsets;
  readonly #cluster: Cluster;
  readonly #open = new Set<{ close(): Promise<void> }>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
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

  async claim(options: ClaimOptions): Promise<Claim> {
    const claim = await claimGroup(this.#cluster, options);
    const open = { close: () => claim.release() };
    this.#open.add(open);
    return {
      release: async () => {
        this.#open.delete(open);
        await claim.release();
      },
    };
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#open].map((client) => client.close()));
    this.#cluster.close();
  }
}
