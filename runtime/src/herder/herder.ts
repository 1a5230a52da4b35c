import { type Logger, messageOf, type Props } from '@tributary/api';
import type { ConfigInfos } from '../config/checked.ts';
import { assertValid, type ConnectorPlugin, connectorPlugin, validateConnector } from '../config/validation.ts';
import type { TaskMetricsData } from '../metrics/task-metrics.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import {
  type ConfigState,
  type ConnectorEntry,
  connectorNames,
  connectorOf,
  type TargetState,
} from '../store/config-state.ts';
import type { ConfigStore } from '../store/config-store.ts';
import type { State, StatusStore } from '../store/status-store.ts';
import type { HostedTask, TaskHost } from '../tasks/host.ts';
import type { TaskSettings } from '../tasks/task.ts';
import { traceOf } from '../tasks/trace.ts';
import {
  type ConnectorInfo,
  type ConnectorStateInfo,
  type ConnectorType,
  stateInfo,
  type TaskInfo,
  type TaskStateInfo,
  taskStateInfo,
} from './entities.ts';
import { AlreadyExistsError, BadRequestError, NotFoundError } from './errors.ts';
import { type Action, plan, type Running } from './plan.ts';
import { Queue } from './queue.ts';
import { type RestartRequest, restartPlan } from './restart-plan.ts';
import { sameConfigs, taskConfigs } from './task-configs.ts';

export interface HerderOptions {
  /** `host:port`, as others see this worker. */
  readonly workerId: string;
  readonly registry: PluginRegistry;
  readonly configs: ConfigStore;
  readonly statuses: StatusStore;
  readonly host: TaskHost;
  readonly settings: TaskSettings;
  readonly shutdownTimeoutMs: number;
  readonly topicTracking: boolean;
  readonly log: Logger;
}

interface MyTask {
  readonly config: Props;
  readonly hosted: HostedTask;
  paused: boolean;
}

interface MyConnector {
  config: Props;
  targetState: TargetState;
  version: string | null;
}

/** A task with its metrics, for `/metrics`. */
export interface TaskReport {
  readonly connector: string;
  readonly task: number;
  readonly connectorClass: string;
  readonly type: ConnectorType;
  readonly state: State;
  readonly metrics: TaskMetricsData | null;
}

/** Stands for the generation of the workers' group while there is none. */
const GENERATION = 0;

/**
 * Runs what the config topic says. Commands write to it; after each one the difference between what runs and what should is
 * worked off, one action after another.
 */
export class Herder {
  readonly #options: HerderOptions;
  readonly #queue = new Queue();
  readonly #connectors = new Map<string, MyConnector>();
  readonly #tasks = new Map<string, Map<number, MyTask>>();
  #stopping = false;

  constructor(options: HerderOptions) {
    this.#options = options;
  }

