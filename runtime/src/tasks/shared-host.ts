import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '@tributary/api';
import { TaskMetrics } from '../metrics/task-metrics.ts';
import { traceOf } from '../pipeline/trace.ts';
import type { HostedTask, TaskHost, TaskListener } from './host.ts';
import { startTask } from './run-task.ts';
import { SupersededError } from './superseded.ts';
import type { HostEnvironment, RunningTask, TaskEvents } from './task.ts';
import type { TaskSpec } from './task-spec.ts';

/** Runs tasks in the thread that it is made in. */
export class SharedHost implements TaskHost {
  readonly #environmentOf: (spec: TaskSpec) => Omit<HostEnvironment, 'metrics'>;

  constructor(environmentOf: (spec: TaskSpec) => Omit<HostEnvironment, 'metrics'>) {
    this.#environmentOf = environmentOf;
  }

  start(spec: TaskSpec, listener: TaskListener): HostedTask {
    return new SharedTask(spec, { ...this.#environmentOf(spec), metrics: new TaskMetrics(spec.kind) }, listener);
  }

  async close(): Promise<void> {}
}

class SharedTask implements HostedTask {
  readonly #environment: HostEnvironment;
  readonly #started: Promise<RunningTask | null>;
  readonly #stopping = new AbortController();
  /** The answer to a task that is stopped while it asks. */
  readonly #denied = Promise.withResolvers<false>();
  /** It has failed or was superseded: nothing that is asked of it changes its state. */
  #over = false;
  /** What was asked for before the task was up. */
  #paused: boolean;

  constructor(spec: TaskSpec, environment: HostEnvironment, listener: TaskListener) {
    this.#environment = environment;
    this.#paused = spec.paused;
    this.#started = this.#start(spec, listener);
  }

  async #start(spec: TaskSpec, listener: TaskListener): Promise<RunningTask | null> {
    const fail = (error: unknown): void => {
      if (error instanceof SupersededError) {
        this.#over = true;
        if (!this.#stopped) this.#environment.log.info(error.message);
        return;
      }
      this.#environment.log.error(`The task has failed: ${messageOf(error)}`, {
        err: error,
      });
      this.#over = true;
      if (!this.#stopped) listener.failed(traceOf(error));
    };
    try {
      const events: TaskEvents = {
        state: (state) => {
          if (this.#stopped || this.#over) return;
          if (state === 'RUNNING') listener.running();
          else listener.paused();
        },
        topic: (name) => listener.topic(name),
        mayWrite: () => Promise.race([listener.mayWrite(), this.#denied.promise]),
      };
      const task = await startTask(spec, this.#environment, events, this.#stopping.signal);
      task.done.catch(fail);
      if (this.#paused !== spec.paused) {
        if (this.#paused) task.pause();
        else task.resume();
      }
      return task;
    } catch (error) {
      fail(error);
      return null;
    }
  }

  get #stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  pause(): void {
    this.#paused = true;
    void this.#started.then((task) => task?.pause());
  }

  resume(): void {
    this.#paused = false;
    void this.#started.then((task) => task?.resume());
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#stopping.abort();
    this.#denied.resolve(false);
    const late = sleep(timeoutMs + 1_000, 'late' as const, { ref: false });
    const stopping = this.#started.then((task) => task?.stop(timeoutMs));
    if ((await Promise.race([stopping, late])) === 'late')
      this.#environment.log.warn('The task does not stop; it is abandoned');
  }

  metrics() {
    return this.#environment.metrics.data();
  }
}
