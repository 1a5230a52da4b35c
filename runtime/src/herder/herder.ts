import type { Logger, Props } from '@tributary/api';
import type { ConfigInfos } from '../config/checked.ts';
import type { ConfigProviders } from '../config/config-providers.ts';
import type { ConnectorSecrets } from '../config/connector-secrets.ts';
import { assertStaysMasked, MASK, patched, type Unmasked, unmasked } from '../config/mask.ts';
import { secretKeys } from '../config/secret-keys.ts';
import { validateConfig } from '../config/validate.ts';
import { assertValid } from '../config/validation.ts';
import type { Level } from '../logging/levels.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import {
  type ConfigState,
  type ConfiguredEntry,
  connectorNames,
  connectorOf,
  type TargetState,
} from '../store/config-state.ts';
import type { ConfigStore } from '../store/config-store.ts';
import type { StatusStore } from '../store/status-store.ts';
import type { OffsetAccess } from './connector-offsets.ts';
import { typeOf } from './connector-type.ts';
import {
  type ConnectorInfo,
  type ConnectorStateInfo,
  stateInfo,
  type TaskInfo,
  type TaskStateInfo,
  taskStateInfo,
} from './entities.ts';
import { AlreadyExistsError, BadRequestError, ForbiddenError, NotFoundError, RequestTargetError } from './errors.ts';
import type { Executor } from './executor.ts';
import { InCharge } from './in-charge.ts';
import { LeaderTasks } from './leader-tasks.ts';
import type { Membership } from './membership.ts';
import type { ConnectorOffsets, OffsetEntry } from './offsets.ts';
import type { LeaderWork } from './peers.ts';
import { Reconciler } from './reconciler.ts';
import { RestartCommands } from './restart-commands.ts';
import type { RestartRequest } from './restart-plan.ts';
import { sameConfig } from './task-configs.ts';

export interface HerderOptions {
  readonly registry: PluginRegistry;
  readonly configs: ConfigStore;
  readonly statuses: StatusStore;
  readonly executor: Executor;
  readonly membership: Membership;
  /** What the leader does after each rebalance, before it takes requests. */
  readonly onAssigned: () => Promise<void>;
  /** Keeps so many earlier tasks of a source from writing; null where none can be left behind. */
  readonly fence: ((connector: string, tasks: number) => Promise<void>) | null;
  readonly offsets: OffsetAccess;
  readonly topicTracking: { readonly enabled: boolean; readonly resetAllowed: boolean };
  /** The worker's config as text. */
  readonly workerProps: Props;
  readonly providers: ConfigProviders;
  readonly secrets: ConnectorSecrets;
  /** Whether `[hidden]` in a config stands for the value that is stored (rest.mask.passwords). */
  readonly masking: boolean;
  readonly log: Logger;
}

const CONFIGS = 'Only the leader can set connector configs.';
const OFFSETS = 'Only the leader can process external offsets modification requests';
/**
 * The commands of the REST API and of other workers. Those that change configs write to the config topic, which the leader alone
 * does; what follows from it each worker does for itself.
 */
export class Herder {
  readonly #options: HerderOptions;
  readonly #line: Reconciler;
  readonly #inCharge: InCharge;
  readonly #restarts: RestartCommands;
  /** What it does for other workers while this one leads. */
  readonly leaderWork: LeaderWork;

