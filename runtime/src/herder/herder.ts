import { setTimeout as sleep } from 'node:timers/promises';
import type { Props } from '@tributary/api';
import type { ConfigInfos } from '../config/checked.ts';
import type { ConfigProviders } from '../config/config-providers.ts';
import type { ConnectorSecrets } from '../config/connector-secrets.ts';
import { assertStaysMasked, patched, type Unmasked, unmasked } from '../config/mask.ts';
import { secretKeys } from '../config/secret-keys.ts';
import { validateConfig } from '../config/validate.ts';
import { assertValid } from '../config/validation.ts';
import type { Level } from '../logging/levels.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import {
  type ConfigState,
  type ConnectorEntry,
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
import { AlreadyExistsError, BadRequestError, ForbiddenError, NotFoundError } from './errors.ts';
import type { Executor } from './executor.ts';
import type { ConnectorOffsets, OffsetEntry } from './offsets.ts';
import { plan } from './plan.ts';
import { Queue } from './queue.ts';
import { type RestartRequest, restartPlan } from './restart-plan.ts';
import { sameConfig } from './task-configs.ts';

export interface HerderOptions {
  readonly registry: PluginRegistry;
  readonly configs: ConfigStore;
  readonly statuses: StatusStore;
  readonly executor: Executor;
  readonly offsets: OffsetAccess;
  readonly topicTracking: { readonly enabled: boolean; readonly resetAllowed: boolean };
  /** The worker's config as text. */
  readonly workerProps: Props;
  readonly providers: ConfigProviders;
  readonly secrets: ConnectorSecrets;
  /** Whether `[hidden]` in a config stands for the value that is stored (rest.mask.passwords). */
  readonly masking: boolean;
}

/**
 * Runs what the config topic says. Commands write to it; after each one the difference between what runs and what should is
 * worked off, one action after another.
 */
export class Herder {
  readonly #options: HerderOptions;
  readonly #queue = new Queue();
  #stopping = false;

  constructor(options: HerderOptions) {
    this.#options = options;
  }

