import { type Logger, messageOf, type Props } from '@tributary/api';
import { ownSettings, restartKeys } from '../config/own-keys.ts';
import type { State } from '../store/status.ts';
import { type RestartPolicy, restartAfter } from './restart-policy.ts';

export interface RestartsOptions {
  /** The worker's config as text. */
  readonly workerProps: Props;
  /** Of a connector; undefined if it is gone. */
  readonly configOf: (connector: string) => Props | undefined;
  /** Starts a failed task again, or (null) a failed connector. */
  readonly restart: (connector: string, task: number | null) => Promise<void>;
  readonly log: Logger;
}

/** A task or a connector that this worker runs. */
interface Watched {
  attempts: number;
  /** All attempts, those before it recovered included. */
  total: number;
  runningSince: number | null;
  timer: NodeJS.Timeout | undefined;
  /** Its change of state is our own doing. */
  restarting: boolean;
}

const NEW: Watched = { attempts: 0, total: 0, runningSince: null, timer: undefined, restarting: false };
const ENDED: readonly State[] = ['RESTARTING', 'UNASSIGNED', 'STOPPED'];

/** Starts failed tasks and connectors again, as `tasks.restart.policy` says. It learns of failures from the states. */
export class Restarts {
  readonly #options: RestartsOptions;
  readonly #watched = new Map<string, Watched>();

  constructor(options: RestartsOptions) {
    this.#options = options;
  }

  /** To be told of every state of what this worker runs. @param task null: the connector itself */
  changed(connector: string, task: number | null, state: State): void {
    const key = keyOf(connector, task);
    const watched = this.#watched.get(key) ?? { ...NEW };
    clearTimeout(watched.timer);
    // Somebody else restarts it, or it is no longer this worker's: what was counted holds no longer.
    if (ENDED.includes(state) && !watched.restarting) {
      this.#watched.delete(key);
      return;
    }
    this.#watched.set(key, watched);
    if (state === 'RUNNING') watched.runningSince ??= performance.now();
    if (state === 'FAILED') this.#failed(connector, task, watched);
  }

  /** It is deleted. */
  forget(connector: string, task: number | null): void {
    const key = keyOf(connector, task);
    clearTimeout(this.#watched.get(key)?.timer);
    this.#watched.delete(key);
  }

  /** How often the task was started again by itself. */
  count(connector: string, task: number): number {
    return this.#watched.get(keyOf(connector, task))?.total ?? 0;
  }

  #failed(connector: string, task: number | null, watched: Watched): void {
    const { log } = this.#options;
    const what = task === null ? `Connector ${connector}` : `Task ${connector}-${task}`;
    const fields = task === null ? { connector } : { connector, task };
    const ranMs = watched.runningSince === null ? 0 : performance.now() - watched.runningSince;
    watched.runningSince = null;
    const policy = this.#policyOf(connector);
    if (!policy) {
      log.warn(`${what} stays failed until it is restarted (tasks.restart.policy=none)`, fields);
      return;
    }
    const next = restartAfter(policy, { attempts: watched.attempts, ranMs }, Math.random());
    if (!next) {
      log.error(
        `${what} stays failed until it is restarted: it was started again ${watched.attempts} times (tasks.restart.max.attempts)`,
        fields,
      );
      return;
    }
    const { attempt, delayMs } = next;
    watched.attempts = attempt;
    const limit = policy.maxAttempts < 0 ? '' : ` of ${policy.maxAttempts}`;
    log.warn(`${what} is started again in ${(delayMs / 1000).toFixed(1)} s (attempt ${attempt}${limit})`, fields);
    watched.timer = setTimeout(() => void this.#restart(connector, task, watched, what), delayMs).unref();
  }

  async #restart(connector: string, task: number | null, watched: Watched, what: string): Promise<void> {
    watched.total += 1;
    watched.restarting = true;
    try {
      await this.#options.restart(connector, task);
    } catch (error) {
      this.#options.log.error(`${what} cannot be started again: ${messageOf(error)}`, { connector, err: error });
    } finally {
      watched.restarting = false;
    }
  }

  #policyOf(connector: string): RestartPolicy | null {
    const { workerProps, configOf, log } = this.#options;
    try {
      const config = ownSettings(restartKeys, workerProps, configOf(connector) ?? {});
      if (config['tasks.restart.policy'] === 'none') return null;
      return {
        backoffMs: config['tasks.restart.backoff.ms'],
        backoffMaxMs: config['tasks.restart.backoff.max.ms'],
        maxAttempts: config['tasks.restart.max.attempts'],
      };
    } catch (error) {
      // A config that was checked by other software than ours.
      log.error(`The restart policy of connector ${connector} does not count: ${messageOf(error)}`, { connector });
      return null;
    }
  }
}

const keyOf = (connector: string, task: number | null): string => JSON.stringify([connector, task]);
