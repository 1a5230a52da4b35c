import { type Logger, messageOf, type Props } from '@tributary/api';
import { type ConnectorSecrets, reloadAfterMs, withReferences } from '../config/connector-secrets.ts';
import { connectorPlugin } from '../config/validation.ts';
import type { TaskMetricsData } from '../metrics/task-metrics.ts';
import { traceOf } from '../pipeline/trace.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import { type ConfigState, type ConfiguredEntry, connectorOf, type TargetState } from '../store/config-state.ts';
import type { State, Status } from '../store/status.ts';
import type { StatusStore } from '../store/status-store.ts';
import type { HostedTask, TaskHost, TaskListener } from '../tasks/host.ts';
import type { TaskSettings } from '../tasks/task-spec.ts';
import { classOf, knownPlugin, typeOf } from './connector-type.ts';
import type { ConnectorType } from './entities.ts';
import type { Action, Running } from './plan.ts';
import { PreparedTask } from './prepared-task.ts';
import { Reloads } from './reloads.ts';
import type { Restarts } from './restarts.ts';
import type { MayWrite } from './rightful.ts';
import { sameConfig, sameConfigs, taskConfigs } from './task-configs.ts';

export interface ExecutorOptions {
  /** `host:port`, as others see this worker. */
  readonly workerId: string;
  /** Of the workers' group, as this worker knows it; 0 for a worker that is alone. */
  readonly generation: () => number;
  readonly registry: PluginRegistry;
  /** As far as the config topic has been read. */
  readonly configs: () => ConfigState;
  readonly statuses: StatusStore;
  readonly host: TaskHost;
  readonly settings: TaskSettings;
  readonly secrets: ConnectorSecrets;
  /** Called when values that a connector uses have expired. */
  readonly onExpired: (connector: string) => void;
  readonly restarts: Restarts;
  readonly shutdownTimeoutMs: number;
  readonly topicTracking: boolean;
  /** Does a piece of work between two steps, and then has what follows from it done. */
  readonly inLine: (work: () => Promise<void>) => Promise<void>;
  /** Has new task configs of a connector written; ends with an error once it is not wanted any longer. */
  readonly putTasks: (connector: string, configs: readonly Props[], signal: AbortSignal) => Promise<void>;
  /** Sees to it that earlier tasks of a source do not write any longer; null where sources do not write in transactions. */
  readonly fence: ((connector: string, signal: AbortSignal) => Promise<void>) | null;
  readonly mayWrite: MayWrite;
  readonly log: Logger;
  /** What a connector itself logs to. */
  readonly connectorLog: (name: string, config: Props) => Logger;
}

interface MyTask {
  readonly config: Props;
  /** What it was started with: references looked up. Null before, and if they could not be. */
  resolved: Props | null;
  readonly hosted: HostedTask;
  paused: boolean;
  /** As last told to the status store. */
  status: Status | null;
}

interface MyConnector {
  readonly config: Props;
  targetState: TargetState;
  readonly version: string | null;
  /** Aborted when it is stopped or replaced. */
  readonly ended: AbortController;
  /** As last told to the status store. */
  status: Status | null;
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

/**
 * Runs connectors and tasks on this worker and tells the status store what becomes of them. One step at a time: the caller waits. A
 * step that starts something only sets it going, so that a plugin that hangs holds nobody else up.
 */
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
    return this.#options.configs();
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
        connectorClass: classOf(registry, config),
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
      class: classOf(registry, config),
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
          return this.#startConnector(action.connector);
        case 'change-connector':
          return this.#changeConnector(action.connector, action.targetState);
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

  /** Stops tasks so that the next plan starts them anew, and starts the connector itself again if that is asked for. */
  async restart(name: string, connector: boolean, tasks: readonly number[]): Promise<void> {
    if (connector) this.#putConnectorState(name, 'RESTARTING');
    for (const task of tasks) this.#putTaskState(name, task, 'RESTARTING');
    await Promise.all(tasks.map((task) => this.#stopTask(name, task, false)));
    if (connector) this.#startConnector(name);
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

  #entry(name: string): ConfiguredEntry {
    return connectorOf(this.#state, name)!;
  }

  #startConnector(name: string): void {
    const { config, targetState } = this.#entry(name);
    const version = knownPlugin(this.#options.registry, config)?.version ?? null;
    const mine: MyConnector = { config, targetState, version, ended: new AbortController(), status: null };
    this.#connectors.get(name)?.ended.abort();
    this.#connectors.set(name, mine);
    this.#reloads.cancel(name);
    if (targetState === 'STARTED') void this.#bringUp(name, mine);
    else this.#rested(name, targetState);
  }

  async #bringUp(name: string, { ended: { signal } }: MyConnector): Promise<void> {
    try {
      await this.#divide(name, signal);
      if (signal.aborted) return;
      this.#putConnectorState(name, 'RUNNING');
      this.#options.log.info(`Connector ${name} is started`, { connector: name });
    } catch (error) {
      if (signal.aborted) return;
      this.#options.log.error(`Connector ${name} cannot start: ${messageOf(error)}`, { connector: name, err: error });
      this.#putConnectorState(name, 'FAILED', traceOf(error));
    }
  }

  #rested(name: string, targetState: 'PAUSED' | 'STOPPED'): void {
    this.#putConnectorState(name, targetState);
    this.#options.log.info(`Connector ${name} is ${targetState.toLowerCase()}`, { connector: name });
  }

  #changeConnector(name: string, targetState: TargetState): void {
    if (targetState === 'STARTED') {
      this.#startConnector(name);
      return;
    }
    const mine = this.#connectors.get(name)!;
    mine.ended.abort();
    mine.targetState = targetState;
    this.#reloads.cancel(name);
    this.#rested(name, targetState);
  }

