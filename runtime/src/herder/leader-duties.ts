import { type Logger, messageOf } from '@tributary/api';
import type { SessionKeySettings } from '../config/distributed-config.ts';
import { connectorNames, connectorOf } from '../store/config-state.ts';
import type { ConfigStore } from '../store/config-store.ts';
import type { Status } from '../store/status.ts';
import type { StatusStore } from '../store/status-store.ts';
import type { Membership } from './membership.ts';
import { generateSessionKey, rotationTime } from './session-key.ts';

export interface LeaderDutiesOptions {
  readonly configs: ConfigStore;
  readonly statuses: StatusStore;
  readonly membership: Membership;
  readonly keys: SessionKeySettings;
  readonly log: Logger;
}

const RETRY_MS = 5_000;
/** What a timer can. */
const LONGEST_MS = 2 ** 31 - 1;

/** What the leader sees to for all workers. */
export class LeaderDuties {
  readonly #options: LeaderDutiesOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LeaderDutiesOptions) {
    this.#options = options;
  }

  /** To be called after each rebalance, before requests are taken. */
  async afterRebalance(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.#options.membership.leader) return;
    this.#tidyStatuses();
    await this.#options.configs.claimWritePrivileges();
    await this.#keepKey();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /**
   * Clears away the states of what is no longer configured, whose worker may be gone too, and tells what has no worker at the
   * moment, which Java shows with the state that it had before.
   */
  #tidyStatuses(): void {
    const { configs, statuses, membership } = this.#options;
    for (const name of statuses.connectors()) {
      const entry = connectorOf(configs.state, name);
      if (!entry) {
        for (const topic of statuses.topics(name)) statuses.removeTopic(name, topic);
        statuses.putConnector(name, null);
      }
      for (const [task] of statuses.tasks(name)) if (!entry?.tasks[task]) statuses.putTask(name, task, null);
    }
    const unassigned = (status: Status | undefined): Status | undefined =>
      status && status.state !== 'UNASSIGNED'
        ? { ...status, state: 'UNASSIGNED', trace: null, generation: membership.generation }
        : undefined;
    for (const name of connectorNames(configs.state)) {
      const connector = unassigned(statuses.connector(name));
      if (connector && membership.ownerOf(name) === null) statuses.putConnector(name, connector);
      for (const [task, status] of statuses.tasks(name)) {
        const changed = unassigned(status);
        if (changed && membership.ownerOf(name, task) === null) statuses.putTask(name, task, changed);
      }
    }
  }

  async #keepKey(): Promise<void> {
    const { configs, membership, keys, log } = this.#options;
    if (!membership.leader || !membership.signed) return;
    const due = rotationTime(configs.state.sessionKey, keys) - Date.now();
    if (due > 0) {
      if (Number.isFinite(due)) this.#again(due);
      return;
    }
    try {
      await configs.putSessionKey(generateSessionKey(keys, Date.now()));
      log.debug('A new session key is handed out');
      this.#again(0);
    } catch (error) {
      log.warn(`A new session key cannot be handed out, it is tried again: ${messageOf(error)}`);
      this.#again(RETRY_MS);
    }
  }

  #again(afterMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#keepKey(), Math.min(afterMs, LONGEST_MS)).unref();
  }
}
