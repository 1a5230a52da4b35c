import type { Broker } from '../broker/port.ts';
import type { TaskLogs } from '../logging/loggers.ts';
import type { TaskMetrics } from '../metrics/task-metrics.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import type { SourceOffsetStore } from '../store/offset-store.ts';
import type { ByteBudget } from './budget.ts';
import type { TaskClients } from './clients.ts';

/** What the place where a task runs provides. */
export interface HostEnvironment extends TaskLogs {
  readonly broker: Broker;
  readonly registry: PluginRegistry;
  readonly offsets: SourceOffsetStore;
  readonly budget: ByteBudget;
  readonly metrics: TaskMetrics;
}

/** What a task works with. */
export interface TaskEnvironment extends HostEnvironment {
  /** The broker by the configs that the worker and the connector give to clients. */
  readonly clients: TaskClients;
}

/** What a task tells its host. */
export interface TaskEvents {
  /** The task works, or rests after a pause. */
  state(state: 'RUNNING' | 'PAUSED'): void;
  /** The task used a topic for the first time. */
  topic(name: string): void;
  /**
   * Asks whether this is still the task that is to run: its worker has it, and there are no newer task configs. A task that writes in
   * transactions asks before it opens its producer, and again before it writes anything (KIP-618).
   */
  mayWrite(): Promise<boolean>;
}

/** A task under way. */
export interface RunningTask {
  pause(): void;
  resume(): void;
  /** Ends the task: what is on its way is finished and offsets are stored, as far as `timeoutMs` allows. Never throws. */
  stop(timeoutMs: number): Promise<void>;
  /** Settles when the task has ended: resolves after `stop`, rejects with what failed it, or a SupersededError. */
  readonly done: Promise<void>;
}
