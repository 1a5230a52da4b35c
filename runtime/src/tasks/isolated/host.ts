import type { Broker } from '../../broker/port.ts';
import type { LeveledLogger, TaskLogs } from '../../logging/loggers.ts';
import type { HostedTask, TaskHost, TaskListener } from '../host.ts';
import type { TaskSpec } from '../task-spec.ts';
import type { TaskStart } from './messages.ts';
import type { OpenPlace } from './place.ts';
import { IsolatedTask, type TaskLimits } from './task.ts';

/** How often tasks are looked after, in milliseconds. */
const LOOK_MS = 500;

export interface IsolatedHostOptions extends Omit<TaskStart, 'spec' | 'levels'> {
  /** Makes the thread or the process for a task. */
  readonly open: OpenPlace;
  /** The broker that tasks reach through this thread; null if they have their own connections. */
  readonly served: Broker | null;
  /** @throws ConfigError */
  readonly limitsOf: (spec: TaskSpec) => TaskLimits;
  readonly logsOf: (spec: TaskSpec) => TaskLogs<LeveledLogger>;
}

/** Runs each task in a thread or a process of its own: what its plugin does harms no other. */
export class IsolatedHost implements TaskHost {
  readonly #options: IsolatedHostOptions;
  readonly #tasks = new Set<IsolatedTask>();
  #looking: NodeJS.Timeout | undefined;

  constructor(options: IsolatedHostOptions) {
    this.#options = options;
  }

  /** @throws ConfigError if its limits are none */
  start(spec: TaskSpec, listener: TaskListener): HostedTask {
    const { open, served, limitsOf, logsOf, broker, offsetsTopic, plugins, memoryBytes } = this.#options;
    const logs = logsOf(spec);
    const levels = { log: logs.log.level, pluginLog: logs.pluginLog.level };
    const task = new IsolatedTask({
      open,
      start: { spec, broker, offsetsTopic, plugins, memoryBytes, levels },
      served,
      limits: limitsOf(spec),
      listener,
      logs,
      onEnd: () => this.#tasks.delete(task),
    });
    this.#tasks.add(task);
    this.#looking ??= setInterval(() => this.#look(), LOOK_MS).unref();
    return task;
  }

  #look(): void {
    for (const task of this.#tasks) task.look(LOOK_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#looking);
    await Promise.all([...this.#tasks].map((task) => task.stop(0)));
  }
}
