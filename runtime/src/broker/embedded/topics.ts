import type { TopicPartitionOffset } from '@tributary/api';
import type { Isolation, TopicDescription, TopicSpec, Topics } from '../port.ts';
import type { Log } from './log.ts';

export class EmbeddedTopics implements Topics {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  create(topic: TopicSpec): Promise<boolean> {
    return this.#log.create(topic);
  }

  async describe(names: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>> {
    const found = new Map<string, TopicDescription>();
    for (const name of names) {
      const topic = this.#log.topics.get(name);
      if (topic) {
        found.set(name, { name, partitions: topic.partitions.length, replicationFactor: 1, configs: topic.configs });
      }
    }
    return found;
  }

  async list(): Promise<readonly string[]> {
    return [...this.#log.topics.keys()];
  }

  delete(names: readonly string[]): Promise<void> {
    return this.#log.delete(names);
  }

  async endOffsets(topic: string, isolation: Isolation = 'read_uncommitted'): Promise<readonly TopicPartitionOffset[]> {
    return this.#log.topic(topic).partitions.map((log) => ({
      topic,
      partition: log.partition,
      offset: isolation === 'read_committed' ? log.stable : log.end,
    }));
  }

  async beginningOffsets(topic: string): Promise<readonly TopicPartitionOffset[]> {
    return this.#log.topic(topic).partitions.map((log) => ({ topic, partition: log.partition, offset: log.begin }));
  }
}
