/**
 * A worker's place in a cluster of workers that meet over Kafka's group protocol (KIP-415): what it has it keeps running while
 * others come and go; what is taken from it is stopped before the group goes on.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, type Logger, messageOf } from '@tributary/api';
import { BrokerError } from '../../broker/errors.ts';
import type { GroupMember, GroupMemberOptions, Joined } from '../../broker/port.ts';
import { Signal } from '../../concurrency/signal.ts';
import { within } from '../../concurrency/within.ts';
import type { Membership, MemberWorker, RebalanceReport } from '../membership.ts';
import { type Assignment, NOTHING, needsRebalance } from '../plan.ts';
import { Leader } from './leader.ts';
import {
  ASSIGNMENT_ERRORS,
  CONNECT_PROTOCOL_TYPE,
  decodeAssignment,
  encodeWorkerState,
  type GroupAssignment,
  type GroupProtocol,
  offsetBefore,
  positionBehind,
} from './protocol.ts';
import { RebalanceTiming } from './rebalance-timing.ts';
import { asAssignment, isEmpty, shareAfter } from './share.ts';
import { NO_WORK, type WorkShare } from './work.ts';

export interface GroupOptions {
  /** Makes a member of a group of the broker. */
  readonly member: (options: GroupMemberOptions) => GroupMember;
  readonly groupId: string;
  readonly groupInstanceId: string;
  /** Where this worker's REST API is. */
  readonly url: string;
  /** `connect.protocol`: the newest to offer. */
  readonly protocol: GroupProtocol;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly rebalanceTimeoutMs: number;
  /** `scheduled.rebalance.max.delay.ms` */
  readonly maxDelayMs: number;
  /** `worker.sync.timeout.ms` */
  readonly syncTimeoutMs: number;
  readonly log: Logger;
  /** The group will not have this worker any longer. */
  readonly onFatal: (reason: string) => void;
}

const newToken = (): number => randomInt(2 ** 48 - 1);

/** Between attempts to get ready for a join while the broker is away. */
const RETRY_MS = 500;

export class GroupMembership implements Membership {
  readonly #options: GroupOptions;
  readonly #member: GroupMember;
  readonly #leading: Leader;
  readonly #first = Promise.withResolvers<void>();
  readonly #wake = new Signal();
  readonly #stopping = new AbortController();
  #worker: MemberWorker | undefined;
  #looping: Promise<void> | undefined;
  /** What this worker has, and what it told the group that it has. */
  #share: WorkShare = NO_WORK;
  #told: WorkShare = NO_WORK;
  #last: GroupAssignment | null = null;
  /** Goes with what is told; another one each time that the group is to be told of a change. */
  #token = newToken();
  #insisted = false;
  #assignment: Assignment = NOTHING;
  #generation = -1;
  #leader = false;
  #protocol: string;
  /** The last rebalance has been seen through, and the loop waits for the next. */
  #resting = false;
  #waiting: Array<() => void> = [];
  #givingUp: NodeJS.Timeout | undefined;
  readonly #timing = new RebalanceTiming();

