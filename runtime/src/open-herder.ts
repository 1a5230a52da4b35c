import { messageOf } from '@tributary/api';
import type { Broker } from './broker/port.ts';
import type { Closers } from './closers.ts';
import type { ConfigProviders } from './config/config-providers.ts';
import { ConnectorSecrets } from './config/connector-secrets.ts';
import { sessionKeySettings } from './config/distributed-config.ts';
import { exactlyOnceEnabled } from './config/exactly-once.ts';
import type { SecretsInUse } from './config/secrets.ts';
import type { WorkerConfig } from './config/worker-config.ts';
import { OffsetAccess } from './herder/connector-offsets.ts';
import { classOf } from './herder/connector-type.ts';
import { Executor } from './herder/executor.ts';
import { fenceTasks } from './herder/fencing.ts';
import { Herder } from './herder/herder.ts';
import { LeaderCalls } from './herder/leader-calls.ts';
import { LeaderDuties } from './herder/leader-duties.ts';
import type { Membership } from './herder/membership.ts';
import { openMembership } from './herder/open-membership.ts';
import { Restarts } from './herder/restarts.ts';
import { mayWrite } from './herder/rightful.ts';
import type { Loggers } from './logging/loggers.ts';
import type { PluginRegistry } from './plugins/registry.ts';
import { peers } from './rest/peers.ts';
import type { InternalRequests } from './rest/routes.ts';
import type { WorkerClient } from './rest/worker-client.ts';
import { connectorOf } from './store/config-state.ts';
import type { Stores } from './store/open.ts';
import type { TaskHost } from './tasks/host.ts';
import type { TaskSettings } from './tasks/task-spec.ts';

export interface HerderParts {
  readonly broker: Broker;
  readonly config: WorkerConfig;
  readonly stores: Stores;
  readonly registry: PluginRegistry;
  readonly providers: ConfigProviders;
  readonly inUse: SecretsInUse;
  readonly loggers: Loggers;
  readonly taskHost: TaskHost;
  readonly settings: TaskSettings;
  /** Reaches the other workers. */
  readonly client: WorkerClient;
  /** Where others reach this worker. */
  readonly url: string;
  readonly workerId: string;
  readonly onFatal: (reason: string) => void;
  readonly closers: Closers;
}

export interface OpenedHerder {
  readonly herder: Herder;
  readonly executor: Executor;
  readonly membership: Membership;
  /** How requests of other workers are answered; null: there cannot be any. */
  readonly internal: InternalRequests | null;
}

/** The herder with all that it works with: what runs here, the place among the workers, what the leader does and is asked for. */
export function openHerder(parts: HerderParts): OpenedHerder {
  const { broker, config, stores, registry, providers, inUse, loggers, settings, client, closers } = parts;
  const { configs, statuses, offsets } = stores;
  const { workerProps } = settings;
  const log = loggers.get('tributary.herder');
  const secrets = new ConnectorSecrets(registry, providers, inUse, log);
  const membership = openMembership(broker, config, parts, log, parts.onFatal);
  const fenced = exactlyOnceEnabled(workerProps) && !broker.atomicSends;
  const executor = new Executor({
    workerId: parts.workerId,
    generation: () => membership.generation,
    registry,
    configs: () => configs.state,
    statuses,
    host: parts.taskHost,
    settings,
    secrets,
    onExpired: (name) => reload(name),
    restarts: new Restarts({
      workerProps,
      configOf: (name) => connectorOf(configs.state, name)?.config,
      restart: (name, task) => herder.restartFailed(name, task),
      log,
    }),
    shutdownTimeoutMs: config['task.shutdown.graceful.timeout.ms'],
    topicTracking: config['topic.tracking.enable'],
    inLine: (work) => herder.inLine(work),
    putTasks: (connector, tasks, signal) => leader.putTasks(connector, tasks, signal),
    fence: fenced ? (connector, signal) => leader.fence(connector, signal) : null,
    mayWrite: mayWrite(configs, membership),
    log,
    connectorLog: (name, props) => loggers.ofConnector(name, classOf(registry, props)),
  });
  const herder: Herder = new Herder({
    registry,
    configs,
    statuses,
    executor,
    membership,
    onAssigned: () => duties.afterRebalance(),
    // Also for workers that have exactly-once enabled already, while this one is still preparing.
    fence: broker.atomicSends ? null : (connector, tasks) => fenceTasks(broker, config['group.id'], connector, tasks),
    log,
    offsets: new OffsetAccess({ broker, offsets, registry, workerProps, log: loggers.get('tributary.store.offset') }),
    topicTracking: {
      enabled: config['topic.tracking.enable'],
      resetAllowed: config['topic.tracking.allow.reset'],
    },
    workerProps,
    providers,
    secrets,
    masking: config['rest.mask.passwords'],
  });
  const keys = sessionKeySettings(config);
  const { signatureAlgorithm, verificationAlgorithms } = keys;
  const requests = { signed: () => membership.signed, sessionKey: () => configs.state.sessionKey };
  const others = peers({ client, ...requests, signatureAlgorithm, refresh: () => configs.refresh() });
  const leader = new LeaderCalls(membership, herder.leaderWork, others, log);
  const duties = new LeaderDuties({ configs, statuses, membership, keys, log });
  closers.add(async () => duties.stop());
  const reload = (name: string): void => {
    log.info(`Values of config providers that connector ${name} uses have expired: it is restarted`, {
      connector: name,
    });
    herder.restart(name, { includeTasks: false, onlyFailed: false }).catch((error: unknown) => {
      log.error(`Connector ${name} cannot be restarted: ${messageOf(error)}`, { connector: name, err: error });
    });
  };
  const internal = broker.member ? { leader: herder.leaderWork, ...requests, verificationAlgorithms } : null;
  return { herder, executor, membership, internal };
}
