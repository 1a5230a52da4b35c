import type { Broker } from '../broker/port.ts';
import { leaderTransactionalId } from '../config/exactly-once.ts';
import type { WorkerConfig } from '../config/worker-config.ts';
import type { Loggers } from '../logging/loggers.ts';
import { ConfigStore } from './config-store.ts';
import { ensureInternalTopic } from './internal-topic.ts';
import { OffsetStore } from './offset-store.ts';
import { StatusStore } from './status-store.ts';

/** What a worker keeps on the internal topics. */
export interface Stores {
  readonly configs: ConfigStore;
  readonly statuses: StatusStore;
  readonly offsets: OffsetStore;
}

function internalTopics(config: WorkerConfig) {
  return [
    { kind: 'config', partitions: 1, single: true },
    { kind: 'offset', partitions: config['offset.storage.partitions'], single: false },
    { kind: 'status', partitions: config['status.storage.partitions'], single: false },
  ] as const;
}

/** Makes sure that the internal topics are there, and opens the stores on them. @throws ConfigError if a topic is not as it must be */
export async function openStores(broker: Broker, config: WorkerConfig, loggers: Loggers): Promise<Stores> {
  await Promise.all(
    internalTopics(config).map(({ kind, partitions, single }) =>
      ensureInternalTopic(
        broker,
        {
          name: config[`${kind}.storage.topic`],
          partitions,
          replicationFactor: config[`${kind}.storage.replication.factor`],
          configs: {},
        },
        `${kind}.storage.topic`,
        single,
      ),
    ),
  );
  const group = config['group.id'];
  return {
    configs: new ConfigStore(broker, config['config.storage.topic'], `${group}-configs`, {
      // The embedded log has one worker.
      leaderTransactionalId: broker.atomicSends
        ? null
        : leaderTransactionalId(group, config['exactly.once.source.support']),
      log: loggers.get('tributary.store.config'),
      onLoggerLevel: (name, level) => loggers.setLevel(name, level),
    }),
    statuses: new StatusStore(
      broker,
      config['status.storage.topic'],
      `${group}-statuses`,
      loggers.get('tributary.store.status'),
    ),
    offsets: new OffsetStore(
      broker,
      config['offset.storage.topic'],
      `${group}-offsets`,
      loggers.get('tributary.store.offset'),
    ),
  };
}
