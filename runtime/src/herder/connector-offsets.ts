import {
  type Config,
  type ConfigDef,
  ConnectError,
  type Logger,
  type Props,
  parseConfig,
  type SourceOffset,
  type SourcePartition,
  type TopicPartition,
} from '@tributary/api';
import { BrokerError } from '../broker/errors.ts';
import type { Broker, RecordToSend } from '../broker/port.ts';
import { exactlyOnceEnabled, transactionalIdOf } from '../config/exactly-once.ts';
import { type ConnectorPlugin, connectorPlugin } from '../config/validation.ts';
import { withPrefix } from '../config/worker-config.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import { LayeredOffsets } from '../store/layered-offsets.ts';
import { OffsetStore, type SourceOffsetStore } from '../store/offset-store.ts';
import { PartitionMap } from '../store/partition-map.ts';
import { consumerOverrides, sinkGroup } from '../tasks/sink-clients.ts';
import { BadRequestError, ConflictError } from './errors.ts';
import {
  type ConnectorOffsets,
  type Modification,
  modifiedMessage,
  type OffsetEntry,
  shownSinkOffsets,
  sinkOffsets,
} from './offsets.ts';

export interface OffsetAccessOptions {
  readonly broker: Broker;
  readonly offsets: SourceOffsetStore;
  readonly log: Logger;
  readonly registry: PluginRegistry;
  /** The worker's config as text. */
  readonly workerProps: Props;
}

type SourceEntries = ReadonlyArray<readonly [SourcePartition, SourceOffset | null]>;
type SinkEntries = ReadonlyArray<readonly [TopicPartition, number | null]>;
type Message = ReturnType<typeof modifiedMessage>;

/** What a connector, or the store, finds wrong with offsets that were given is the caller's mistake. */
async function asBadRequest<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ConnectError ? new BadRequestError(error.message, { cause: error }) : error;
  }
}

/** What the broker says while a group has members. */
const BUSY: readonly string[] = ['UNKNOWN_MEMBER_ID', 'NON_EMPTY_GROUP', 'GROUP_SUBSCRIBED_TO_TOPIC'];

/** Reads and changes how far connectors have come: sources in the offset store, sinks in their consumer groups. */
export class OffsetAccess {
  readonly #options: OffsetAccessOptions;

  constructor(options: OffsetAccessOptions) {
    this.#options = options;
  }

