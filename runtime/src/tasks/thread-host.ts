import { setTimeout as sleep } from 'node:timers/promises';
import { type Transferable, Worker } from 'node:worker_threads';
import type { LeveledLogger, TaskLogs } from '../logging/loggers.ts';
import type { TaskMetricsData } from '../metrics/task-metrics.ts';
import { traceOf } from '../pipeline/trace.ts';
import type { HostedTask, TaskHost, TaskListener } from './host.ts';
import type { TaskSpec } from './task.ts';
import type { BrokerAccess, FromThread, ThreadStart, ToThread, Voice } from './thread-messages.ts';

const ENTRY = new URL(import.meta.url.endsWith('.ts') ? './thread-main.ts' : './thread-main.js', import.meta.url);

export interface ThreadHostOptions extends Omit<ThreadStart, 'spec' | 'broker' | 'levels'> {
  /** Called for each task; a port in the answer is moved to its thread. */
  readonly brokerAccess: () => BrokerAccess;
  readonly logsOf: (spec: TaskSpec) => TaskLogs<LeveledLogger>;
}

/** Runs each task in a thread of its own: a task that blocks or runs out of heap harms no other. */
export class ThreadHost implements TaskHost {
  readonly #options: ThreadHostOptions;
  readonly #tasks = new Set<ThreadTask>();

  constructor(options: ThreadHostOptions) {
    this.#options = options;
  }

  start(spec: TaskSpec, listener: TaskListener): HostedTask {
    const { brokerAccess, logsOf, ...rest } = this.#options;
    const logs = logsOf(spec);
    const levels = { log: logs.log.level, pluginLog: logs.pluginLog.level };
    const task = new ThreadTask({ ...rest, spec, broker: brokerAccess(), levels }, listener, logs, () =>
      this.#tasks.delete(task),
    );
    this.#tasks.add(task);
    return task;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#tasks].map((task) => task.stop(0)));
  }
}

class ThreadTask implements HostedTask {
  readonly #worker: Worker;
  readonly #logs: TaskLogs<LeveledLogger>;
  readonly #exited = Promise.withResolvers<void>();
  #metrics: TaskMetricsData | null = null;
  #stopped = false;
  #failed = false;

  constructor(start: ThreadStart, listener: TaskListener, logs: TaskLogs<LeveledLogger>, onExit: () => void) {
    this.#logs = logs;
    const transferList: Transferable[] = start.broker.type === 'port' ? [start.broker.port] : [];
    this.#worker = new Worker(ENTRY, {
      workerData: start,
      transferList,
      name: `${start.spec.id.connector}-${start.spec.id.task}`,
    });
    const follow = (voice: Voice): (() => void) =>
      logs[voice].onLevel((level) => this.#tell({ type: 'level', voice, level }));
    const following = [follow('log'), follow('pluginLog')];
    this.#worker.on('message', (message: FromThread) => this.#hear(message, listener));
    this.#worker.on('error', (error) => this.#fail(traceOf(error), listener));
    this.#worker.on('exit', (code) => {
      if (code !== 0) this.#fail(`The thread of the task ended with exit code ${code}`, listener);
      for (const end of following) end();
      onExit();
      this.#exited.resolve();
    });
  }

  #fail(trace: string, listener: TaskListener): void {
    if (this.#stopped || this.#failed) return;
    this.#failed = true;
    this.#logs.log.error(`The task has failed: ${trace.split('\n', 1)[0]}`);
    listener.failed(trace);
  }

  #hear(message: FromThread, listener: TaskListener): void {
    switch (message.type) {
      case 'log':
        this.#logs[message.voice][message.level](message.message, message.fields);
        break;
      case 'metrics':
        this.#metrics = message.data;
        break;
      case 'failed':
        this.#fail(message.trace, listener);
        break;
      case 'topic':
        listener.topic(message.name);
        break;
      case 'running':
      case 'paused':
        if (!this.#stopped && !this.#failed) listener[message.type]();
        break;
    }
  }

  #tell(command: ToThread): void {
    this.#worker.postMessage(command);
  }

  pause(): void {
    this.#tell({ type: 'pause' });
  }

  resume(): void {
    this.#tell({ type: 'resume' });
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#stopped = true;
    this.#tell({ type: 'stop', timeoutMs });
    const late = sleep(timeoutMs + 1_000, 'late' as const, { ref: false });
    if ((await Promise.race([this.#exited.promise, late])) !== 'late') return;
    this.#logs.log.warn('The task does not stop; its thread is ended');
    await this.#worker.terminate();
  }

  metrics(): TaskMetricsData | null {
    return this.#metrics;
  }
}