  get #state(): ConfigState {
    return this.#options.configs.state;
  }

  /** Reads the stores and starts what they hold. */
  async start(): Promise<void> {
    await this.#options.configs.claimWritePrivileges();
    await Promise.all([this.#options.configs.refresh(), this.#options.statuses.refresh()]);
    await this.#queue.run(() => this.#reconcile());
  }

  /** Stops the tasks, all at once, within the shutdown timeout. The states say UNASSIGNED afterwards. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#queue.run(() => this.#options.executor.stopAll());
    await this.#options.statuses.flush();
  }

  /** Whether the line of commands moves on within a time: a connector that hangs while it starts holds all of them up. */
  async answers(timeoutMs: number): Promise<boolean> {
    const late = new AbortController();
    const turn = this.#queue.run(async () => true);
    try {
      return await Promise.race([turn, sleep(timeoutMs, false, { signal: late.signal, ref: false })]);
    } finally {
      late.abort();
    }
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
    return this.#queue.run(async () =>
      this.#options.offsets.alter(name, await this.#resolved(name, this.#stopped(name).config), entries),
    );
  }

  /** @throws NotFoundError, BadRequestError unless the connector is stopped, ConflictError */
  resetOffsets(name: string): Promise<{ readonly message: string }> {
    return this.#queue.run(async () =>
      this.#options.offsets.reset(name, await this.#resolved(name, this.#stopped(name).config)),
    );
  }

  /** With the values that references stand for, which a connector is asked with. */
  async #resolved(name: string, config: Props): Promise<Props> {
    return (await this.#options.secrets.resolve(name, config)).props;
  }

  #stopped(name: string): ConnectorEntry & { readonly config: Props } {
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
    return this.#command(async () => {
      this.#entry(name);
      await this.#options.configs.removeConnector(name);
      await this.#reconcile();
    });
  }

  /** @throws NotFoundError */
  setTargetState(name: string, targetState: TargetState): Promise<void> {
    return this.#command(async () => {
      if (!connectorOf(this.#state, name)) throw new NotFoundError(`Unknown connector ${name}`);
      if (targetState === 'STOPPED') await this.#options.configs.putTasks(name, []);
      await this.#options.configs.putTargetState(name, targetState);
    });
  }

  /** @returns the planned states if tasks or a choice are asked for, else null @throws NotFoundError */
  restart(name: string, request: RestartRequest): Promise<ConnectorStateInfo | null> {
    return this.#command(async () => {
      if (!connectorOf(this.#state, name)) throw new NotFoundError(`Unknown connector: ${name}`);
      const chosen = request.includeTasks || request.onlyFailed;
      if (chosen) await this.#options.configs.putRestart(name, request.includeTasks, request.onlyFailed);
      const planned = restartPlan(this.status(name), request);
      await this.#options.executor.restart(name, planned.connector, planned.tasks);
      return chosen ? planned.state : null;
    });
  }

  /** @throws NotFoundError */
  restartTask(name: string, task: number): Promise<void> {
    return this.#command(async () => {
      const entry = connectorOf(this.#state, name);
      if (!entry) throw new NotFoundError(`Unknown connector: ${name}`);
      if (!entry.tasks[task]) throw new NotFoundError(`Unknown task: ${name}-${task}`);
      await this.#options.executor.stopTask(name, task);
    });
  }

  /** Starts a failed task of this worker again, or (null) a failed connector. What is gone or has not failed is left alone. */
  restartFailed(name: string, task: number | null): Promise<void> {
    return this.#command(async () => {
      const { executor, statuses } = this.#options;
      const { connectors, tasks } = executor.running;
      const mine =
        task === null
          ? connectors.has(name)
          : tasks.some((running) => running.connector === name && running.task === task);
      const status = task === null ? statuses.connector(name) : statuses.task(name, task);
      if (mine && status?.state === 'FAILED') await executor.restart(name, task === null, task === null ? [] : [task]);
    });
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
    for (;;) {
      const stored = this.#stored(name);
      const wanted = next(stored);
      const { config } = wanted;
      assertNamed(name, config);
      assertValid(await this.#validated(wanted));
      const done = await this.#command(async () => {
        const current = this.#stored(name);
        if (current !== stored && !sameConfig(next(current).config, config)) return null;
        return { result: await store(config) };
      });
      if (done) return done.result;
    }
  }

  async #validated({ config, kept }: Unmasked): Promise<ConfigInfos> {
    const { registry, providers, workerProps } = this.#options;
    if (kept.length > 0) assertStaysMasked(kept, await secretKeys(registry, config));
    return validateConfig(registry, providers, config, workerProps);
  }

  /** Runs a command in line, then what follows from it, without keeping the caller waiting for that. */
  async #command<T>(work: () => Promise<T>): Promise<T> {
    const result = await this.#queue.run(work);
    void this.#queue.run(() => this.#reconcile());
    return result;
  }

  #entry(name: string): ConnectorEntry & { readonly config: Props } {
    const entry = connectorOf(this.#state, name);
    if (!entry) throw new NotFoundError(`Connector ${name} not found`);
    return entry;
  }

  #infoOf(name: string, entry: ConnectorEntry & { readonly config: Props }): ConnectorInfo {
    const tasks = entry.tasks.map((_config, task) => ({ connector: name, task }));
    return { name, config: entry.config, tasks, type: typeOf(this.#options.registry, entry.config) };
  }

  async #reconcile(): Promise<void> {
    const { executor } = this.#options;
    // Starting a connector may write task configs, from which more follows.
    for (let round = 0; round < 10 && !this.#stopping; round++) {
      const actions = plan(this.#state, executor.running);
      if (actions.length === 0) return;
      await Promise.all(actions.filter((action) => action.type === 'stop-task').map((action) => executor.act(action)));
      for (const action of actions) if (action.type !== 'stop-task') await executor.act(action);
    }
  }
}

/** @throws BadRequestError if the config has the name of another connector */
function assertNamed(name: string, { name: own }: Props): void {
  if (own !== undefined && own !== name)
    throw new BadRequestError(
      `Connector name configuration (${own}) doesn't match connector name in the URL (${name})`,
    );
}
