/**
 * Membership in a group by Kafka's classic protocol, for any protocol type: sink tasks are of type `consumer`, workers
 * of type `connect`. Heartbeats go on in the background; when to rejoin is the owner's decision, so that it can first see
 * a revocation through.
 */

import { within } from '../../concurrency/within.ts';
import type { GroupMember, GroupMemberOptions, GroupMembership, Joined, MembershipState } from '../port.ts';
import type { Cluster } from './cluster.ts';
import type { Connections } from './connection-pool.ts';
import { errorName, isCoordinationError, isPassingError, refusal, TransientFault } from './faults.ts';
import { Lease, type Moment, moment } from './lease.ts';
import { heartbeatV4, joinGroupV7, leaveGroupV4, syncGroupV5 } from './library.ts';
import { backoffDelay, pause, retrying } from './retry.ts';

export interface MembershipOptions extends GroupMemberOptions {
  /** The member leaves if `touch` is not called for so long. */
  readonly maxIdleMs: number;
}

const EXPELLED: ReadonlySet<string> = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'FENCED_INSTANCE_ID']);
/** So many heartbeats may fail to be answered before the member does nothing without an answer; never longer than its session. */
const SILENT_HEARTBEATS = 2;
/**
 * A static member of whose id the group does not know comes back to its place so often before it believes that another one has it. A
 * coordinator that hung, or a new one, knows the ids of the last generation that was complete, and takes a later one for a stranger.
 */
const MOST_TAKEN_BACK = 2;
/** After so many heartbeats: a worker that was thought dead has stopped its tasks by then, and they do not drive out their successors. */
const TAKE_BACK_HEARTBEATS = 2;
/** Times the wait before it: who has kept its place for so long has it for itself. */
const KEPT = 5;
/** How long leaving may take. */
const LEAVE_MS = 2_000;

export class Membership implements GroupMember {
  readonly #cluster: Cluster;
  readonly #options: MembershipOptions;
  readonly #connections: Connections;
  readonly #closing = new AbortController();
  #state: MembershipState = 'out';
  #memberId = '';
  #generation = -1;
  #reason = '';
  #touchedAt = performance.now();
  #joinedAt = 0;
  /** How often the member has come back to a place that the group held for another, without keeping it for long. */
  #takenBack = 0;
  readonly #lease: Lease;
  /** Ends the heartbeats of the generation that is over. */
  #heart = new AbortController();

  /** @param connections for all but the join; by default the member's own */
  constructor(
    cluster: Cluster,
    options: MembershipOptions,
    connections: Connections = cluster.connectionSet(options.clientId),
  ) {
    this.#cluster = cluster;
    this.#options = options;
    this.#connections = connections;
    const { heartbeatIntervalMs, sessionTimeoutMs, rebalanceTimeoutMs } = options;
    this.#lease = new Lease(Math.min(sessionTimeoutMs, SILENT_HEARTBEATS * heartbeatIntervalMs), rebalanceTimeoutMs);
  }

  /** Milliseconds for which the member may act on its assignment without hearing from the group; 0 or less: not before it does. */
  get leaseMs(): number {
    return this.#state === 'stable' || this.#state === 'rebalancing' ? this.#lease.leftMs : 0;
  }

  get state(): MembershipState {
    return this.#state;
  }

  get reason(): string {
    return this.#reason;
  }

