import { connectorOf } from '../store/config-state.ts';
import type { ConfigStore } from '../store/config-store.ts';
import { ConflictError, RequestTargetError } from './errors.ts';
import type { Membership } from './membership.ts';
import type { Reconciler } from './reconciler.ts';

/** How long a request waits for a rebalance to end before it is refused with 409. */
const PATIENCE_MS = 5_000;

const NO_LEADER =
  'Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway.';
const STALE =
  'Cannot complete request momentarily due to stale configuration (typically caused by a concurrent config change)';

/** What this worker knows changes just now: the request can be sent again. */
export const staleConfig = (): ConflictError => new ConflictError(STALE);

/** Runs commands in line on the worker whose business they are. */
export class InCharge {
  readonly #membership: Membership;
  readonly #configs: ConfigStore;
  readonly #line: Reconciler;

  constructor(membership: Membership, configs: ConfigStore, line: Reconciler) {
    this.#membership = membership;
    this.#configs = configs;
    this.#line = line;
  }

  /** @throws RequestTargetError on a worker that does not lead, ConflictError during a rebalance */
  async asLeader<T>(message: string, work: () => Promise<T>): Promise<T> {
    await this.#settled();
    await this.leads(message);
    return this.#line.run(work);
  }

  /** Makes sure that this worker leads and may write as the leader. @throws RequestTargetError, ConflictError */
  async leads(message: string): Promise<void> {
    this.#assertLeads(message);
    if (this.#configs.hasWritePrivileges) return;
    // Another worker may have the privilege because it leads by now.
    if (!(await this.#membership.confirm())) throw staleConfig();
    this.#assertLeads(message);
    await this.#configs.claimWritePrivileges();
  }

  /**
   * @param task undefined: the connector itself
   * @throws RequestTargetError on a worker that does not have it, ConflictError during a rebalance, or if no worker has it
   */
  async asOwner<T>(name: string, task: number | undefined, work: () => Promise<T>): Promise<T> {
    await this.#settled();
    const { assignment, leader } = this.#membership;
    const mine = task === undefined ? assignment.hasConnector(name) : assignment.hasTask(name, task);
    if (mine) return this.#line.run(work);
    const message = `Cannot restart ${task === undefined ? 'connector' : 'task'} since it is not assigned to this member`;
    if (!leader) this.#assertLeads(message);
    // What does not exist nobody has: the work says so.
    const entry = connectorOf(this.#configs.state, name);
    if (!entry || (task !== undefined && !entry.tasks[task])) return this.#line.run(work);
    const url = this.#membership.ownerOf(name, task);
    throw url === null
      ? new ConflictError(`${message}: no worker has it at the moment`)
      : new RequestTargetError(message, url);
  }

  async #settled(): Promise<void> {
    if (!(await this.#membership.settled(PATIENCE_MS))) throw staleConfig();
  }

  #assertLeads(message: string): void {
    const { leader, leaderUrl } = this.#membership;
    if (leader) return;
    throw leaderUrl === null ? new ConflictError(NO_LEADER) : new RequestTargetError(message, leaderUrl);
  }
}