  get #state(): ConfigState {
    return this.#options.configs.state;
  }

  /** Reads the stores and starts what they hold. */
  async start(): Promise<void> {
    await Promise.all([this.#options.configs.refresh(), this.#options.statuses.refresh()]);
    await this.#queue.run(() => this.#reconcile());
  }

  /** Stops the tasks, all at once, within the shutdown timeout. The states say UNASSIGNED afterwards. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#queue.run(async () => {
      const tasks = [...this.#tasks].flatMap(([connector, mine]) =>
        [...mine.keys()].map((task) => ({ connector, task })),
      );
      await Promise.all(tasks.map(({ connector, task }) => this.#stopTask(connector, task, false)));
      for (const name of [...this.#connectors.keys()]) this.#stopConnector(name, false);
    });
    await this.#options.statuses.flush();
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
      type: this.#typeOf(connectorOf(this.#state, name)?.config),
    };
  }

  /** @throws NotFoundError */
  taskStatus(name: string, task: number): TaskStateInfo {
    const status = this.#options.statuses.task(name, task);
    if (!status) throw new NotFoundError(`No status found for task ${name}-${task}`);
    return taskStateInfo(task, status);
  }

  /** The topics that the connector has used. */
  topics(name: string): readonly string[] {
    return this.#options.statuses.topics(name);
  }

  validate(props: Props): Promise<ConfigInfos> {
    return validateConnector(this.#options.registry, props, this.#options.settings.workerProps);
  }

  /** @throws AlreadyExistsError, ConfigError */
  async create(name: string, config: Props, initialState: TargetState | null): Promise<ConnectorInfo> {
    await this.#validated(name, config);
    return this.#command(async () => {
      if (connectorOf(this.#state, name)) throw new AlreadyExistsError(`Connector ${name} already exists`);
      await this.#options.configs.putConnector(name, config, initialState);
      return { ...this.info(name), config };
    });
  }

  /** Creates the connector or replaces its config. @throws ConfigError */
  async putConfig(name: string, config: Props): Promise<{ readonly created: boolean; readonly info: ConnectorInfo }> {
    await this.#validated(name, config);
    return this.#command(async () => {
      const created = !connectorOf(this.#state, name);
      await this.#options.configs.putConnector(name, config, null);
      return { created, info: { ...this.info(name), config } };
    });
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
      if (planned.connector) this.#putConnectorState(name, 'RESTARTING');
      for (const task of planned.tasks) this.#putTaskState(name, task, 'RESTARTING');
      await Promise.all(planned.tasks.map((task) => this.#stopTask(name, task, false)));
      if (planned.connector) {
        this.#stopConnector(name, false);
        await this.#startConnector(name);
      }
      return chosen ? planned.state : null;
    });
  }

  /** @throws NotFoundError */
  restartTask(name: string, task: number): Promise<void> {
    return this.#command(async () => {
      const entry = connectorOf(this.#state, name);
      if (!entry) throw new NotFoundError(`Unknown connector: ${name}`);
      if (!entry.tasks[task]) throw new NotFoundError(`Unknown task: ${name}-${task}`);
      await this.#stopTask(name, task, false);
    });
  }

  /** What runs here, with its metrics. */
  report(): readonly TaskReport[] {
    return [...this.#tasks].flatMap(([connector, mine]) =>
      [...mine].map(([task, { config, hosted }]) => ({
        connector,
        task,
        connectorClass: this.#pluginOf(config)?.class ?? config['connector.class'] ?? '',
        type: this.#typeOf(config),
        state: this.#options.statuses.task(connector, task)?.state ?? 'UNASSIGNED',
        metrics: hosted.metrics(),
      })),
    );
  }

  /** The connectors that this worker has. */
  connectorReports(): ReadonlyArray<{
    connector: string;
    state: string;
    type: ConnectorType;
    class: string;
    version: string;
  }> {
    return [...this.#connectors].map(([connector, { config, version }]) => ({
      connector,
      state: this.#options.statuses.connector(connector)?.state ?? 'UNASSIGNED',
      type: this.#typeOf(config),
      class: this.#pluginOf(config)?.class ?? config['connector.class'] ?? '',
      version: version ?? '',
    }));
  }

  async #validated(name: string, config: Props): Promise<void> {
    const own = config['name'];
    if (own !== undefined && own !== name) {
      throw new BadRequestError(
        `Connector name configuration (${own}) doesn't match connector name in the URL (${name})`,
      );
    }
    assertValid(await this.validate(config));
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
    return { name, config: entry.config, tasks, type: this.#typeOf(entry.config) };
  }

  #pluginOf(config: Props | undefined): ConnectorPlugin | undefined {
    if (!config) return undefined;
    try {
      return connectorPlugin(this.#options.registry, config);
    } catch {
      return undefined;
    }
  }

  #typeOf(config: Props | undefined): ConnectorType {
    return this.#pluginOf(config)?.kind ?? 'unknown';
  }

  get #running(): Running {
    return {
      connectors: this.#connectors,
      tasks: [...this.#tasks].flatMap(([connector, mine]) =>
        [...mine].map(([task, { config, paused }]) => ({ connector, task, config, paused })),
      ),
    };
  }

  async #reconcile(): Promise<void> {
    // Starting a connector may write task configs, from which more follows.
    for (let round = 0; round < 10 && !this.#stopping; round++) {
      const actions = plan(this.#state, this.#running);
      if (actions.length === 0) return;
      await Promise.all(actions.filter((action) => action.type === 'stop-task').map((action) => this.#act(action)));
      for (const action of actions) if (action.type !== 'stop-task') await this.#act(action);
    }
  }

  async #act(action: Action): Promise<void> {
    try {
      switch (action.type) {
        case 'stop-task':
          return await this.#stopTask(action.connector, action.task, action.destroyed);
        case 'stop-connector':
          return this.#stopConnector(action.connector, action.destroyed);
        case 'start-connector':
          return await this.#startConnector(action.connector);
        case 'change-connector':
          return await this.#changeConnector(action.connector, action.targetState);
        case 'start-task':
          return this.#startTask(action.connector, action.task);
        case 'pause-task':
        case 'resume-task':
          return this.#pauseTask(action.connector, action.task, action.type === 'pause-task');
      }
    } catch (error) {
      this.#options.log.error(`${action.type} of ${action.connector}: ${messageOf(error)}`, { err: error });
    }
  }

  async #startConnector(name: string): Promise<void> {
    const { config, targetState } = this.#entry(name);
    const mine: MyConnector = { config, targetState, version: this.#pluginOf(config)?.version ?? null };
    this.#connectors.set(name, mine);
    try {
      if (targetState === 'STARTED') await this.#divide(name);
      this.#putConnectorState(name, targetState === 'STARTED' ? 'RUNNING' : targetState);
      this.#options.log.info(`Connector ${name} is ${targetState.toLowerCase()}`, { connector: name });
    } catch (error) {
      this.#options.log.error(`Connector ${name} cannot start: ${messageOf(error)}`, { connector: name, err: error });
      this.#putConnectorState(name, 'FAILED', traceOf(error));
    }
  }

  async #changeConnector(name: string, targetState: TargetState): Promise<void> {
    if (targetState === 'STARTED') {
      await this.#startConnector(name);
      return;
    }
    this.#connectors.get(name)!.targetState = targetState;
    this.#putConnectorState(name, targetState);
    this.#options.log.info(`Connector ${name} is ${targetState.toLowerCase()}`, { connector: name });
  }

  /** Asks the connector for its task configs and stores them if they are other ones. */
  async #divide(name: string): Promise<void> {
    const entry = this.#entry(name);
    const configs = await taskConfigs(
      connectorPlugin(this.#options.registry, entry.config),
      name,
      entry.config,
      this.#options.log,
    );
    if (entry.inconsistent || !sameConfigs(configs, entry.tasks)) await this.#options.configs.putTasks(name, configs);
  }

  #stopConnector(name: string, destroyed: boolean): void {
    const { statuses } = this.#options;
    if (destroyed) {
      for (const [task] of statuses.tasks(name)) statuses.putTask(name, task, null);
      for (const topic of statuses.topics(name)) statuses.removeTopic(name, topic);
      statuses.putConnector(name, null);
      this.#options.log.info(`Connector ${name} is deleted`, { connector: name });
    } else this.#putConnectorState(name, 'UNASSIGNED');
    this.#connectors.delete(name);
  }

  #startTask(connector: string, task: number): void {
    const { host, settings, statuses, topicTracking } = this.#options;
    const entry = this.#entry(connector);
    const config = entry.tasks[task]!;
    const paused = entry.targetState === 'PAUSED';
    const mine = this.#tasks.get(connector) ?? new Map<number, MyTask>();
    this.#tasks.set(connector, mine);
    const kind = this.#typeOf(entry.config) === 'sink' ? 'sink' : 'source';
    const hosted = host.start(
      { id: { connector, task }, kind, connectorProps: entry.config, taskProps: config, paused, settings },
      {
        running: () => this.#putTaskState(connector, task, 'RUNNING'),
        paused: () => this.#putTaskState(connector, task, 'PAUSED'),
        failed: (trace) => this.#putTaskState(connector, task, 'FAILED', trace),
        topic: (name) => {
          if (topicTracking) statuses.putTopic(connector, name, task);
        },
      },
    );
    mine.set(task, { config, hosted, paused });
  }

  #pauseTask(connector: string, task: number, paused: boolean): void {
    const mine = this.#tasks.get(connector)?.get(task);
    if (!mine) return;
    mine.paused = paused;
    // A failed task stays failed until it is restarted.
    if (this.#options.statuses.task(connector, task)?.state === 'FAILED') return;
    if (paused) mine.hosted.pause();
    else mine.hosted.resume();
  }

  async #stopTask(connector: string, task: number, destroyed: boolean): Promise<void> {
    const tasks = this.#tasks.get(connector);
    const mine = tasks?.get(task);
    if (!mine) return;
    await mine.hosted.stop(this.#options.shutdownTimeoutMs);
    tasks!.delete(task);
    if (destroyed) this.#options.statuses.putTask(connector, task, null);
    else if (this.#options.statuses.task(connector, task)?.state !== 'RESTARTING')
      this.#putTaskState(connector, task, 'UNASSIGNED');
  }

  #versionOf(connector: string): string | null {
    return this.#connectors.get(connector)?.version ?? null;
  }

  #putConnectorState(name: string, state: State, trace: string | null = null): void {
    const { statuses, workerId } = this.#options;
    statuses.putConnector(name, {
      state,
      trace,
      worker_id: workerId,
      generation: GENERATION,
      version: this.#versionOf(name),
    });
  }

  #putTaskState(connector: string, task: number, state: State, trace: string | null = null): void {
    const { statuses, workerId } = this.#options;
    statuses.putTask(connector, task, {
      state,
      trace,
      worker_id: workerId,
      generation: GENERATION,
      version: this.#versionOf(connector),
    });
  }
}
