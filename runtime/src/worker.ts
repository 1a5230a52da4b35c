import type { Props } from '@tributary/api';
import { clientKeys } from './broker/client-keys.ts';
import { openBroker } from './broker/open.ts';
import { builtIn } from './built-in.ts';
import { Closers } from './closers.ts';
import type { ConnectorFile } from './config/files.ts';
import { peerTls, restListeners } from './config/listeners.ts';
import { SecretsInUse } from './config/secrets.ts';
import { parseWorkerConfig, pluginPathOf, type WorkerConfig } from './config/worker-config.ts';
import { openWorkerProviders, type WorkerProviders } from './config/worker-providers.ts';
import { deploy } from './deploy.ts';
import { classOf } from './herder/connector-type.ts';
import type { TaskReport } from './herder/executor.ts';
import type { Herder } from './herder/herder.ts';
import type { LeveledLogger, Loggers, TaskLogs } from './logging/loggers.ts';
import { metricsRegistry } from './metrics/prometheus.ts';
import { openHerder } from './open-herder.ts';
import { openRegistry, type PluginRegistry } from './plugins/registry.ts';
import { advertised } from './rest/advertised.ts';
import { openExtensions } from './rest/extensions/index.ts';
import { openListeners, type RestListeners } from './rest/listen.ts';
import { Masking } from './rest/masking.ts';
import { restServers } from './rest/server.ts';
import { restSettings } from './rest/settings.ts';
import { workerClient } from './rest/worker-client.ts';
import { openStores } from './store/open.ts';
import { openHost, type PluginPlaces } from './tasks/open-host.ts';
import type { TaskSettings, TaskSpec } from './tasks/task-spec.ts';

export interface WorkerOptions {
  /** The worker's config as text. */
  readonly props: Props;
  /** Connectors to create, or to update, once the worker is up. */
  readonly connectors: readonly ConnectorFile[];
  readonly loggers: Loggers;
  /** The worker cannot go on, such as when another one has taken its place. It should be stopped. */
  readonly onFatal: (reason: string) => void;
}

/** A worker that is up. */
export interface Worker {
  /** Where the REST API is, `http://host:port`. */
  readonly url: string;
  readonly herder: Herder;
  /** The tasks that run here, with their metrics. */
  report(): readonly TaskReport[];
  /** Stops tasks, stores offsets, closes everything. */
  stop(): Promise<void>;
}

/** Starts a worker. @throws ConfigError if its config is wrong, its port taken, or its log in use by another worker */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const log = options.loggers.get('tributary.worker');
  const inUse = new SecretsInUse((redact) => {
    options.loggers.redact = redact;
  });
  const plugins = pluginsOnce(options);
  const own = await openWorkerProviders(plugins, options.props, log);
  inUse.remember('', own.secrets);
  const { config, warnings, unknownKeys } = parseWorkerConfig(own.props, clientKeys, (text) => inUse.redact(text));
  for (const warning of warnings) log.warn(warning);
  const listeners = await openListeners(restListeners(config, own.props));
  const closers = new Closers(log);
  closers.add(() => own.providers.close());
  closers.add(() => listeners.close());
  try {
    const worker = await openWorker({ ...options, ...own, inUse, plugins, config, unknownKeys }, listeners, closers);
    let stopped: Promise<void> | undefined;
    return {
      ...worker,
      stop() {
        stopped ??= closers.close();
        return stopped;
      },
    };
  } catch (error) {
    await closers.close();
    throw error;
  }
}

/** The plugins, opened when they are first asked for. */
function pluginsOnce({ props, loggers }: WorkerOptions): () => Promise<PluginRegistry> {
  const open = async (): Promise<PluginRegistry> => {
    const registry = await openRegistry({ ...placesOf(props), builtIn });
    for (const problem of registry.problems) loggers.get('tributary.plugins').warn(problem);
    return registry;
  };
  let opened: Promise<PluginRegistry> | undefined;
  return () => {
    opened ??= open();
    return opened;
  };
}