  async read(name: string, props: Props): Promise<ConnectorOffsets> {
    const { broker, registry } = this.#options;
    if (connectorPlugin(registry, props).kind === 'sink')
      return shownSinkOffsets(await broker.groups.committed(this.#group(name, props)));
    return this.#withOffsets(name, props, async (offsets) => ({
      offsets: offsets.all(name).map(({ partition, offset }) => ({ partition, offset })),
    }));
  }

  /** The connector must be stopped. @throws BadRequestError, ConflictError */
  alter(name: string, props: Props, entries: readonly OffsetEntry[]): Promise<Message> {
    const plugin = connectorPlugin(this.#options.registry, props);
    if (plugin.kind === 'sink') return this.#alterSink(name, plugin, props, sinkOffsets(entries));
    const byPartition = new PartitionMap<SourceOffset | null>();
    for (const { partition, offset } of entries) {
      if (partition === null) throw new BadRequestError('The partition of a source offset cannot be null or missing');
      byPartition.set(partition as SourcePartition, offset as SourceOffset | null);
    }
    return this.#withOffsets(name, props, (offsets) =>
      this.#alterSource(name, plugin, props, offsets, [...byPartition.entries()], 'altered'),
    );
  }

  /** Forgets all offsets. The connector must be stopped. @throws BadRequestError, ConflictError */
  async reset(name: string, props: Props): Promise<Message> {
    const { broker, registry } = this.#options;
    const plugin = connectorPlugin(registry, props);
    if (plugin.kind === 'source') {
      return this.#withOffsets(name, props, (offsets) => {
        const all = offsets.all(name).map(({ partition }) => [partition, null] as const);
        return this.#alterSource(name, plugin, props, offsets, all, 'reset');
      });
    }
    const group = this.#group(name, props);
    const all = (await broker.groups.committed(group)).map((at): [TopicPartition, null] => [at, null]);
    const complete = await this.#askSink(plugin, props, all);
    await this.#whileStopped(name, 'reset', () => broker.groups.deleteGroup(group));
    return modifiedMessage('reset', complete);
  }

  async #alterSource(
    name: string,
    plugin: ConnectorPlugin,
    props: Props,
    offsets: SourceOffsetStore,
    entries: SourceEntries,
    modification: Modification,
  ): Promise<Message> {
    const { config, definition } = await this.#loaded(plugin, props);
    // A value that cannot be stored is found here, before the connector acts on it.
    const records = await asBadRequest(() =>
      entries.flatMap(([partition, offset]) => offsets.alteration(name, partition, offset)),
    );
    const complete = await asBadRequest(
      () => (definition.kind === 'source' && definition.alterOffsets?.(config, entries)) ?? false,
    );
    if (records.length > 0) {
      await this.#write(name, records);
      await offsets.refresh();
    }
    return modifiedMessage(modification, complete);
  }

  /** Hands on what the connector has stored: in the worker's topic, and in its own if it has one and has used it. */
  async #withOffsets<T>(name: string, props: Props, work: (offsets: SourceOffsetStore) => Promise<T>): Promise<T> {
    const { broker, log, offsets } = this.#options;
    const topic = props['offsets.storage.topic']?.trim();
    if (!topic || topic === offsets.topic || !(await broker.topics.describe([topic])).has(topic)) {
      await offsets.refresh();
      return work(offsets);
    }
    const own = new OffsetStore(broker, topic, `connector-offset-reader-${name}`, log);
    try {
      const layered = new LayeredOffsets(own, offsets);
      await layered.refresh();
      return await work(layered);
    } finally {
      await own.close();
    }
  }

  async #write(name: string, records: readonly RecordToSend[]): Promise<void> {
    const { broker, workerProps } = this.#options;
    const transactional = exactlyOnceEnabled(workerProps) && !broker.atomicSends;
    const producer = await broker.producer({
      clientId: `connector-offset-producer-${name}`,
      // As Java's worker: the task that comes next waits for what was written.
      ...(transactional ? { transactionalId: transactionalIdOf(workerProps['group.id'] ?? '', name, 0) } : {}),
      overrides: withPrefix(workerProps, 'producer.'),
    });
    try {
      if (transactional) await producer.begin();
      await producer.send(records);
      if (transactional) await producer.commit();
    } finally {
      await producer.close();
    }
  }

  async #alterSink(name: string, plugin: ConnectorPlugin, props: Props, entries: SinkEntries): Promise<Message> {
    const { broker } = this.#options;
    await this.#refuseMissing(entries.map(([at]) => at));
    const complete = await this.#askSink(plugin, props, entries);
    const group = this.#group(name, props);
    const set = entries.flatMap(([at, offset]) => (offset === null ? [] : [{ ...at, offset }]));
    const forgotten = entries.flatMap(([at, offset]) => (offset === null ? [at] : []));
    await this.#whileStopped(name, 'alter', async () => {
      if (set.length > 0) await broker.groups.alter(group, set);
      if (forgotten.length > 0) await broker.groups.delete(group, forgotten);
    });
    return modifiedMessage('altered', complete);
  }

  async #askSink(plugin: ConnectorPlugin, props: Props, entries: SinkEntries): Promise<boolean> {
    const { config, definition } = await this.#loaded(plugin, props);
    return asBadRequest(() => (definition.kind === 'sink' && definition.alterOffsets?.(config, entries)) ?? false);
  }

  async #loaded(plugin: ConnectorPlugin, props: Props) {
    const definition = await plugin.load();
    const config: Config<ConfigDef> = parseConfig(definition.config, props).config;
    return { definition, config };
  }

  #group(name: string, props: Props): string {
    return sinkGroup(name, consumerOverrides(this.#options.workerProps, props));
  }

  /** An offset in a partition that is not there would be lost without a word, or refused without a reason. */
  async #refuseMissing(partitions: readonly TopicPartition[]): Promise<void> {
    const found = await this.#options.broker.topics.describe([...new Set(partitions.map(({ topic }) => topic))]);
    for (const { topic, partition } of partitions) {
      const count = found.get(topic)?.partitions;
      if (count === undefined) throw new BadRequestError(`There is no topic '${topic}'`);
      if (partition < 0 || partition >= count) {
        throw new BadRequestError(`The topic '${topic}' has no partition ${partition}: they are 0 to ${count - 1}`);
      }
    }
  }

  /** @throws ConflictError with Java's message while tasks are still members of the group */
  async #whileStopped(name: string, what: 'alter' | 'reset', work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof BrokerError) || !BUSY.includes(error.code)) throw error;
      throw new ConflictError(
        `Failed to ${what} consumer group offsets for connector ${name} either because its tasks haven't stopped completely yet or the connector was resumed before the request to ${what} its offsets could be successfully completed. If the connector is in a stopped state, this operation can be safely retried. If it doesn't eventually succeed, the Connect cluster may need to be restarted to get rid of the zombie sink tasks.`,
        { cause: error },
      );
    }
  }
}