  constructor(options: HerderOptions) {
    const { configs, membership } = options;
    const line = new Reconciler({ ...options, onRestart: (asked) => this.#restarts.apply(asked) });
    const inCharge = new InCharge(membership, configs, line);
    this.#options = options;
    this.#line = line;
    this.#inCharge = inCharge;
    this.#restarts = new RestartCommands({ ...options, line, inCharge, status: (name) => this.status(name) });
    this.leaderWork = new LeaderTasks({ ...options, line, inCharge });
  }

  get #state(): ConfigState {
    return this.#options.configs.state;
  }

  /** Reads the stores, takes a place among the workers and starts what is assigned to this one. */
  start(): Promise<void> {
    return this.#line.start();
  }

  /** Stops the tasks, all at once, within the shutdown timeout, and leaves the cluster. The states say UNASSIGNED afterwards. */
  stop(): Promise<void> {
    return this.#line.stop();
  }

  /** Does a piece of work in line with the commands, and then what follows from it. */
  async inLine(work: () => Promise<void>): Promise<void> {
    await this.#line.run(work);
    this.#line.reconcile();
  }

  /** Whether the line of commands moves on within a time. */
  answers(timeoutMs: number): Promise<boolean> {
    return this.#line.answers(timeoutMs);
  }

  /** Reads what is in the config topic now, such as what another worker has just written. */
  refresh(): Promise<void> {
    return this.#options.configs.refresh();
  }

  names(): readonly string[] {
    return connectorNames(this.#state);
  }

  /** @throws NotFoundError */
  info(name: string): ConnectorInfo {
    return this.#infoOf(name, this.#entry(name));
  }

  /** @throws NotFoundError */
  config(name: string): Props {
    return this.#entry(name).config;
  }

  /** @throws NotFoundError */
  tasks(name: string): readonly TaskInfo[] {
    return this.#entry(name).tasks.map((config, task) => ({ id: { connector: name, task }, config }));
  }

  /** @throws NotFoundError */
  status(name: string): ConnectorStateInfo {
    const { statuses } = this.#options;
    const connector = statuses.connector(name);
    if (!connector) throw new NotFoundError(`No status found for connector ${name}`);
    return {
      name,
      connector: stateInfo(connector),
      tasks: statuses.tasks(name).map(([task, status]) => taskStateInfo(task, status)),
      type: typeOf(this.#options.registry, connectorOf(this.#state, name)?.config),
    };
  }

  /** @throws NotFoundError */
  taskStatus(name: string, task: number): TaskStateInfo {
    const status = this.#options.statuses.task(name, task);
    if (!status) throw new NotFoundError(`No status found for task ${name}-${task}`);
    return taskStateInfo(task, status);
  }

  /** The topics that the connector has used. @throws ForbiddenError if the worker does not keep them */
  topics(name: string): readonly string[] {
    this.#refuseUntracked();
    return this.#options.statuses.topics(name);
  }

  /** Forgets the topics that the connector has used so far. @throws ForbiddenError */
  resetTopics(name: string): Promise<void> {
    this.#refuseUntracked();
    const { statuses, topicTracking } = this.#options;
    if (!topicTracking.resetAllowed) throw new ForbiddenError('Topic tracking reset is disabled.');
    for (const topic of statuses.topics(name)) statuses.removeTopic(name, topic);
    return statuses.flush();
  }

  #refuseUntracked(): void {
    if (!this.#options.topicTracking.enabled) throw new ForbiddenError('Topic tracking is disabled.');
  }

  /** How far the connector has come. @throws NotFoundError */
  async offsets(name: string): Promise<ConnectorOffsets> {
    return this.#options.offsets.read(name, await this.#resolved(name, this.#entry(name).config));
  }

  /** @throws NotFoundError, BadRequestError unless the connector is stopped, ConflictError */
  alterOffsets(name: string, entries: readonly OffsetEntry[]): Promise<{ readonly message: string }> {
    return this.#modifyOffsets(name, (props) => this.#options.offsets.alter(name, props, entries));
  }

  /** @throws NotFoundError, BadRequestError unless the connector is stopped, ConflictError */
  resetOffsets(name: string): Promise<{ readonly message: string }> {
    return this.#modifyOffsets(name, (props) => this.#options.offsets.reset(name, props));
  }

  #modifyOffsets<T>(name: string, modify: (props: Props) => Promise<T>): Promise<T> {
    return this.#inCharge.asLeader(OFFSETS, async () => {
      // A task that was left behind must not write its own offsets afterwards.
      if (this.#stopped(name).fencedTasks !== null) await this.leaderWork.fenceZombies(name);
      return modify(await this.#resolved(name, this.#stopped(name).config));
    });
  }

  /** With the values that references stand for, which a connector is asked with. */
  async #resolved(name: string, config: Props): Promise<Props> {
    return (await this.#options.secrets.resolve(name, config)).props;
  }

  #stopped(name: string): ConfiguredEntry {
    const entry = this.#entry(name);
    if (entry.targetState === 'STOPPED' && entry.tasks.length === 0) return entry;
    throw new BadRequestError(
      `Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/${name}/stop' endpoint`,
    );
  }

  /** Checks a config as it would be stored: with the values that masks in it stand for. @throws ConfigError */
  async validate(props: Props): Promise<ConfigInfos> {
    const next = this.#unmasked(props, this.#stored(props['name'] ?? ''));
    return this.#validated(next);
  }

  /** @throws AlreadyExistsError, ConfigError */
  create(name: string, given: Props, initialState: TargetState | null): Promise<ConnectorInfo> {
    return this.#change(
      name,
      (stored) => this.#unmasked(given, stored),
      async (config) => {
        if (connectorOf(this.#state, name)) throw new AlreadyExistsError(`Connector ${name} already exists`);
        await this.#options.configs.putConnector(name, config, initialState);
        return { ...this.info(name), config };
      },
    );
  }

  /** Creates the connector or replaces its config. @throws ConfigError */
  putConfig(name: string, given: Props): Promise<{ readonly created: boolean; readonly info: ConnectorInfo }> {
    return this.#change(
      name,
      (stored) => this.#unmasked(given, stored),
      async (config) => {
        const created = !connectorOf(this.#state, name);
        await this.#options.configs.putConnector(name, config, null);
        return { created, info: { ...this.info(name), config } };
      },
    );
  }

  /** Changes single keys of a connector's config (KIP-477); null removes one. @throws NotFoundError, ConfigError */
  patchConfig(name: string, patch: Readonly<Record<string, string | null>>): Promise<ConnectorInfo> {
    return this.#change(
      name,
      (stored) => {
        if (!stored) throw new NotFoundError(`Connector ${name} not found`);
        return this.#unmasked(patched(stored, patch), stored);
      },
      async (config) => {
        await this.#options.configs.putConnector(name, config, null);
        return { ...this.info(name), config };
      },
    );
  }

  /** @throws NotFoundError */
  delete(name: string): Promise<void> {
    return this.#inCharge.asLeader('Only the leader can delete connector configs.', async () => {
      this.#entry(name);
      await this.#options.configs.removeConnector(name);
      await this.#line.workOff();
    });
  }

  /** @throws NotFoundError */
  setTargetState(name: string, targetState: TargetState): Promise<void> {
    const { configs } = this.#options;
    const put = async (): Promise<void> => {
      // Any worker may do it, one too that has not read of the connector yet.
      if (!connectorOf(this.#state, name)) await configs.refresh();
      if (!connectorOf(this.#state, name)) throw new NotFoundError(`Unknown connector ${name}`);
      if (targetState === 'STOPPED') await configs.putTasks(name, []);
      await configs.putTargetState(name, targetState);
    };
    if (targetState !== 'STOPPED') return this.#line.run(put);
    return this.#inCharge.asLeader('Only the leader can transition connectors to the STOPPED state.', put);
  }

  /** @returns the planned states if tasks or a choice are asked for, else null @throws NotFoundError */
  restart(name: string, request: RestartRequest): Promise<ConnectorStateInfo | null> {
    return this.#restarts.restart(name, request);
  }

  /** @throws NotFoundError */
  restartTask(name: string, task: number): Promise<void> {
    return this.#restarts.restartTask(name, task);
  }

  /** Starts a failed task of this worker again, or (null) a failed connector. What is gone or has not failed is left alone. */
  restartFailed(name: string, task: number | null): Promise<void> {
    return this.#restarts.restartFailed(name, task);
  }

  /** Sets the level of a logger, and of those below it, on every worker (KIP-976). */
  setLoggerLevel(name: string, level: Level): Promise<void> {
    return this.#options.configs.putLoggerLevel(name, level);
  }

  #stored(name: string): Props | null {
    return connectorOf(this.#state, name)?.config ?? null;
  }

  #unmasked(given: Props, stored: Props | null): Unmasked {
    return this.#options.masking ? unmasked(given, stored) : { config: given, kept: [] };
  }

  /**
   * Makes a new config out of the stored one, checks it and stores it. The check stands outside of the line of commands, since
   * it may take long: if another command was faster, all is done anew, so that no change is lost.
   */
  async #change<T>(
    name: string,
    next: (stored: Props | null) => Unmasked,
    store: (config: Props) => Promise<T>,
  ): Promise<T> {
    const asLeader = async <R>(work: () => Promise<R>): Promise<R> =>
      this.#inCharge.asLeader(CONFIGS, work).catch((error: unknown) => {
        if (error instanceof RequestTargetError) this.#refuseMasksForJava(next(this.#stored(name)), error.url);
        throw error;
      });
    await asLeader(async () => {});
    for (;;) {
      const stored = this.#stored(name);
      const wanted = next(stored);
      const { config } = wanted;
      assertNamed(name, config);
      assertValid(await this.#validated(wanted));
      const done = await asLeader(async () => {
        const current = this.#stored(name);
        if (current !== stored && !sameConfig(next(current).config, config)) return null;
        return { result: await store(config) };
      });
      if (done) return done.result;
    }
  }

  /** The request is about to go on as it is. @throws BadRequestError */
  #refuseMasksForJava({ kept }: Unmasked, leaderUrl: string): void {
    if (kept.length === 0 || !this.#options.membership.ledByJava) return;
    throw new BadRequestError(
      `The workers are led by one in Java at ${leaderUrl}, which would store ${MASK} as it stands: send the values of ${kept.join(', ')} themselves, or set rest.mask.passwords=false here for as long as workers of both kinds are in the group`,
    );
  }

  async #validated({ config, kept }: Unmasked): Promise<ConfigInfos> {
    const { registry, providers, workerProps } = this.#options;
    if (kept.length > 0) assertStaysMasked(kept, await secretKeys(registry, config));
    return validateConfig(registry, providers, config, workerProps);
  }

  #entry(name: string): ConfiguredEntry {
    const entry = connectorOf(this.#state, name);
    if (!entry) throw new NotFoundError(`Connector ${name} not found`);
    return entry;
  }

  #infoOf(name: string, entry: ConfiguredEntry): ConnectorInfo {
    const tasks = entry.tasks.map((_config, task) => ({ connector: name, task }));
    return { name, config: entry.config, tasks, type: typeOf(this.#options.registry, entry.config) };
  }
}

/** @throws BadRequestError if the config has the name of another connector */
function assertNamed(name: string, { name: own }: Props): void {
  if (own !== undefined && own !== name)
    throw new BadRequestError(
      `Connector name configuration (${own}) doesn't match connector name in the URL (${name})`,
    );
}
