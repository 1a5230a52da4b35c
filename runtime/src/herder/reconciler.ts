import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger, messageOf } from '@tributary/api';
import { Queue } from '../concurrency/queue.ts';
import type { ConfigChange } from '../store/config-change.ts';
import type { RestartAsked } from '../store/config-state.ts';
import type { ConfigStore } from '../store/config-store.ts';
import type { StatusStore } from '../store/status-store.ts';
import type { Executor } from './executor.ts';
import type { Membership } from './membership.ts';
import { isStop, plan } from './plan.ts';

export interface ReconcilerOptions {
  readonly configs: ConfigStore;
  readonly statuses: StatusStore;
  readonly executor: Executor;
  readonly membership: Membership;
  /** Called after each rebalance, before requests are taken again. */
  readonly onAssigned: () => Promise<void>;
  /** Restarts what runs here of a connector that the config topic says to restart. */
  readonly onRestart: (asked: RestartAsked) => Promise<void>;
  readonly log: Logger;
}

/** A broker that does not answer keeps the worker from ending for no longer than this, in milliseconds. */
const LAST_STATES_MS = 5_000;

/**
 * Keeps what runs here in line with what the config topic says and the group assigns: after each change the difference is worked
 * off. Commands stand in the same line, so that nothing changes under them.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #queue = new Queue();
  #stopping = false;
  /** A round is in line that has not begun. */
  #due = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Reads the stores, takes a place in the cluster and starts what is assigned. */
  async start(): Promise<void> {
    const { configs, statuses, membership } = this.#options;
    await Promise.all([configs.refresh(), statuses.refresh()]);
    configs.onChange((change) => this.#follow(change));
    await membership.start({
      configs: () => configs.state,
      refresh: () => configs.refresh(),
      release: () => this.#queue.run(() => this.#release()),
      assigned: () => this.#assigned(),
    });
    await this.#queue.run(() => this.workOff());
  }

  /** Stops what runs here, and leaves the cluster. The states say UNASSIGNED afterwards. */
  async stop(): Promise<void> {
    const { executor, statuses, membership } = this.#options;
    this.#stopping = true;
    await this.#queue.run(() => executor.stopAll());
    await statuses.flush(LAST_STATES_MS);
    await membership.stop();
  }

  /** Does a piece of work in line. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#queue.run(work);
  }

  /** Has the difference worked off soon. */
  reconcile(): void {
    if (this.#due || this.#stopping) return;
    this.#due = true;
    void this.#queue.run(() => {
      this.#due = false;
      return this.workOff();
    });
  }

  /** Whether the line moves on within a time. */
  async answers(timeoutMs: number): Promise<boolean> {
    const late = new AbortController();
    const turn = this.#queue.run(async () => true);
    try {
      return await Promise.race([turn, sleep(timeoutMs, false, { signal: late.signal, ref: false })]);
    } finally {
      late.abort();
    }
  }

  #follow(change: ConfigChange): void {
    const { onRestart, membership } = this.#options;
    for (const asked of change.restarts) void this.#queue.run(() => onRestart(asked));
    this.reconcile();
    membership.configChanged();
  }

  async #assigned(): Promise<void> {
    const { onAssigned, executor, log } = this.#options;
    try {
      await onAssigned();
    } catch (error) {
      log.error(`After a rebalance: ${messageOf(error)}`, { err: error });
    }
    executor.tellStates();
    this.reconcile();
  }

  async #release(): Promise<void> {
    const { configs, executor, membership } = this.#options;
    const stops = plan(configs.state, executor.running, membership.assignment).filter(isStop);
    await Promise.all(stops.map((action) => executor.act(action)));
  }

  /** Works off the difference now. For pieces of work in line. */
  async workOff(): Promise<void> {
    const { configs, executor, membership } = this.#options;
    if (this.#stopping) return;
    await this.#release();
    for (const action of plan(configs.state, executor.running, membership.assignment)) await executor.act(action);
  }
}
