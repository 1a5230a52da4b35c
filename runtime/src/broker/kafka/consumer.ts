import type { OffsetAndMetadata, TopicPartition, TopicPartitionOffset } from '@tributary/api';
import { BrokerError, BrokerUnavailableError, CommitFailedError } from '../errors.ts';
import type { GroupConsumer, GroupConsumerOptions, GroupMembership, RecordRead } from '../port.ts';
import type { Cluster } from './cluster.ts';
import { decodeAssignment } from './consumer-protocol.ts';
import { type ConsumerSettings, consumerSettings } from './consumer-settings.ts';
import { Fetcher } from './fetcher.ts';
import { commitOffsets, fetchCommitted } from './group-offset-calls.ts';
import { Membership, type MembershipOptions } from './membership.ts';
import { EARLIEST, LATEST, lookUpOffsets } from './offset-lookup.ts';
import { yieldToLoop } from './retry.ts';
import { Subscription } from './subscription.ts';

/** Records decoded in one go. */
const SLICE = 1_000;

/** What a join has brought. */
interface Place {
  readonly assignment: readonly TopicPartition[];
  readonly positions: readonly TopicPartitionOffset[];
  readonly committed: readonly OffsetAndMetadata[];
}

interface Joining {
  settled: boolean;
  place?: Place;
  error?: Error;
}

const key = ({ topic, partition }: TopicPartition): string => `${topic}-${partition}`;

export class KafkaConsumer implements GroupConsumer {
  readonly #cluster: Cluster;
  readonly #options: GroupConsumerOptions;
  readonly #settings: ConsumerSettings;
  readonly #subscription: Subscription;
  readonly #fetcher: Fetcher;
  readonly #membership: Membership;
  readonly #closing = new AbortController();
  readonly #onClose: () => void;
  #assignment: readonly TopicPartition[] = [];
  /** The join under way or done, until `poll` has taken its result. */
  #joining: Joining | undefined;
  #sinceYield = 0;

