import { ConfigError, ConnectError, messageOf, type TopicPartitionOffset } from '@tributary/api';
import type { Broker, Producer, RecordRead, RecordToSend, TopicReader, TopicSpec } from '../broker/port.ts';
import { toJson } from './json.ts';

const encoder = new TextEncoder();

/**
 * Makes sure that an internal topic is there and is compacted. @throws ConfigError that says how to put it right
 * @param single whether it must have exactly one partition
 */
export async function ensureInternalTopic(
  broker: Broker,
  spec: TopicSpec,
  key: string,
  single: boolean,
): Promise<void> {
  const created = await broker.topics.create({ ...spec, configs: { 'cleanup.policy': 'compact', ...spec.configs } });
  if (created) return;
  const found = (await broker.topics.describe([spec.name])).get(spec.name);
  if (!found) return;
  const policy = found.configs['cleanup.policy'];
  if (policy !== undefined && policy !== 'compact') {
    throw new ConfigError(
      `Topic '${spec.name}' supplied via the '${key}' property is required to have 'cleanup.policy=compact' to guarantee consistency and durability of source connector offsets, but found the topic currently has 'cleanup.policy=${policy}'. Put it right with: kafka-configs.sh --alter --entity-type topics --entity-name ${spec.name} --add-config cleanup.policy=compact`,
    );
  }
  if (single && found.partitions !== 1) {
    throw new ConfigError(
      `Topic '${spec.name}' supplied via the '${key}' property is required to have a single partition in order to guarantee consistency of connector configurations, but found ${found.partitions} partitions.`,
    );
  }
}

/** Key and value of each record; a null value is a tombstone. */
export type Entries = ReadonlyArray<readonly [key: string, value: unknown]>;

/** The records of an internal topic: text keys and JSON values. */
export function recordsOf(topic: string, entries: Entries): readonly RecordToSend[] {
  return entries.map(([key, value]) => ({
    topic,
    partition: null,
    key: encoder.encode(key),
    value: value === null ? null : toJson(value),
    timestamp: null,
    headers: [],
  }));
}

/** Writes records with text keys and JSON values to one internal topic, and hands on what is in it. */
export class InternalTopic {
  readonly name: string;
  readonly #broker: Broker;
  readonly #clientId: string;
  readonly #reader: TopicReader;
  #producer: Promise<Producer> | undefined;
  #failure: Error | undefined;

  constructor(broker: Broker, name: string, clientId: string, onRecords: (records: readonly RecordRead[]) => void) {
    this.name = name;
    this.#broker = broker;
    this.#clientId = clientId;
    this.#reader = broker.reader({
      clientId,
      topic: name,
      onRecords,
      onError: (error) => {
        this.#failure = error;
      },
    });
  }

  /** Resolves when the records are durable, with element i the place of record i. */
  async write(entries: Entries): Promise<readonly TopicPartitionOffset[]> {
    this.#producer ??= this.#broker.producer({ clientId: this.#clientId });
    const records = recordsOf(this.name, entries);
    try {
      return await (await this.#producer).send(records);
    } catch (error) {
      // A producer that failed is broken; the next write makes another.
      const broken = this.#producer;
      this.#producer = undefined;
      void broken.then((producer) => producer.close(0)).catch(() => {});
      throw new ConnectError(`The topic ${this.name} cannot be written: ${messageOf(error)}`, { cause: error });
    }
  }

  /** Waits until everything that is in the topic now has been handed on. */
  async readToEnd(): Promise<void> {
    if (this.#failure)
      throw new ConnectError(`The topic ${this.name} cannot be read: ${this.#failure.message}`, {
        cause: this.#failure,
      });
    await this.#reader.readToEnd();
  }

  async close(): Promise<void> {
    await this.#reader.close();
    await (await this.#producer?.catch(() => undefined))?.close();
  }
}
