import { type Logger, messageOf, type Props } from '@tributary/api';
import { clientKeys } from './broker/client-keys.ts';
import { openBroker } from './broker/open.ts';
import type { Broker } from './broker/port.ts';
import type { ConnectorFile } from './config/files.ts';
import { parseWorkerConfig, restListener, type WorkerConfig } from './config/worker-config.ts';
import { builtInConverters } from './convert/index.ts';
import { Herder } from './herder/herder.ts';
import { metricsRegistry } from './metrics/prometheus.ts';
import { openRegistry, type PluginRegistry } from './plugins/registry.ts';
import { openListener, type RestListener } from './rest/listen.ts';
import { restServer } from './rest/server.ts';
import type { TargetState } from './store/config-state.ts';
import { ConfigStore } from './store/config-store.ts';
import { ensureInternalTopic } from './store/internal-topic.ts';
import { OffsetStore } from './store/offset-store.ts';
import { StatusStore } from './store/status-store.ts';
import { ByteBudget } from './tasks/budget.ts';
import type { TaskHost } from './tasks/host.ts';
import { SharedHost } from './tasks/shared-host.ts';
import type { TaskSettings } from './tasks/task.ts';

export interface WorkerOptions {
  /** The worker's config as text. */
  readonly props: Props;
  /** Connectors to create, or to update, once the worker is up. */
  readonly connectors: readonly ConnectorFile[];
  readonly log: Logger;
  /** A logger for one task. */
  readonly taskLog: (connector: string, task: number) => Logger;
}

/** A worker that is up. */
export interface Worker {
  /** Where the REST API is, `http://host:port`. */
  readonly url: string;
  readonly herder: Herder;
  /** Stops tasks, stores offsets, closes everything. */
  stop(): Promise<void>;
}

const TARGET: Readonly<Record<NonNullable<ConnectorFile['initialState']>, TargetState>> = {
  RUNNING: 'STARTED',
  PAUSED: 'PAUSED',
  STOPPED: 'STOPPED',
};

/** Starts a worker. @throws ConfigError if its config is wrong, its port taken, or its log in use by another worker */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { log } = options;
  const { config, props, warnings } = parseWorkerConfig(options.props, clientKeys);
  for (const warning of warnings) log.warn(warning);
  const listener = await openListener(restListener(config));
  try {
    return await openWorker(options, config, props, listener);
  } catch (error) {
    await listener.close();
    throw error;
  }
}

function internalTopics(config: WorkerConfig) {
  return [
    { kind: 'config', partitions: 1, single: true },
    { kind: 'offset', partitions: config['offset.storage.partitions'], single: false },
    { kind: 'status', partitions: config['status.storage.partitions'], single: false },
  ] as const;
}

async function openStores(broker: Broker, config: WorkerConfig, log: Logger) {
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
    configs: new ConfigStore(broker, config['config.storage.topic'], `${group}-configs`, log),
    statuses: new StatusStore(broker, config['status.storage.topic'], `${group}-statuses`, log),
    offsets: new OffsetStore(broker, config['offset.storage.topic'], `${group}-offsets`, log),
  };
}

async function openPlugins(config: WorkerConfig, log: Logger): Promise<PluginRegistry> {
  const registry = await openRegistry({
    pluginPath: config['plugin.path'],
    from: [import.meta.dirname, process.cwd()],
    builtIn: builtInConverters,
  });
  for (const problem of registry.problems) log.warn(problem);
  return registry;
}

async function openWorker(
  options: WorkerOptions,
  config: WorkerConfig,
  given: Props,
  listener: RestListener,
): Promise<Worker> {
  const { log, taskLog, connectors } = options;
  const { host } = restListener(config);
  const advertised = config['rest.advertised.host.name'] ?? (host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host);
  const workerId = `${advertised}:${config['rest.advertised.port'] ?? listener.port}`;
  const url = `http://${workerId}`;
  const [registry, broker] = await Promise.all([
    openPlugins(config, log),
    openBroker({
      configs: { ...given, 'bootstrap.servers': config['bootstrap.servers'] },
      clientId: config['group.id'],
    }),
  ]);
  const stores = await openStores(broker, config, log);
  // The defaults of the worker's converters are part of what tasks are told.
  const props = Object.fromEntries(
    Object.entries({ ...config, ...given }).flatMap(([key, value]) => (value === null ? [] : [[key, String(value)]])),
  );
  const settings: TaskSettings = {
    workerProps: props,
    offsetFlushIntervalMs: config['offset.flush.interval.ms'],
    offsetFlushTimeoutMs: config['offset.flush.timeout.ms'],
    topicCreation: config['topic.creation.enable'],
  };
  const budget = new ByteBudget(config['worker.memory.bytes']);
  const taskHost: TaskHost = new SharedHost(({ id }) => ({
    broker,
    registry,
    offsets: stores.offsets,
    budget,
    log: taskLog(id.connector, id.task),
  }));
  const herder = new Herder({
    workerId,
    registry,
    configs: stores.configs,
    statuses: stores.statuses,
    host: taskHost,
    settings,
    shutdownTimeoutMs: config['task.shutdown.graceful.timeout.ms'],
    topicTracking: config['topic.tracking.enable'],
    log,
  });
  const metrics = metricsRegistry(herder);
  let starting: string | null = 'The worker is starting up';
  const app = restServer(
    {
      herder,
      registry,
      clusterId: () => broker.clusterId,
      advertisedUrl: () => url,
      startingUp: () => starting,
      metrics: async () => ({ contentType: metrics.contentType, text: await metrics.metrics() }),
      log,
    },
    listener,
  );
  await app.ready();
  await herder.start();
  for (const { name, config: connectorConfig, initialState } of connectors) {
    const { created } = await herder.putConfig(name, connectorConfig);
    if (created && initialState !== null) await herder.setTargetState(name, TARGET[initialState]);
  }
  starting = null;
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    starting = 'The worker is shutting down';
    await herder.stop();
    await taskHost.close();
    await app.close();
    await listener.close();
    for (const store of Object.values(stores))
      await store.close().catch((error: unknown) => log.debug(messageOf(error)));
    await broker.close();
  };
  return {
    url,
    herder,
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}
