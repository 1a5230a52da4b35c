import type { TaskMetricsData } from '../metrics/task-metrics.ts';
import type { HostedTask } from '../tasks/host.ts';

export interface Preparation {
  /** Does what must be done first, and tells how to start. @param signal the task is not wanted any longer */
  prepare(signal: AbortSignal): Promise<(paused: boolean) => HostedTask>;
  failed(error: unknown): void;
}

/** A task on its way to a host: it can be paused and stopped while what it needs first is still under way. */
export class PreparedTask implements HostedTask {
  readonly #ended = new AbortController();
  #hosted: HostedTask | null = null;
  #paused: boolean;

  constructor({ prepare, failed }: Preparation, paused: boolean) {
    this.#paused = paused;
    prepare(this.#ended.signal)
      .then((start) => {
        if (!this.#ended.signal.aborted) this.#hosted = start(this.#paused);
      })
      .catch((error: unknown) => {
        if (!this.#ended.signal.aborted) failed(error);
      });
  }

  pause(): void {
    this.#paused = true;
    this.#hosted?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#hosted?.resume();
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#ended.abort();
    await this.#hosted?.stop(timeoutMs);
  }

  metrics(): TaskMetricsData | null {
    return this.#hosted?.metrics() ?? null;
  }
}
