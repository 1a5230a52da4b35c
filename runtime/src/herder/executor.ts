import { type Logger, messageOf, type Props } from '@tributary/api';
import { type ConnectorSecrets, reloadAfterMs, withReferences } from '../config/connector-secrets.ts';
import { connectorPlugin } from '../config/validation.ts';
import type { TaskMetricsData } from '../metrics/task-metrics.ts';
import { traceOf } from '../pipeline/trace.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import { type ConfigState, type ConnectorEntry, connectorOf, type TargetState } from '../store/config-state.ts';
import type { ConfigStore } from '../store/config-store.ts';
import type { State } from '../store/status.ts';
import type { StatusStore } from '../store/status-store.ts';
import { FAILED_TASK, type HostedTask, type TaskHost } from '../tasks/host.ts';
import type { TaskSettings } from '../tasks/task.ts';
import { knownPlugin, typeOf } from './connector-type.ts';
import type { ConnectorType } from './entities.ts';
import type { Action, Running } from './plan.ts';
import { Reloads } from './reloads.ts';
import type { Restarts } from './restarts.ts';
import { sameConfig, sameConfigs, taskConfigs } from './task-configs.ts';

export interface ExecutorOptions {
  /** `host:port`, as others see this worker. */
  readonly workerId: string;
  /** Of the workers' group, as this worker knows it; 0 for a worker that is alone. */
  readonly generation: () => number;
  readonly registry: PluginRegistry;
  readonly configs: ConfigStore;
  readonly statuses: StatusStore;
  readonly host: TaskHost;
  readonly settings: TaskSettings;
  readonly secrets: ConnectorSecrets;
  /** Called when values that a connector uses have expired. */
  readonly onExpired: (connector: string) => void;
  readonly restarts: Restarts;
  readonly shutdownTimeoutMs: number;
  readonly topicTracking: boolean;
  /** Keeps so many earlier tasks of a source from writing; null where sources do not write in transactions. */
  readonly fence: ((connector: string, tasks: number) => Promise<void>) | null;
  readonly log: Logger;
  /** What a connector itself logs to. */
  readonly connectorLog: (name: string, config: Props) => Logger;
}

interface MyTask {
  readonly config: Props;
  /** What it was started with: references looked up. Null if they could not be. */
  readonly resolved: Props | null;
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
  /** How often it was started again by itself. */
  readonly restarts: number;
  readonly metrics: TaskMetricsData | null;
}

/** A connector that this worker has, for `/metrics`. */
export interface RunningConnectorReport {
  readonly connector: string;
  readonly state: string;
  readonly type: ConnectorType;
  readonly class: string;
  readonly version: string;
}