  constructor(options: GroupOptions) {
    const { groupId, groupInstanceId, sessionTimeoutMs, heartbeatIntervalMs, rebalanceTimeoutMs } = options;
    this.#options = options;
    this.#protocol = options.protocol;
    this.#leading = new Leader(options.url, options.maxDelayMs);
    this.#member = options.member({
      clientId: `${groupId}-worker`,
      groupId,
      groupInstanceId,
      protocolType: CONNECT_PROTOCOL_TYPE,
      sessionTimeoutMs,
      heartbeatIntervalMs,
      rebalanceTimeoutMs,
      protocols: () => this.#protocols(),
      assign: async (round) => {
        await this.#catchUp();
        return this.#leading.assign(round, this.#worker!.configs());
      },
      onChange: () => this.#changed(),
    });
  }

  get generation(): number {
    return this.#generation;
  }

  get assignment(): Assignment {
    return this.#assignment;
  }

  get leader(): boolean {
    return this.#leader && this.#member.state !== 'lost';
  }

  get leaderUrl(): string | null {
    return this.#member.state === 'lost' ? null : (this.#last?.leaderUrl ?? null);
  }

  get ledByJava(): boolean {
    return this.#last?.token === null;
  }

  get signed(): boolean {
    return this.#protocol === 'sessioned';
  }

  ownerOf(connector: string, task?: number): string | null {
    const { owners } = this.#leading;
    return task === undefined ? owners.connector(connector) : owners.task({ connector, task });
  }

  rebalances(): RebalanceReport {
    return {
      protocol: this.#protocol,
      generation: this.#generation,
      leaderUrl: this.leaderUrl,
      rebalancing: !this.#resting,
      ...this.#timing.report(),
    };
  }

  async start(worker: MemberWorker): Promise<void> {
    this.#worker = worker;
    this.#looping = this.#loop().catch((error: unknown) => {
      if (this.#stopping.signal.aborted) return;
      const refused = this.#explained(error);
      if (this.#generation < 0) this.#first.reject(refused);
      else this.#options.onFatal(refused.message);
    });
    await this.#first.promise;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearTimeout(this.#givingUp);
    this.#wake.set();
    // A restart is announced by the place that is kept; who stops gives it up.
    await this.#member.close(true);
    await this.#looping;
    this.#first.resolve();
  }

  configChanged(): void {
    if (this.#resting && needsRebalance(this.#worker!.configs(), this.#assignment)) this.#wake.set();
  }

  confirm(): Promise<boolean> {
    return this.#member.confirm();
  }

  async settled(timeoutMs: number): Promise<boolean> {
    if (this.#isSettled()) return true;
    const { promise, resolve } = Promise.withResolvers<true>();
    const check = (): void => {
      if (this.#isSettled()) resolve(true);
      else this.#waiting.push(check);
    };
    this.#waiting.push(check);
    return (await within(timeoutMs, promise)) ?? false;
  }

  #isSettled(): boolean {
    return (
      this.#resting && this.#member.state === 'stable' && !needsRebalance(this.#worker!.configs(), this.#assignment)
    );
  }

  #protocols() {
    this.#told = this.#share;
    const state = {
      url: this.#options.url,
      position: positionBehind(this.#worker!.configs().offset),
      assignment: this.#last && { ...this.#last, assigned: this.#share, revoked: NO_WORK, delayMs: 0, token: null },
      token: this.#token,
    };
    const offered: readonly GroupProtocol[] =
      this.#options.protocol === 'sessioned' ? ['sessioned', 'compatible'] : ['compatible'];
    return offered.map((name) => ({ name, metadata: encodeWorkerState(state, name) }));
  }

  async #loop(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#timing.begin();
      if (!(await this.#ready())) continue;
      const joined = await this.#member.join();
      clearTimeout(this.#givingUp);
      if (this.#share !== this.#told) continue;
      const last = decodeAssignment(joined.assignment);
      if (last === null || last.error !== ASSIGNMENT_ERRORS.none) {
        this.#options.log.warn('The leader of the workers could not share out the work yet: it is asked again');
        await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
        continue;
      }
      if (!this.#isOwn(last)) continue;
      this.#take(joined, last);
      this.#timing.complete();
      if (!isEmpty(last.revoked)) {
        await this.#worker!.release();
        continue;
      }
      // A leader in Java shares out what some worker has read of, this one or not.
      if (this.#worker!.configs().offset < this.#assignment.offset && !(await this.#ready())) continue;
      this.#worker!.assigned();
      this.#first.resolve();
      await this.#rest(last.delayMs);
    }
  }

  /**
   * Whether the leader made an assignment for this worker as it is. To a static member that was killed and comes back the group may
   * hand the assignment of its former self; told of a change, the group rebalances.
   */
  #isOwn({ token }: GroupAssignment): boolean {
    // A leader in Java sends no token: what follows on a change is believed.
    if (token === this.#token || (token === null && this.#insisted)) return true;
    this.#token = newToken();
    this.#insisted = true;
    return false;
  }

  /** Before a worker joins it knows all that the others may know, and has stopped what is no longer to run. */
  async #ready(): Promise<boolean> {
    const known = await this.#catchUp();
    await this.#worker!.release();
    if (!known) await sleep(RETRY_MS, undefined, { signal: this.#stopping.signal }).catch(() => {});
    return known;
  }

  /** Reads the config topic to its end, as far as `worker.sync.timeout.ms` allows. @returns whether all of it is known */
  async #catchUp(): Promise<boolean> {
    const { syncTimeoutMs, log } = this.#options;
    const late = new AbortController();
    const give = sleep(syncTimeoutMs, 'worker.sync.timeout.ms is over', { signal: late.signal, ref: false });
    const read = this.#worker!.refresh().then(
      () => null,
      (error: unknown) => messageOf(error),
    );
    const problem = await Promise.race([read, give]);
    late.abort();
    give.catch(() => {});
    if (problem !== null) log.warn(`The config topic cannot be read to its end, it is tried again: ${problem}`);
    return problem === null;
  }

  #take({ generation, leader, protocol }: Joined, last: GroupAssignment): void {
    this.#share = shareAfter(this.#told, last);
    this.#last = last;
    this.#assignment = asAssignment(this.#share, offsetBefore(last.position));
    this.#generation = generation;
    this.#leader = leader;
    this.#protocol = protocol;
    if (!leader) this.#leading.forget();
    const { connectors, tasks } = this.#share;
    this.#options.log.info(
      `Generation ${generation} of group ${this.#options.groupId}: this worker ${leader ? 'leads and ' : ''}has ${connectors.length} connectors and ${tasks.length} tasks`,
      {
        leader: last.leaderUrl,
        assigned: last.assigned.connectors.length + last.assigned.tasks.length,
        revoked: last.revoked.connectors.length + last.revoked.tasks.length,
        ...(last.delayMs > 0 ? { rebalanceInMs: last.delayMs } : {}),
      },
    );
  }

  /** Waits until there is a reason to join again. */
  async #rest(delayMs: number): Promise<void> {
    const { signal } = this.#stopping;
    const until = delayMs > 0 ? performance.now() + delayMs : Number.POSITIVE_INFINITY;
    this.#resting = true;
    this.#wake.clear();
    while (!signal.aborted && this.#member.state === 'stable') {
      this.#tellWaiting();
      if (needsRebalance(this.#worker!.configs(), this.#assignment))
        this.#member.requestRejoin('there is other work to share out');
      else if (performance.now() >= until) this.#member.requestRejoin('a scheduled rebalance is due');
      else await this.#wake.wait(until - performance.now(), signal);
      this.#wake.clear();
    }
    this.#resting = false;
  }

  #tellWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const check of waiting) check();
  }

  #changed(): void {
    const { log, groupId, maxDelayMs } = this.#options;
    if (this.#member.state === 'lost') {
      log.warn(`The group ${groupId} has lost this worker, which joins again: ${this.#member.reason}`);
      this.#leading.forget();
      clearTimeout(this.#givingUp);
      this.#givingUp = setTimeout(() => this.#giveUp(), maxDelayMs).unref();
    }
    this.#wake.set();
  }

  /** The others do not wait for this worker any longer: what it had runs elsewhere. */
  #giveUp(): void {
    const { log, groupId, maxDelayMs } = this.#options;
    if (this.#stopping.signal.aborted || isEmpty(this.#share)) return;
    log.warn(
      `This worker has been out of group ${groupId} for scheduled.rebalance.max.delay.ms (${maxDelayMs}): it stops its connectors and tasks, which others run now`,
    );
    this.#share = NO_WORK;
    this.#assignment = asAssignment(NO_WORK, this.#assignment.offset);
    void this.#worker!.release().catch((error: unknown) => log.error(messageOf(error), { err: error }));
  }

  #explained(error: unknown): Error {
    const { groupId, groupInstanceId } = this.#options;
    const code = error instanceof BrokerError ? error.code : '';
    if (code === 'INCONSISTENT_GROUP_PROTOCOL') {
      return new ConfigError(
        `The members of group ${groupId} speak another protocol than this worker: they are no workers, or workers with connect.protocol=eager. Give this worker another group.id, or set connect.protocol=sessioned on theirs`,
        { cause: error },
      );
    }
    if (code === 'FENCED_INSTANCE_ID') {
      return new ConfigError(
        `Another worker has taken this one's place in group ${groupId}, since it has the same group.instance.id, ${groupInstanceId}. Give each worker its own rest.advertised.host.name and rest.advertised.port, or its own group.instance.id`,
        { cause: error },
      );
    }
    return error instanceof Error ? error : new Error(String(error));
  }
}