  /** Null before the first join. */
  get membership(): GroupMembership | null {
    const { groupId, groupInstanceId } = this.#options;
    return this.#generation < 0
      ? null
      : { groupId, memberId: this.#memberId, generation: this.#generation, groupInstanceId };
  }

  /** Connections to the coordinator, for commits. */
  get connections(): Connections {
    return this.#connections;
  }

  /** Says that the owner is alive. */
  touch(): void {
    this.#touchedAt = performance.now();
  }

  requestRejoin(reason: string): void {
    if (this.#state === 'stable') this.#change('rebalancing', reason);
  }

  /** The group has refused a request of this member: it is no longer in. */
  expelled(reason: string): void {
    if (this.#state === 'stable' || this.#state === 'rebalancing') {
      this.#heart.abort();
      this.#change('lost', reason);
    }
  }

  async join(): Promise<Joined> {
    const { groupId, clientId, rebalanceTimeoutMs } = this.#options;
    const doing = `Joining group ${groupId}`;
    this.#heart.abort();
    this.#lease.end();
    if (performance.now() - this.#joinedAt > KEPT * this.#takeBackMs) this.#takenBack = 0;
    if (this.#state === 'lost' && this.#options.groupInstanceId === null) this.#memberId = '';
    this.#state = 'joining';
    // The answer may take as long as the slowest member: no other request may wait behind this one.
    const timeoutMs = rebalanceTimeoutMs + Math.max(5_000, this.#cluster.settings.requestTimeoutMs);
    const connections = this.#cluster.connectionSet(clientId, timeoutMs);
    const close = () => connections.close();
    this.#closing.signal.addEventListener('abort', close);
    try {
      const patience = this.#cluster.patience(doing, this.#closing.signal, Number.POSITIVE_INFINITY);
      const joined = await retrying(patience, () => this.#attempt(doing, connections));
      this.#state = 'stable';
      this.touch();
      this.#joinedAt = performance.now();
      this.#heart = new AbortController();
      void this.#beat(this.#heart.signal);
      return joined;
    } catch (error) {
      this.#state = 'out';
      throw error;
    } finally {
      this.#closing.signal.removeEventListener('abort', close);
      connections.close();
    }
  }

  async confirm(): Promise<boolean> {
    if (this.#state !== 'stable' && this.#state !== 'rebalancing') return false;
    const heart = this.#heart.signal;
    const sentAt = moment();
    const name = await this.#heartbeat(this.#options.sessionTimeoutMs);
    if (heart.aborted) return false;
    if (EXPELLED.has(name)) this.expelled(name);
    return this.#heed(name, sentAt);
  }

  async close(forGood = false): Promise<void> {
    const member = this.#state !== 'out' && this.#state !== 'lost';
    this.#heart.abort();
    this.#closing.abort();
    this.#state = 'out';
    if (member) await this.#leave(forGood);
    this.#connections.close();
  }

  get #takeBackMs(): number {
    return TAKE_BACK_HEARTBEATS * this.#options.heartbeatIntervalMs;
  }

  #change(state: MembershipState, reason: string): void {
    this.#state = state;
    this.#reason = reason;
    this.#options.onChange();
  }

  async #attempt(doing: string, connections: Connections): Promise<Joined> {
    const { groupId, groupInstanceId, protocolType, sessionTimeoutMs, rebalanceTimeoutMs } = this.#options;
    const protocols = await this.#options.protocols();
    const connection = await this.#reach(connections);
    const join = await this.#orForget(
      connection.call(
        joinGroupV7.api,
        groupId,
        sessionTimeoutMs,
        rebalanceTimeoutMs,
        this.#memberId,
        groupInstanceId,
        protocolType,
        protocols.map(({ name, metadata }) => ({ name, metadata })),
      ),
    );
    if (errorName(join.errorCode) === 'MEMBER_ID_REQUIRED') {
      this.#memberId = join.memberId;
      throw new TransientFault('MEMBER_ID_REQUIRED', { delayMs: 0 });
    }
    this.#checkJoin(doing, join.errorCode);
    this.#memberId = join.memberId;
    const leader = join.leader === join.memberId;
    const protocol = join.protocolName ?? '';
    const assignments = leader
      ? await this.#options.assign({
          protocol,
          generation: join.generationId,
          members: join.members.map(({ memberId, groupInstanceId, metadata }) => ({
            memberId,
            groupInstanceId: groupInstanceId ?? null,
            metadata: Buffer.from(metadata),
          })),
          leaderId: join.memberId,
        })
      : new Map<string, Buffer>();
    const syncedAt = moment();
    const sync = await this.#orForget(
      connection.call(
        syncGroupV5.api,
        groupId,
        join.generationId,
        this.#memberId,
        groupInstanceId,
        protocolType,
        protocol,
        [...assignments].map(([memberId, assignment]) => ({ memberId, assignment })),
      ),
    );
    this.#checkJoin(doing, sync.errorCode);
    this.#generation = join.generationId;
    this.#lease.heard(syncedAt, true);
    return { protocol, leader, generation: join.generationId, assignment: Buffer.from(sync.assignment) };
  }