/** Runs connectors and tasks on this worker and tells the status store what becomes of them. One step at a time: the caller waits. */
export class Executor {
  readonly #options: ExecutorOptions;
  readonly #connectors = new Map<string, MyConnector>();
  readonly #tasks = new Map<string, Map<number, MyTask>>();
  readonly #reloads: Reloads;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.#reloads = new Reloads(options.onExpired);
  }

  get #state(): ConfigState {
    return this.#options.configs.state;
  }

  get running(): Running {
    return {
      connectors: this.#connectors,
      tasks: [...this.#tasks].flatMap(([connector, mine]) =>
        [...mine].map(([task, { config, paused }]) => ({ connector, task, config, paused })),
      ),
    };
  }

  /** What runs here, with its metrics. */
  report(): readonly TaskReport[] {
    const { registry, statuses, restarts } = this.#options;
    return [...this.#tasks].flatMap(([connector, mine]) =>
      [...mine].map(([task, { config, hosted }]) => ({
        connector,
        task,
        connectorClass: knownPlugin(registry, config)?.class ?? config['connector.class'] ?? '',
        type: typeOf(registry, config),
        state: statuses.task(connector, task)?.state ?? 'UNASSIGNED',
        restarts: restarts.count(connector, task),
        metrics: hosted.metrics(),
      })),
    );
  }

  connectorReports(): readonly RunningConnectorReport[] {
    const { registry, statuses } = this.#options;
    return [...this.#connectors].map(([connector, { config, version }]) => ({
      connector,
      state: statuses.connector(connector)?.state ?? 'UNASSIGNED',
      type: typeOf(registry, config),
      class: knownPlugin(registry, config)?.class ?? config['connector.class'] ?? '',
      version: version ?? '',
    }));
  }

  /** Takes one step of a plan. What fails is logged and shows in the states. */
  async act(action: Action): Promise<void> {
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
          return await this.#startTask(action.connector, action.task);
        case 'pause-task':
        case 'resume-task':
          return this.#pauseTask(action.connector, action.task, action.type === 'pause-task');
      }
    } catch (error) {
      this.#options.log.error(`${action.type} of ${action.connector}: ${messageOf(error)}`, { err: error });
    }
  }

  /** Stops tasks so that the next plan starts them anew, and starts the connector itself again if that is asked for. */
  async restart(name: string, connector: boolean, tasks: readonly number[]): Promise<void> {
    if (connector) this.#putConnectorState(name, 'RESTARTING');
    for (const task of tasks) this.#putTaskState(name, task, 'RESTARTING');
    await Promise.all(tasks.map((task) => this.#stopTask(name, task, false)));
    if (connector) {
      this.#stopConnector(name, false);
      await this.#startConnector(name);
    }
  }

  /** Stops one task; the next plan starts it again. */
  async stopTask(name: string, task: number): Promise<void> {
    await this.#stopTask(name, task, false);
  }

  /** Stops everything, all tasks at once. The states say UNASSIGNED afterwards. */
  async stopAll(): Promise<void> {
    await Promise.all(this.running.tasks.map(({ connector, task }) => this.#stopTask(connector, task, false)));
    for (const name of [...this.#connectors.keys()]) this.#stopConnector(name, false);
  }

  #entry(name: string): ConnectorEntry & { readonly config: Props } {
    return connectorOf(this.#state, name)!;
  }

  async #startConnector(name: string): Promise<void> {
    const { config, targetState } = this.#entry(name);
    const mine: MyConnector = {
      config,
      targetState,
      version: knownPlugin(this.#options.registry, config)?.version ?? null,
    };
    this.#connectors.set(name, mine);
    this.#reloads.cancel(name);
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
    this.#reloads.cancel(name);
    this.#putConnectorState(name, targetState);
    this.#options.log.info(`Connector ${name} is ${targetState.toLowerCase()}`, { connector: name });
  }

  /** Asks the connector for its task configs and stores them if they are other ones. */
  async #divide(name: string): Promise<void> {
    const { registry, secrets, configs, connectorLog } = this.#options;
    const entry = this.#entry(name);
    secrets.warnOfStrangers(name, entry.config);
    const resolved = await secrets.resolve(name, entry.config);
    this.#reloads.schedule(name, reloadAfterMs(resolved));
    const plugin = connectorPlugin(registry, resolved.props);
    const made = await taskConfigs(plugin, name, resolved.props, connectorLog(name, entry.config));
    const tasks = made.map((task) => withReferences(task, entry.config, resolved));
    if (entry.inconsistent || !sameConfigs(tasks, entry.tasks)) await configs.putTasks(name, tasks);
    else await this.#stopOutdated(name);
  }

  /** Stops the tasks whose references stand for other values than when they were started; the next plan starts them anew. */
  async #stopOutdated(name: string): Promise<void> {
    const mine = [...(this.#tasks.get(name) ?? [])];
    const outdated = await Promise.all(
      mine.map(async ([task, { config, resolved }]) => {
        const now = await this.#options.secrets.resolve(name, config);
        return resolved === null || sameConfig(now.props, resolved) ? [] : [task];
      }),
    );
    await Promise.all(outdated.flat().map((task) => this.#stopTask(name, task, false)));
  }

  #stopConnector(name: string, destroyed: boolean): void {
    const { statuses, restarts } = this.#options;
    if (destroyed) {
      restarts.forget(name, null);
      for (const [task] of statuses.tasks(name)) statuses.putTask(name, task, null);
      for (const topic of statuses.topics(name)) statuses.removeTopic(name, topic);
      statuses.putConnector(name, null);
      this.#options.secrets.forget(name);
      this.#options.log.info(`Connector ${name} is deleted`, { connector: name });
    } else this.#putConnectorState(name, 'UNASSIGNED');
    this.#reloads.cancel(name);
    this.#connectors.delete(name);
  }

  async #startTask(connector: string, task: number): Promise<void> {
    const { host, settings, secrets, statuses, topicTracking, log } = this.#options;
    const entry = this.#entry(connector);
    const config = entry.tasks[task]!;
    const paused = entry.targetState === 'PAUSED';
    const mine = this.#tasks.get(connector) ?? new Map<number, MyTask>();
    this.#tasks.set(connector, mine);
    const kind = typeOf(this.#options.registry, entry.config) === 'sink' ? 'sink' : 'source';
    let connectorProps: Props;
    let taskProps: Props;
    try {
      if (kind === 'source') await this.#fenceEarlier(connector);
      connectorProps = (await secrets.resolve(connector, entry.config)).props;
      taskProps = (await secrets.resolve(connector, config)).props;
    } catch (error) {
      mine.set(task, { config, resolved: null, hosted: FAILED_TASK, paused });
      log.error(`Task ${connector}-${task} cannot start: ${messageOf(error)}`, { connector, task, err: error });
      this.#putTaskState(connector, task, 'FAILED', traceOf(error));
      return;
    }
    const hosted = host.start(
      { id: { connector, task }, kind, connectorProps, taskProps, paused, settings },
      {
        running: () => this.#putTaskState(connector, task, 'RUNNING'),
        paused: () => this.#putTaskState(connector, task, 'PAUSED'),
        failed: (trace) => this.#putTaskState(connector, task, 'FAILED', trace),
        topic: (name) => {
          if (topicTracking) statuses.putTopic(connector, name, task);
        },
      },
    );
    mine.set(task, { config, resolved: taskProps, hosted, paused });
  }

  /**
   * Before the first task of a new set starts, those of the set before it must not write any longer, on whichever worker they may still
   * run (KIP-618).
   */
  async #fenceEarlier(connector: string): Promise<void> {
    const { configs, fence, log } = this.#options;
    if (!fence) return;
    const { fencedTasks, pendingFencing, tasks } = this.#entry(connector);
    if (!pendingFencing && fencedTasks !== null) return;
    if (fencedTasks) {
      await fence(connector, fencedTasks);
      log.info(`${fencedTasks} earlier tasks of ${connector} are fenced`, { connector });
    }
    await configs.putFencing(connector, tasks.length);
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
    if (destroyed) {
      this.#options.restarts.forget(connector, task);
      this.#options.statuses.putTask(connector, task, null);
    } else if (this.#options.statuses.task(connector, task)?.state !== 'RESTARTING')
      this.#putTaskState(connector, task, 'UNASSIGNED');
  }

  #versionOf(connector: string): string | null {
    return this.#connectors.get(connector)?.version ?? null;
  }

  #putConnectorState(name: string, state: State, trace: string | null = null): void {
    const { statuses, secrets, workerId, generation, restarts } = this.#options;
    restarts.changed(name, null, state);
    statuses.putConnector(name, {
      state,
      trace: trace === null ? null : secrets.redact(trace),
      worker_id: workerId,
      generation: generation(),
      version: this.#versionOf(name),
    });
  }

  #putTaskState(connector: string, task: number, state: State, trace: string | null = null): void {
    const { statuses, secrets, workerId, generation, restarts } = this.#options;
    restarts.changed(connector, task, state);
    statuses.putTask(connector, task, {
      state,
      trace: trace === null ? null : secrets.redact(trace),
      worker_id: workerId,
      generation: generation(),
      version: this.#versionOf(connector),
    });
  }
}