  constructor(cluster: Cluster, options: GroupConsumerOptions, onClose: () => void) {
    const settings = consumerSettings(options);
    this.#cluster = cluster;
    this.#options = options;
    this.#settings = settings;
    this.#onClose = onClose;
    this.#subscription = new Subscription(cluster, options, settings);
    this.#fetcher = new Fetcher(cluster, {
      clientId: settings.clientId,
      isolation: settings.isolation,
      offsetReset: settings.autoOffsetReset,
      maxBufferedBytes: settings.maxBufferedBytes,
      maxPartitionBytes: settings.maxPartitionFetchBytes,
      maxBytes: settings.fetchMaxBytes,
      minBytes: settings.fetchMinBytes,
      maxWaitMs: settings.fetchMaxWaitMs,
      idleWaitMs: settings.fetchIdleWaitMs,
      checkCrcs: settings.checkCrcs,
    });
    const membership = {
      clientId: settings.clientId,
      groupId: settings.groupId,
      groupInstanceId: settings.groupInstanceId,
      protocolType: 'consumer',
      sessionTimeoutMs: settings.sessionTimeoutMs,
      rebalanceTimeoutMs: settings.maxPollIntervalMs,
      heartbeatIntervalMs: settings.heartbeatIntervalMs,
      maxIdleMs: settings.maxPollIntervalMs,
      protocols: () => this.#subscription.protocols(),
      assign: ({ protocol, members }) => this.#subscription.assign(protocol, members),
      onChange: () => this.#fetcher.wake(),
    } satisfies MembershipOptions;
    this.#membership = new Membership(cluster, membership, cluster.coordination.lease());
  }

  get assignment(): readonly TopicPartition[] {
    return this.#assignment;
  }

  get membership(): GroupMembership | null {
    return this.#membership.membership;
  }

  get leaseMs(): number {
    return this.#membership.leaseMs;
  }

  async poll({ maxRecords, timeoutMs, signal }: Parameters<GroupConsumer['poll']>[0]): Promise<readonly RecordRead[]> {
    const deadline = performance.now() + timeoutMs;
    const records: RecordRead[] = [];
    this.#checkOpen();
    while (await this.#keepUp()) {
      const more =
        this.#joining === undefined && this.#fetcher.take(records, Math.min(maxRecords, records.length + SLICE));
      if (records.length >= maxRecords) break;
      if (more) await yieldToLoop();
      else if (records.length > 0 || !(await this.#wait(deadline, signal))) break;
    }
    this.#membership.touch();
    // Many polls that find their records here must not keep the event loop from everyone else.
    this.#sinceYield += records.length;
    if (this.#sinceYield >= SLICE) {
      this.#sinceYield = 0;
      await yieldToLoop();
    }
    return records;
  }

  async ready({ timeoutMs, signal }: Parameters<GroupConsumer['ready']>[0]): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    this.#checkOpen();
    while (await this.#keepUp()) {
      if (this.#joining === undefined && this.#fetcher.hasRecords) return true;
      if (!(await this.#wait(deadline, signal))) return false;
    }
    return false;
  }

  /** @returns false once the consumer is closed: there is nothing more to come */
  async #keepUp(): Promise<boolean> {
    this.#membership.touch();
    await this.#followGroup();
    if (this.#closed) return false;
    this.#lookAgain();
    return true;
  }

  /** Waits for records or for the group. @returns false if the time is up */
  async #wait(deadline: number, signal: AbortSignal | undefined): Promise<boolean> {
    const left = deadline - performance.now();
    if (left <= 0 || signal?.aborted) return false;
    // A join that is done in the meantime wakes us too.
    if (!this.#joining?.settled && this.#membership.state !== 'lost')
      await this.#fetcher.arrival(Math.min(left, 1_000), signal);
    return true;
  }

  async commit(offsets: readonly OffsetAndMetadata[]): Promise<void> {
    this.#checkOpen();
    if (offsets.length === 0) return;
    const { groupId } = this.#settings;
    const { state, membership } = this.#membership;
    if (!membership || (state !== 'stable' && state !== 'rebalancing')) {
      const reason = state === 'lost' ? this.#membership.reason : 'a rebalance is under way';
      throw new CommitFailedError(
        `Committing offsets of group ${groupId} failed: this consumer is no longer a member (${reason})`,
      );
    }
    const doing = `Committing offsets of group ${groupId}`;
    const refuse = (name: string) => {
      if (name === 'UNKNOWN_MEMBER_ID' || name === 'ILLEGAL_GENERATION' || name === 'FENCED_INSTANCE_ID')
        this.#membership.expelled(name);
      else if (name !== 'REBALANCE_IN_PROGRESS') return;
      throw new CommitFailedError(`${doing} failed: the group has moved on (${name})`, { code: name });
    };
    const patience = this.#cluster.patience(doing, this.#closing.signal);
    await commitOffsets(this.#cluster, this.#membership.connections, groupId, membership, offsets, patience, refuse);
  }

  seek(offsets: readonly TopicPartitionOffset[]): void {
    for (const offset of offsets) {
      if (!this.#assignment.some((assigned) => key(assigned) === key(offset)))
        throw new BrokerError(`Partition ${key(offset)} is not assigned to this consumer`, { code: 'NOT_ASSIGNED' });
      if (this.#fetcher.has(offset)) this.#fetcher.seek(offset);
      else this.#fetcher.add([offset]);
    }
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#fetcher.setPaused(partition, true);
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#fetcher.setPaused(partition, false);
  }

  lag(): ReturnType<GroupConsumer['lag']> {
    return this.#fetcher.lag();
  }

  async close(forGood = false): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#assignment = [];
    this.#fetcher.close();
    await this.#membership.close(forGood);
    this.#onClose();
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  #checkOpen(): void {
    if (this.#closed) throw new BrokerUnavailableError(`The consumer of group ${this.#settings.groupId} is closed`);
  }

  /** Goes through what the group wants: gives up partitions, joins, takes on what it is given. */
  async #followGroup(): Promise<void> {
    const membership = this.#membership;
    if (this.#joining?.settled) await this.#takePlace();
    if (membership.state === 'rebalancing') {
      if (this.#assignment.length > 0) await this.#options.onRevoked?.(this.#assignment);
      this.#giveUp();
    }
    if (membership.state === 'lost') {
      const lost = this.#assignment;
      this.#giveUp();
      if (lost.length > 0) await this.#options.onLost?.(lost);
    }
    if (this.#closed) return;
    // While we were still looking up offsets, the group has moved on: they are of no use any more.
    const overtaken = membership.state === 'rebalancing' || membership.state === 'lost';
    if (overtaken && this.#joining && !this.#joining.settled) this.#joining = undefined;
    if (!this.#joining && membership.state !== 'stable' && membership.state !== 'joining') this.#join();
  }

  #giveUp(): void {
    this.#assignment = [];
    this.#fetcher.clear();
  }

  #join(): void {
    const joining: Joining = { settled: false };
    this.#joining = joining;
    const done = (result: { place?: Place; error?: Error }) => {
      Object.assign(joining, result, { settled: true });
      this.#fetcher.wake();
    };
    this.#findPlace().then(
      (place) => done({ place }),
      (error: Error) => done({ error }),
    );
  }

  async #findPlace(): Promise<Place> {
    const { groupId, autoOffsetReset, isolation } = this.#settings;
    const joined = await this.#membership.join();
    this.#subscription.joined(joined.leader);
    const assignment = decodeAssignment(joined.assignment);
    if (assignment.length === 0) return { assignment, positions: [], committed: [] };
    const endless = (doing: string) => this.#cluster.patience(doing, this.#closing.signal, Number.POSITIVE_INFINITY);
    const { connections } = this.#membership;
    const doing = `Reading the offsets of group ${groupId}`;
    const committed = await fetchCommitted(this.#cluster, connections, groupId, assignment, endless(doing));
    const known = new Set(committed.map(key));
    const others = assignment.filter((partition) => !known.has(key(partition)));
    if (others.length === 0 || autoOffsetReset === 'none') return { assignment, positions: committed, committed };
    const timestamp = autoOffsetReset === 'earliest' ? EARLIEST : LATEST;
    const found = await lookUpOffsets(
      this.#cluster,
      others,
      timestamp,
      isolation,
      endless(`Finding where group ${groupId} starts`),
    );
    return { assignment, positions: [...committed, ...found], committed };
  }

  async #takePlace(): Promise<void> {
    const { place, error } = this.#joining!;
    this.#joining = undefined;
    if (this.#closed) return;
    if (error) {
      // The group has given us a place that we could not take.
      this.#membership.requestRejoin('the offsets could not be read');
      throw error;
    }
    // The group may have moved on already: what was assigned is never touched then.
    if (this.#membership.state === 'lost') return;
    const { assignment, positions, committed } = place!;
    this.#assignment = assignment;
    this.#fetcher.add(positions);
    if (assignment.length > 0) await this.#options.onAssigned?.(assignment, committed);
    const homeless = assignment.filter((partition) => !this.#fetcher.has(partition));
    if (homeless.length > 0 && this.#assignment === assignment)
      throw new BrokerError(
        `Group ${this.#settings.groupId} has no committed offset for ${homeless.map(key).join(', ')}, and auto.offset.reset is none`,
        { code: 'NO_OFFSET_FOR_PARTITION' },
      );
  }

  #lookAgain(): void {
    if (this.#membership.state !== 'stable') return;
    this.#subscription.lookAgain((reason) => {
      this.#membership.requestRejoin(reason);
    });
  }
}
