import type { TaskMetricsData } from '../metrics/task-metrics.ts';
import type { TaskSpec } from './task-spec.ts';

/** What a host tells of one task, and asks. Plain data only, since it may come from another thread or process. */
export interface TaskListener {
  running(): void;
  paused(): void;
  /** The task has ended with an error. @param trace the root cause first, then the stack */
  failed(trace: string): void;
  /** The task used a topic for the first time. */
  topic(name: string): void;
  /**
   * Asks whether this is still the task that is to run, as of now. A task to which this is denied ends without a further word:
   * what is said of it from then on is for whoever has it.
   */
  mayWrite(): Promise<boolean>;
}

/** A task that a host runs. Failures reach the listener; nothing here throws. */
export interface HostedTask {
  pause(): void;
  resume(): void;
  /** Ends the task within about `timeoutMs`; what does not end by itself is abandoned. */
  stop(timeoutMs: number): Promise<void>;
  /** As last known; null before the task has started. */
  metrics(): TaskMetricsData | null;
}

/** The place where tasks run. */
export interface TaskHost {
  start(spec: TaskSpec, listener: TaskListener): HostedTask;
  close(): Promise<void>;
}

/** Stands for a task that failed before a host had it. */
export const FAILED_TASK: HostedTask = {
  pause() {},
  resume() {},
  async stop() {},
  metrics: () => null,
};
