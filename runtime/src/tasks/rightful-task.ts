import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger, messageOf } from '@tributary/api';
import { BrokerUnavailableError } from '../broker/errors.ts';
import { retryDelay } from '../pipeline/errors.ts';
import { causesOf, mayRecover } from './recoverable.ts';
import { isFenced, SupersededError } from './superseded.ts';
import type { RunningTask } from './task.ts';
import { untilAvailable } from './until-available.ts';

/** How often a task that was fenced is started again without having committed anything in between. */
const MOST_ATTEMPTS = 10;
/** The longest pause before it is, in milliseconds. */
const MAX_DELAY_MS = 10_000;

export interface RightfulTaskOptions {
  /** Starts the task, from what is committed; a broker that is away is waited for. @param signal ends the wait of a start that is not the first */
  readonly start: (paused: boolean, signal?: AbortSignal) => Promise<RunningTask>;
  readonly paused: boolean;
  /** Whether this is still the task that is to run. */
  readonly mayWrite: () => Promise<boolean>;
  /** Another number once the task has committed something. */
  readonly progress: () => number;
  readonly log: Logger;
}

/**
 * Keeps a task going whose producer has failed in a way that passes: the broker was away for longer than the client waits, or has ended the
 * transaction for its age, or the producer was fenced although it is the one that is to run: a zombie that has opened a producer of the same
 * transactional id, and writes nothing, must not fail it. If the task is not the one to run any longer it ends with a SupersededError.
 */
export async function startRightful(options: RightfulTaskOptions): Promise<RunningTask> {
  return new RightfulTask(options, await options.start(options.paused));
}

class RightfulTask implements RunningTask {
  readonly done: Promise<void>;
  readonly #options: RightfulTaskOptions;
  readonly #stopping = new AbortController();
  #task: RunningTask;
  #paused: boolean;
  #stopTimeoutMs = 0;

  constructor(options: RightfulTaskOptions, task: RunningTask) {
    this.#options = options;
    this.#task = task;
    this.#paused = options.paused;
    this.done = this.#live();
    this.done.catch(() => {});
  }

  pause(): void {
    this.#paused = true;
    this.#task.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#task.resume();
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#stopTimeoutMs = timeoutMs;
    this.#stopping.abort();
    await this.#task.stop(timeoutMs);
    await this.done.catch(() => {});
  }

  async #live(): Promise<void> {
    const { log, mayWrite, progress } = this.#options;
    const { signal } = this.#stopping;
    for (let attempt = 1; ; attempt++) {
      const before = progress();
      try {
        return await this.#task.done;
      } catch (error) {
        const causes = causesOf(error);
        if (signal.aborted || !causes.some(mayRecover)) throw error;
        if (progress() !== before) attempt = 1;
        // Who never commits in time never will; an outage is waited out however long it lasts.
        const away = causes.some((cause) => cause instanceof BrokerUnavailableError);
        if (!away && attempt > MOST_ATTEMPTS) throw error;
        const fenced = isFenced(error);
        if (fenced && !(await untilAvailable(mayWrite, log, signal))) throw new SupersededError();
        const what = fenced ? 'was fenced by another one' : 'has failed';
        log.warn(`The producer of the task ${what}; the task starts again: ${messageOf(error)}`);
      }
      await sleep(retryDelay(attempt, MAX_DELAY_MS), undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      await this.#startAgain();
    }
  }

  async #startAgain(): Promise<void> {
    const paused = this.#paused;
    const { signal } = this.#stopping;
    try {
      this.#task = await this.#options.start(paused, signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (this.#stopping.signal.aborted) await this.#task.stop(this.#stopTimeoutMs);
    else if (paused !== this.#paused) this.#paused ? this.#task.pause() : this.#task.resume();
  }
}