function placesOf(props: Props): PluginPlaces {
  return { pluginPath: pluginPathOf(props), from: [import.meta.dirname, process.cwd()] };
}

interface WorkerParts extends WorkerOptions, WorkerProviders {
  readonly config: WorkerConfig;
  readonly unknownKeys: readonly string[];
  readonly inUse: SecretsInUse;
  readonly plugins: () => Promise<PluginRegistry>;
}

async function openWorker(
  options: WorkerParts,
  listeners: RestListeners,
  closers: Closers,
): Promise<Omit<Worker, 'stop'>> {
  const { loggers, connectors, config, props: given, providers, inUse, plugins, unknownKeys } = options;
  const { url, workerId } = advertised(config, listeners.regular);
  const brokerOptions = {
    configs: { ...given, 'bootstrap.servers': config['bootstrap.servers'] },
    clientId: config['group.id'],
  };
  const opening = openBroker(brokerOptions);
  opening.then(
    (broker) => closers.add(() => broker.close()),
    () => {},
  );
  const [registry, broker] = await Promise.all([plugins(), opening]);
  const stores = await openStores(broker, config, loggers);
  for (const store of Object.values(stores)) closers.add(() => store.close());
  const logsOf = ({ id, kind, connectorProps }: TaskSpec): TaskLogs<LeveledLogger> =>
    loggers.ofTask({ ...id, kind, connectorClass: classOf(registry, connectorProps) });
  const places = placesOf(given);
  const log = loggers.get('tributary.worker');
  const taskHost = openHost({ config, brokerOptions, broker, registry, places, offsets: stores.offsets, log, logsOf });
  closers.add(() => taskHost.close());
  const settings = taskSettings(config, given);
  const client = workerClient(() => peerTls(given));
  closers.add(async () => client.close());
  const { herder, executor, membership, internal } = openHerder({
    broker,
    config,
    stores,
    registry,
    providers,
    inUse,
    loggers,
    taskHost,
    settings,
    client,
    url,
    workerId,
    onFatal: options.onFatal,
    closers,
  });
  const metrics = metricsRegistry(() => ({
    connectors: executor.connectorReports(),
    tasks: executor.report(),
    rebalances: membership.rebalances(),
  }));
  const extensions = await openExtensions(config['rest.extension.classes'], {
    registry,
    props: given,
    herder,
    clusterId: () => broker.clusterId,
    log: loggers.get('tributary.rest'),
  });
  closers.add(() => extensions.close());
  for (const key of unknownKeys.filter((name) => !extensions.keys.has(name)))
    loggers.get('tributary.worker').warn(`'${key}' is not a known key and is ignored`);
  let unready: string | null = 'The worker is starting up';
  await restServers(
    {
      herder,
      registry,
      workerProps: settings.workerProps,
      providers,
      clusterId: () => broker.clusterId,
      advertisedUrl: () => url,
      startingUp: () => unready,
      client,
      internal,
      metrics: async () => ({ contentType: metrics.contentType, text: await metrics.metrics() }),
      log: loggers.get('tributary.rest'),
      loggers,
      masking: new Masking(registry, config['rest.mask.passwords']),
      redact: (text) => inUse.redact(text),
      extensions: extensions.running,
    },
    restSettings(config),
    listeners,
  );
  closers.add(() => herder.stop());
  await herder.start();
  for (const file of connectors) await deploy(file, herder, client);
  unready = null;
  closers.add(async () => {
    unready = 'The worker is shutting down';
  });
  return { url, herder, report: () => executor.report() };
}

function taskSettings(config: WorkerConfig, given: Props): TaskSettings {
  return {
    // The defaults of the worker's converters are part of what tasks are told.
    workerProps: Object.fromEntries(
      Object.entries({ ...config, ...given }).flatMap(([key, value]) => (value === null ? [] : [[key, String(value)]])),
    ),
    offsetFlushIntervalMs: config['offset.flush.interval.ms'],
    offsetFlushTimeoutMs: config['offset.flush.timeout.ms'],
    topicCreation: config['topic.creation.enable'],
  };
}
