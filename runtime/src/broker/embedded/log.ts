import { BrokerError } from '../errors.ts';
import type { TopicSpec } from '../port.ts';
import type { EmbeddedConfig } from './config.ts';
import { PartitionLog } from './partition-log.ts';
import type { Storage } from './storage.ts';
import { fullConfigs, invalidConfigs, topicRules } from './topic-configs.ts';
import { Writer } from './writer.ts';

const LEGAL_NAME = /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/;

export interface Topic {
  readonly id: number;
  readonly name: string;
  readonly partitions: readonly PartitionLog[];
  /** Defaults included. */
  readonly configs: Readonly<Record<string, string>>;
}

/** The topics and partitions of a folder, as they are in memory. */
export class Log {
  readonly storage: Storage;
  readonly config: EmbeddedConfig;
  readonly writer: Writer;
  readonly #topics = new Map<string, Topic>();
  readonly #creating = new Map<string, Promise<unknown>>();
  readonly #listeners = new Set<() => void>();
  #nextId = 1;

  constructor(storage: Storage, config: EmbeddedConfig) {
    this.storage = storage;
    this.config = config;
    const max = config['embedded.max.bytes'];
    this.writer = new Writer(storage, max === -1 ? Number.POSITIVE_INFINITY : max);
    this.#nextId = Number(storage.meta.get('next.topic.id') ?? 1);
    for (const { value } of storage.topics.getRange({}))
      this.#add(value.id, value.name, value.partitions, value.configs);
  }

  get topics(): ReadonlyMap<string, Topic> {
    return this.#topics;
  }

  /** @throws BrokerError UNKNOWN_TOPIC_OR_PARTITION */
  topic(name: string): Topic {
    const topic = this.#topics.get(name);
    if (!topic) {
      throw new BrokerError(`Topic ${name} does not exist`, { code: 'UNKNOWN_TOPIC_OR_PARTITION' });
    }
    return topic;
  }

  /** @throws BrokerError UNKNOWN_TOPIC_OR_PARTITION */
  partition(name: string, index: number): PartitionLog {
    const topic = this.topic(name);
    const partition = topic.partitions[index];
    if (!partition) {
      throw new BrokerError(
        `Topic ${name} has no partition ${index}; it has ${topic.partitions.length}, counted from 0`,
        { code: 'UNKNOWN_TOPIC_OR_PARTITION' },
      );
    }
    return partition;
  }

  /** Calls back after topics came or went. */
  onTopics(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** @returns whether it was created */
  async create({ name, partitions, configs }: TopicSpec): Promise<boolean> {
    if (!LEGAL_NAME.test(name)) {
      throw new BrokerError(
        `Topic name ${JSON.stringify(name)} is not allowed: up to 249 letters, digits, dots, underscores and hyphens, and not . or ..`,
        { code: 'INVALID_TOPIC_EXCEPTION' },
      );
    }
    const count = partitions === -1 ? this.config['embedded.num.partitions'] : partitions;
    if (!Number.isInteger(count) || count < 1) {
      throw new BrokerError(`Topic ${name} cannot have ${partitions} partitions: at least 1, or -1 for the default`, {
        code: 'INVALID_PARTITIONS',
      });
    }
    const invalid = invalidConfigs(configs);
    if (invalid.length > 0) {
      throw new BrokerError(
        `Topic ${name} has invalid configs: ${invalid.map((key) => `${key}=${configs[key]}`).join(', ')}`,
        { code: 'INVALID_CONFIG' },
      );
    }
    while (this.#creating.has(name)) await this.#creating.get(name);
    if (this.#topics.has(name)) return false;
    const id = this.#nextId++;
    const stored = this.writer.write(() => {
      this.storage.meta.put('next.topic.id', this.#nextId);
      this.storage.topics.put(name, { id, name, partitions: count, configs });
    });
    this.#creating.set(
      name,
      stored.catch(() => {}),
    );
    try {
      await stored;
      this.#add(id, name, count, configs);
    } finally {
      this.#creating.delete(name);
    }
    for (const listener of this.#listeners) listener();
    return true;
  }

  /** Forgets the topics that exist; their records are removed in the background. */
  async delete(names: readonly string[]): Promise<void> {
    const topics = names.map((name) => this.#topics.get(name)).filter((topic) => topic !== undefined);
    if (topics.length === 0) return;
    await this.writer.write(() => {
      for (const topic of topics) {
        this.storage.topics.remove(topic.name);
        for (const { partition } of topic.partitions) this.storage.partitions.remove([topic.id, partition]);
      }
    });
    for (const topic of topics) {
      if (this.#topics.get(topic.name) === topic) this.#topics.delete(topic.name);
      for (const partition of topic.partitions) {
        if (!partition.deleted) this.writer.totalBytes -= partition.bytes;
        partition.deleted = true;
        partition.wake();
      }
    }
    for (const listener of this.#listeners) listener();
  }

  #add(id: number, name: string, count: number, given: Readonly<Record<string, string>>): void {
    const configs = fullConfigs(given, this.config);
    const rules = topicRules(configs);
    const partitions = Array.from({ length: count }, (_, index) => {
      const stored = this.storage.partitions.get([id, index]) ?? { begin: 0, next: 0, bytes: 0 };
      this.writer.totalBytes += stored.bytes;
      return new PartitionLog(name, id, index, rules, stored);
    });
    this.#topics.set(name, { id, name, partitions, configs });
  }
}
