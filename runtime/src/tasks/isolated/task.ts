import { setTimeout as sleep } from 'node:timers/promises';
import type { LeveledLogger, TaskLogs } from '../../logging/loggers.ts';
import type { TaskMetricsData } from '../../metrics/task-metrics.ts';
import { traceOf } from '../../pipeline/trace.ts';
import type { HostedTask, TaskListener } from '../host.ts';
import type { FromTask, ToTask, Voice } from './messages.ts';
import type { OpenPlace, Place, PlaceOptions } from './place.ts';

/** How long a task may take longer than usual to answer until it runs, in milliseconds. */
const START_MS = 60_000;

export interface TaskLimits {
  /** How much memory its place may have; null: no limit. */
  readonly memoryMaxBytes: number | null;
  /** How long its event loop may stand still, in milliseconds; 0: for ever. */
  readonly unresponsiveTimeoutMs: number;
}

export interface IsolatedTaskOptions extends Omit<PlaceOptions, 'onMessage' | 'onEnd' | 'memoryMaxBytes'> {
  readonly open: OpenPlace;
  readonly limits: TaskLimits;
  readonly listener: TaskListener;
  readonly logs: TaskLogs<LeveledLogger>;
  readonly onEnd: () => void;
}

/** A task in a thread or process of its own, as its worker sees it. */
export class IsolatedTask implements HostedTask {
  readonly #place: Place;
  readonly #limits: TaskLimits;
  readonly #listener: TaskListener;
  readonly #logs: TaskLogs<LeveledLogger>;
  readonly #ended = Promise.withResolvers<void>();
  #metrics: TaskMetricsData | null = null;
  #stopped = false;
  /** The answer to a task that is stopped while it asks. */
  readonly #stopping = Promise.withResolvers<false>();
  /** It said that it has stopped or failed, or failed without a word. */
  #over = false;
  /** What it may be silent for on top of its timeout: until it runs, it loads code, which takes its time on a busy machine. */
  #patienceMs = START_MS;
  /** How long nothing was heard, as far as this thread ran meanwhile. */
  #silentMs = 0;
  #measuring = false;

  constructor({ open, start, served, limits, listener, logs, onEnd }: IsolatedTaskOptions) {
    this.#limits = limits;
    this.#listener = listener;
    this.#logs = logs;
    const following: Array<() => void> = [];
    this.#place = open({
      start,
      served,
      memoryMaxBytes: limits.memoryMaxBytes,
      onMessage: (message) => this.#hear(message),
      onEnd: (how) => {
        this.#fail(how);
        for (const end of following) end();
        onEnd();
        this.#ended.resolve();
      },
    });
    const follow = (voice: Voice): (() => void) =>
      logs[voice].onLevel((level) => this.#tell({ type: 'level', voice, level }));
    following.push(follow('log'), follow('pluginLog'));
  }

  #hear(message: FromTask): void {
    this.#silentMs = 0;
    switch (message.type) {
      case 'log':
        this.#logs[message.voice][message.level](message.message, message.fields);
        break;
      case 'metrics':
        this.#metrics = message.data;
        break;
      case 'failed':
        this.#fail(message.trace);
        break;
      case 'stopped':
        // Whatever its plugin has left behind goes with it.
        this.#over = true;
        void this.#place.end();
        break;
      case 'superseded':
        this.#over = true;
        if (!this.#stopped) this.#logs.log.info(message.message);
        void this.#place.end();
        break;
      case 'topic':
        this.#listener.topic(message.name);
        break;
      case 'may-write':
        void this.#answer();
        break;
      case 'running':
      case 'paused':
        this.#patienceMs = 0;
        if (!this.#stopped && !this.#over) this.#listener[message.type]();
        break;
    }
  }

  #fail(trace: string): void {
    if (this.#over) return;
    this.#over = true;
    void this.#place.end();
    if (this.#stopped) return;
    this.#logs.log.error(`The task has failed: ${trace.split('\n', 1)[0]}`);
    this.#listener.failed(trace);
  }

  async #answer(): Promise<void> {
    try {
      this.#tell({
        type: 'may-write',
        answer: await Promise.race([this.#listener.mayWrite(), this.#stopping.promise]),
      });
    } catch (error) {
      this.#fail(traceOf(error));
    }
  }

  #tell(command: ToTask): void {
    if (!this.#over) this.#place.tell(command);
  }

  pause(): void {
    this.#tell({ type: 'pause' });
  }

  resume(): void {
    this.#tell({ type: 'resume' });
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#stopped = true;
    this.#stopping.resolve(false);
    this.#tell({ type: 'stop', timeoutMs });
    const late = sleep(timeoutMs + 1_000, 'late' as const, { ref: false });
    if ((await Promise.race([this.#ended.promise, late])) !== 'late') return;
    this.#logs.log.warn('The task does not stop; it is ended');
    await this.#place.end();
  }

  /**
   * Looks whether the task still answers and keeps to its memory; it fails if not.
   * @param passedMs since the last look, in milliseconds: time in which this thread itself stood still does not count
   */
  look(passedMs: number): void {
    if (this.#over) return;
    const { memoryMaxBytes, unresponsiveTimeoutMs } = this.#limits;
    this.#silentMs += passedMs;
    if (unresponsiveTimeoutMs > 0 && this.#silentMs >= unresponsiveTimeoutMs + this.#patienceMs) {
      this.#fail(
        `The task has not answered for ${unresponsiveTimeoutMs} ms (task.unresponsive.timeout.ms): its plugin keeps its thread busy, such as by a loop without end`,
      );
      return;
    }
    if (memoryMaxBytes !== null && !this.#measuring) void this.#measure(memoryMaxBytes);
  }

  async #measure(limit: number): Promise<void> {
    this.#measuring = true;
    const bytes = await this.#place.memoryBytes();
    this.#measuring = false;
    if (bytes !== null && bytes > limit)
      this.#fail(
        `The task has ${bytes} bytes in memory, more than task.memory.max.bytes=${limit}: its plugin holds on to too much, or needs more`,
      );
  }

  metrics(): TaskMetricsData | null {
    return this.#metrics;
  }
}