  /** Asks the connector for its task configs and hands them in if they are other ones. */
  async #divide(name: string, signal: AbortSignal): Promise<void> {
    const { registry, secrets, putTasks, inLine, connectorLog } = this.#options;
    const { config } = this.#entry(name);
    secrets.warnOfStrangers(name, config);
    const resolved = await secrets.resolve(name, config);
    if (signal.aborted) return;
    this.#reloads.schedule(name, reloadAfterMs(resolved));
    const plugin = connectorPlugin(registry, resolved.props);
    const made = await taskConfigs(plugin, name, resolved.props, connectorLog(name, config));
    if (signal.aborted) return;
    const tasks = made.map((task) => withReferences(task, config, resolved));
    const entry = connectorOf(this.#state, name);
    if (!entry) return;
    if (entry.inconsistent || !sameConfigs(tasks, entry.tasks)) await putTasks(name, tasks, signal);
    else await inLine(() => this.#stopOutdated(name));
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
    this.#connectors.get(name)?.ended.abort();
    this.#connectors.delete(name);
  }

  #startTask(connector: string, task: number): void {
    const { host, settings, secrets, statuses, topicTracking, fence, mayWrite, log } = this.#options;
    const entry = this.#entry(connector);
    const config = entry.tasks[task]!;
    const kind = typeOf(this.#options.registry, entry.config) === 'sink' ? 'sink' : 'source';
    const paused = entry.targetState === 'PAUSED';
    const listener: TaskListener = {
      running: () => this.#putTaskState(connector, task, 'RUNNING'),
      paused: () => this.#putTaskState(connector, task, 'PAUSED'),
      failed: (trace) => this.#putTaskState(connector, task, 'FAILED', trace),
      topic: (name) => {
        if (topicTracking) statuses.putTopic(connector, name, task);
      },
      mayWrite: () => mayWrite({ connector, task }, entry.tasksOffset),
    };
    const hosted = new PreparedTask(
      {
        prepare: async (signal) => {
          if (kind === 'source') await fence?.(connector, signal);
          const connectorProps = (await secrets.resolve(connector, entry.config)).props;
          const taskProps = (await secrets.resolve(connector, config)).props;
          mine.resolved = taskProps;
          const spec = { id: { connector, task }, kind, connectorProps, taskProps, settings } as const;
          return (paused) => host.start({ ...spec, paused }, listener);
        },
        failed: (error) => {
          log.error(`Task ${connector}-${task} cannot start: ${messageOf(error)}`, { connector, task, err: error });
          this.#putTaskState(connector, task, 'FAILED', traceOf(error));
        },
      },
      paused,
    );
    const mine: MyTask = { config, resolved: null, hosted, paused, status: null };
    const tasks = this.#tasks.get(connector) ?? new Map<number, MyTask>();
    this.#tasks.set(connector, tasks.set(task, mine));
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

  /** Tells the states of what runs here again where the status store has others: another worker may have thought this one gone. */
  tellStates(): void {
    const { statuses, workerId } = this.#options;
    const strange = (known: Status | undefined, { state }: Status): boolean =>
      known?.state !== state || known.worker_id !== workerId;
    for (const [name, { status }] of this.#connectors)
      if (status && strange(statuses.connector(name), status))
        this.#putConnectorState(name, status.state, status.trace);
    for (const [connector, tasks] of this.#tasks)
      for (const [task, { status }] of tasks)
        if (status && strange(statuses.task(connector, task), status))
          this.#putTaskState(connector, task, status.state, status.trace);
  }

  #putConnectorState(name: string, state: State, trace: string | null = null): void {
    this.#options.restarts.changed(name, null, state);
    const status = this.#status(name, state, trace);
    const mine = this.#connectors.get(name);
    if (mine) mine.status = status;
    this.#options.statuses.putConnector(name, status);
  }

  #putTaskState(connector: string, task: number, state: State, trace: string | null = null): void {
    this.#options.restarts.changed(connector, task, state);
    const status = this.#status(connector, state, trace);
    const mine = this.#tasks.get(connector)?.get(task);
    if (mine) mine.status = status;
    this.#options.statuses.putTask(connector, task, status);
  }

  #status(connector: string, state: State, trace: string | null): Status {
    const { secrets, workerId, generation } = this.#options;
    return {
      state,
      trace: trace === null ? null : secrets.redact(trace),
      worker_id: workerId,
      generation: generation(),
      version: this.#versionOf(connector),
    };
  }
}