  #checkJoin(doing: string, code: number): void {
    if (code === 0) return;
    const name = errorName(code);
    if (name === 'FENCED_INSTANCE_ID' && this.#takenBack < MOST_TAKEN_BACK) {
      this.#takenBack++;
      this.#memberId = '';
      throw new TransientFault(name, { delayMs: this.#takeBackMs });
    }
    if (name === 'UNKNOWN_MEMBER_ID' || name === 'ILLEGAL_GENERATION') {
      if (name === 'UNKNOWN_MEMBER_ID') this.#memberId = '';
      throw new TransientFault(name, { delayMs: 0 });
    }
    if (name === 'REBALANCE_IN_PROGRESS') throw new TransientFault(name, { delayMs: 0 });
    if (isCoordinationError(name)) this.#cluster.forgetCoordinator('group', this.#options.groupId);
    if (isPassingError(name)) throw new TransientFault(name);
    throw refusal(doing, name, this.#options.groupInstanceId && `group.instance.id ${this.#options.groupInstanceId}`);
  }

  async #reach(connections: Connections) {
    const node = await this.#cluster.coordinator('group', this.#options.groupId);
    return this.#orForget(connections.get(node));
  }

  async #orForget<T>(request: Promise<T>): Promise<T> {
    try {
      return await request;
    } catch (error) {
      this.#cluster.forgetCoordinator('group', this.#options.groupId);
      throw error;
    }
  }

  async #beat(ended: AbortSignal): Promise<void> {
    const { heartbeatIntervalMs, sessionTimeoutMs, maxIdleMs } = this.#options;
    const { backoff } = this.#cluster.settings;
    let heardAt = performance.now();
    let faults = 0;
    while (!ended.aborted) {
      const delay = faults > 0 ? Math.min(heartbeatIntervalMs, backoffDelay(backoff, faults - 1)) : heartbeatIntervalMs;
      const idleFor = performance.now() - this.#touchedAt;
      await pause(Math.max(1, Math.min(delay, maxIdleMs - idleFor + 1)), ended);
      if (ended.aborted) return;
      if (performance.now() - this.#touchedAt > maxIdleMs) {
        this.expelled(`not polled for max.poll.interval.ms (${maxIdleMs})`);
        await this.#leave();
        return;
      }
      const sentAt = moment();
      const name = await this.#heartbeat(sessionTimeoutMs);
      if (ended.aborted) return;
      if (this.#heed(name, sentAt)) {
        heardAt = sentAt.steady;
        faults = 0;
        continue;
      }
      if (EXPELLED.has(name)) return this.expelled(name);
      faults++;
      if (performance.now() - heardAt > sessionTimeoutMs)
        return this.expelled(
          `no answer from the group coordinator for session.timeout.ms (${sessionTimeoutMs}): ${name}`,
        );
    }
  }

  /** @returns whether the group says that the member is in */
  #heed(name: string, sentAt: Moment): boolean {
    if (name !== 'NONE' && name !== 'REBALANCE_IN_PROGRESS') return false;
    this.#lease.heard(sentAt, name === 'NONE');
    if (name !== 'NONE' && this.#state === 'stable') this.#change('rebalancing', name);
    return true;
  }

  /** @returns the error name of the answer, or what kept it from coming */
  async #heartbeat(limitMs: number): Promise<string> {
    const { groupId, groupInstanceId } = this.#options;
    const attempt = async (): Promise<string> => {
      try {
        const connection = await this.#reach(this.#connections);
        const generation = this.#generation;
        const answer = await connection.call(heartbeatV4.api, groupId, generation, this.#memberId, groupInstanceId);
        const name = errorName(answer.errorCode);
        if (isCoordinationError(name)) this.#cluster.forgetCoordinator('group', groupId);
        return name;
      } catch (error) {
        this.#cluster.forgetCoordinator('group', groupId);
        return error instanceof Error ? error.message : String(error);
      }
    };
    return (await within(limitMs, attempt())) ?? 'no answer in time';
  }

  /** Tries once: who cannot be told finds out by the session timeout. */
  async #leave(forGood = false): Promise<void> {
    const { groupId, groupInstanceId } = this.#options;
    // A static member is known by its instance even before the answer to its first join has told its id.
    if (groupInstanceId === null ? this.#memberId === '' : !forGood) return;
    const memberId = this.#memberId;
    this.#memberId = '';
    const attempt = async () => {
      try {
        const connection = await this.#reach(this.#connections);
        await connection.call(leaveGroupV4.api, groupId, [{ memberId, groupInstanceId }]);
      } catch {
        // See above.
      }
    };
    await within(LEAVE_MS, attempt());
  }
}
