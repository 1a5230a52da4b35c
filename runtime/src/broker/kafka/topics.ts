import type { TopicPartition, TopicPartitionOffset } from '@tributary/api';
import type { Isolation, TopicDescription, TopicSpec, Topics } from '../port.ts';
import type { Cluster } from './cluster.ts';
import { check, errorName, TransientFault } from './faults.ts';
import { createTopicsV5, deleteTopicsV4, describeConfigsV4 } from './library.ts';
import { EARLIEST, LATEST, lookUpOffsets } from './offset-lookup.ts';
import { retrying } from './retry.ts';

const TOPIC_RESOURCE = 2;

export class KafkaTopics implements Topics {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  async create(topic: TopicSpec): Promise<boolean> {
    const doing = `Creating topic ${topic.name}`;
    const cluster = this.#cluster;
    let perhaps = false;
    const created = await retrying(cluster.patience(doing), async () => {
      try {
        const connection = await cluster.controller();
        const response = await connection.call(
          createTopicsV5.api,
          [
            {
              name: topic.name,
              numPartitions: topic.partitions,
              replicationFactor: topic.replicationFactor,
              assignments: [],
              configs: Object.entries(topic.configs).map(([name, value]) => ({ name, value })),
            },
          ],
          cluster.settings.requestTimeoutMs,
          false,
        );
        const result = response.topics[0];
        if (!result) throw new TransientFault('the answer lacks the topic');
        if (errorName(result.errorCode) === 'TOPIC_ALREADY_EXISTS') return perhaps;
        if (errorName(result.errorCode) === 'NOT_CONTROLLER') await cluster.refresh([]);
        check(doing, result.errorCode, result.errorMessage);
        return true;
      } catch (error) {
        // An earlier attempt whose answer was lost may be the one that created it.
        if (error instanceof TransientFault && error.ambiguous) perhaps = true;
        throw error;
      }
    });
    await retrying(cluster.patience(`Waiting for topic ${topic.name}`), async () => {
      await cluster.refresh([topic.name]);
      const seen = cluster.cached(topic.name);
      if (!seen || seen.partitions.length === 0)
        throw new TransientFault('the topic is not visible yet', { delayMs: 20 });
      if (created) for (const partition of seen.partitions.keys()) cluster.leader(topic.name, partition);
    });
    return created;
  }

  async describe(names: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>> {
    const doing = `Describing topics ${names.join(', ')}`;
    const cluster = this.#cluster;
    return retrying(cluster.patience(doing), async () => {
      if (names.length > 0) await cluster.refresh(names);
      for (const name of names) cluster.checkAllowed(name, doing);
      const present = names.map((name) => cluster.cached(name)).filter((topic) => topic !== undefined);
      const descriptions = new Map<string, TopicDescription>();
      if (present.length === 0) return descriptions;
      const connection = await cluster.any();
      const response = await connection.call(
        describeConfigsV4.api,
        present.map(({ name }) => ({ resourceType: TOPIC_RESOURCE, resourceName: name, configurationKeys: null })),
        false,
        false,
      );
      const configs = new Map<string, Record<string, string>>();
      for (const result of response.results) {
        if (errorName(result.errorCode) === 'UNKNOWN_TOPIC_OR_PARTITION') continue;
        check(doing, result.errorCode, result.errorMessage);
        const values: Record<string, string> = {};
        for (const { name, value } of result.configs) if (typeof value === 'string') values[name] = value;
        configs.set(result.resourceName, values);
      }
      for (const { name, partitions } of present) {
        const values = configs.get(name);
        if (!values) continue;
        const replicationFactor = partitions[0]?.replicas ?? 0;
        descriptions.set(name, { name, partitions: partitions.length, replicationFactor, configs: values });
      }
      return descriptions;
    });
  }

  async list(): Promise<readonly string[]> {
    const topics = await retrying(this.#cluster.patience('Listing topics'), () => this.#cluster.allTopics());
    return topics.filter(({ internal }) => !internal).map(({ name }) => name);
  }

  async delete(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const doing = `Deleting topics ${names.join(', ')}`;
    const cluster = this.#cluster;
    await retrying(cluster.patience(doing), async () => {
      const connection = await cluster.controller();
      const response = await connection.call(
        deleteTopicsV4.api,
        names.map((name) => ({ name })),
        cluster.settings.requestTimeoutMs,
      );
      for (const { name, errorCode } of response.responses) {
        if (errorName(errorCode) === 'UNKNOWN_TOPIC_OR_PARTITION') continue;
        if (errorName(errorCode) === 'NOT_CONTROLLER') await cluster.refresh([]);
        check(`Deleting topic ${name}`, errorCode);
      }
    });
    await retrying(cluster.patience(doing), async () => {
      await cluster.refresh(names);
      const left = names.filter((name) => cluster.cached(name));
      if (left.length > 0) throw new TransientFault(`still there: ${left.join(', ')}`, { delayMs: 20 });
    });
  }

  endOffsets(topic: string, isolation: Isolation = 'read_uncommitted'): Promise<readonly TopicPartitionOffset[]> {
    return this.#offsets(`Reading the end offsets of topic ${topic}`, topic, LATEST, isolation);
  }

  beginningOffsets(topic: string): Promise<readonly TopicPartitionOffset[]> {
    return this.#offsets(`Reading the beginning offsets of topic ${topic}`, topic, EARLIEST, 'read_uncommitted');
  }

  async #offsets(
    doing: string,
    topic: string,
    timestamp: bigint,
    isolation: Isolation,
  ): Promise<TopicPartitionOffset[]> {
    // Partitions may have been added since the topic was last looked at.
    await retrying(this.#cluster.patience(doing), () => this.#cluster.refresh([topic]));
    const { partitions } = await this.#cluster.topic(topic, doing);
    const all: TopicPartition[] = partitions.map((_, partition) => ({ topic, partition }));
    return lookUpOffsets(this.#cluster, all, timestamp, isolation, this.#cluster.patience(doing));
  }
}
