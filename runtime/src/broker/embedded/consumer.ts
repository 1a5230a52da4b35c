import type { OffsetAndMetadata, TopicPartition, TopicPartitionOffset } from '@tributary/api';
import { Signal } from '../../concurrency/signal.ts';
import { BrokerError, CommitFailedError } from '../errors.ts';
import type { GroupConsumer, GroupConsumerOptions, GroupMembership, RecordRead } from '../port.ts';
import type { Breather } from './breather.ts';
import { Fetcher } from './fetcher.ts';
import { keyOf, type Member } from './group.ts';
import type { Groups } from './groups.ts';
import type { Log } from './log.ts';

interface Held {
  readonly at: TopicPartition;
  fetcher: Fetcher;
  paused: boolean;
  /** No position yet: there is no committed offset, and autoOffsetReset is none. */
  unplaced: boolean;
}

export class EmbeddedConsumer implements GroupConsumer {
  readonly #log: Log;
  readonly #groups: Groups;
  readonly #breather: Breather;
  readonly #options: GroupConsumerOptions;
  readonly #onClose: (consumer: EmbeddedConsumer) => void;
  readonly #held = new Map<string, Held>();
  readonly #signal = new Signal();
  readonly #wake = (): void => this.#signal.set();
  #member: Member | null = null;
  #membership: GroupMembership | null = null;
  #pollTimer: NodeJS.Timeout | undefined;
  #polling = false;
  #polledAt = 0;
  #closed = false;
  /** Where the next poll starts among the partitions, so that none starves. */
  #turn = 0;

  constructor(
    log: Log,
    groups: Groups,
    breather: Breather,
    options: GroupConsumerOptions,
    onClose: (consumer: EmbeddedConsumer) => void,
  ) {
    this.#log = log;
    this.#groups = groups;
    this.#breather = breather;
    this.#options = options;
    this.#onClose = onClose;
  }

  get assignment(): readonly TopicPartition[] {
    return [...this.#held.values()].map(({ at }) => at);
  }

  get membership(): GroupMembership | null {
    return this.#membership;
  }

  get leaseMs(): number {
    if (!this.#member?.active) return 0;
    return this.#polling ? this.#maxPollMs : this.#maxPollMs - (performance.now() - this.#polledAt);
  }

  poll(options: {
    readonly maxRecords: number;
    readonly timeoutMs: number;
    readonly signal?: AbortSignal;
  }): Promise<readonly RecordRead[]> {
    return this.#alone(() => this.#poll(options));
  }

  ready({ timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal }): Promise<boolean> {
    return this.#alone(async () => {
      const end = performance.now() + timeoutMs;
      for (;;) {
        this.#refuseIfClosed();
        this.#signal.clear();
        await this.#settle();
        if (this.#readable().some(({ fetcher }) => fetcher.lag > 0)) return true;
        const left = end - performance.now();
        if (left <= 0 || signal?.aborted) return false;
        await this.#signal.wait(left, signal);
      }
    });
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    this.#refuseIfClosed();
    if (this.#polling) throw new BrokerError('A consumer is polled by one call at a time', { code: 'CONCURRENT_POLL' });
    this.#polling = true;
    clearTimeout(this.#pollTimer);
    try {
      return await work();
    } finally {
      this.#polling = false;
      this.#polledAt = performance.now();
      if (this.#member && !this.#closed) this.#watchPolls();
    }
  }

  async commit(offsets: readonly OffsetAndMetadata[]): Promise<void> {
    this.#refuseIfClosed();
    const member = this.#member;
    if (!member?.active) {
      throw new CommitFailedError(
        `This consumer is not a member of group ${this.#options.groupId} any more: its partitions went to others, since it did not poll within ${this.#maxPollMs} ms (max.poll.interval.ms)`,
        { code: 'UNKNOWN_MEMBER_ID' },
      );
    }
    for (const at of offsets) {
      if (member.heldByOther(at)) {
        throw new CommitFailedError(
          `${at.topic}-${at.partition} belongs to another member of group ${this.#options.groupId}`,
          { code: 'ILLEGAL_GENERATION' },
        );
      }
    }
    await this.#groups.store(this.#options.groupId, offsets);
  }

  seek(offsets: readonly TopicPartitionOffset[]): void {
    for (const at of offsets) {
      const held = this.#get(at);
      held.fetcher.seek(at.offset);
      held.unplaced = false;
    }
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) this.#get(at).paused = true;
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) this.#get(at).paused = false;
    this.#wake();
  }

  lag(): ReadonlyArray<TopicPartition & { readonly lag: number }> {
    return [...this.#held.values()].map(({ at, fetcher }) => ({ ...at, lag: fetcher.lag }));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#pollTimer);
    this.#member?.leave(this.#log.topics);
    this.#dropAll();
    this.#wake();
    this.#onClose(this);
  }

  get #maxPollMs(): number {
    return this.#options.maxPollIntervalMs ?? 300_000;
  }

  async #poll({
    maxRecords,
    timeoutMs,
    signal,
  }: {
    readonly maxRecords: number;
    readonly timeoutMs: number;
    readonly signal?: AbortSignal;
  }): Promise<RecordRead[]> {
    const end = performance.now() + timeoutMs;
    const records: RecordRead[] = [];
    if (this.#breather.due) await this.#breather.rest();
    for (;;) {
      this.#refuseIfClosed();
      this.#signal.clear();
      await this.#settle();
      this.#collect(records, maxRecords);
      const left = end - performance.now();
      if (records.length > 0 || left <= 0 || signal?.aborted) return records;
      await this.#signal.wait(left, signal);
    }
  }

  /** The partitions that are not paused, their positions put right. */
  #readable(): readonly Held[] {
    const all = [...this.#held.values()];
    for (const held of all) {
      if (held.fetcher.log.deleted) this.#renew(held);
      if (!held.paused && !held.unplaced && held.fetcher.outOfRange) this.#reset(held);
      if (!held.paused && held.unplaced) this.#refuseUnplaced(held);
    }
    return all.filter(({ paused }) => !paused);
  }

  #collect(records: RecordRead[], maxRecords: number): void {
    const readable = this.#readable();
    // Each batch in turn: a partition with much to read must not keep the others waiting.
    let idle = 0;
    while (idle < readable.length && records.length < maxRecords) {
      const { fetcher } = readable[this.#turn++ % readable.length]!;
      if (fetcher.take(records, maxRecords - records.length) === 0) idle++;
      else {
        idle = 0;
        if (this.#breather.due) return;
      }
    }
  }

  /** Joins the group, and goes through what it has changed, until the member holds what it can. */
  async #settle(): Promise<void> {
    if (this.#member?.fenced) {
      throw new BrokerError(
        `Another consumer of group ${this.#options.groupId} has taken over the group instance id ${this.#options.groupInstanceId}`,
        { code: 'FENCED_INSTANCE_ID' },
      );
    }
    if (this.#member && !this.#member.active) {
      const lost = this.assignment;
      this.#dropAll();
      this.#member = null;
      if (lost.length > 0) await this.#options.onLost?.(lost);
    }
    this.#member ??= this.#join();
    while (!this.#closed && this.#member.active && this.#member.unsettled) {
      const revoked = this.#member.toRevoke();
      if (revoked.length > 0) {
        await this.#options.onRevoked?.(revoked);
        for (const at of revoked) this.#drop(at);
        this.#member.release(revoked);
      }
      const assigned = this.#member.advance();
      this.#membership = {
        groupId: this.#options.groupId,
        memberId: this.#member.id,
        generation: this.#member.generation,
        groupInstanceId: this.#options.groupInstanceId ?? null,
      };
      await this.#take(assigned);
    }
  }

  #join(): Member {
    const { topics, topicsRegex, groupId, clientId, groupInstanceId = null } = this.#options;
    const whole = topicsRegex && new RegExp(`^(?:${topicsRegex.source})$`, topicsRegex.flags.replace(/[gy]/g, ''));
    return this.#groups.join(groupId, {
      clientId,
      groupInstanceId,
      matches: whole ? (topic) => whole.test(topic) : (topic) => topics!.includes(topic),
      wake: this.#wake,
    });
  }

  async #take(assigned: readonly TopicPartition[]): Promise<void> {
    const taken: TopicPartition[] = [];
    const known: OffsetAndMetadata[] = [];
    for (const at of assigned) {
      const log = this.#groups.partition(at);
      // The topic was deleted in between; the next round gives it up.
      if (!log) continue;
      const committed = this.#groups.committedAt(this.#options.groupId, at);
      const fetcher = new Fetcher(this.#log.storage, log, committed?.offset ?? 0);
      const held = { at, fetcher, paused: false, unplaced: false };
      if (committed === undefined) this.#reset(held);
      else known.push(committed);
      log.listen(this.#wake);
      this.#held.set(keyOf(at), held);
      taken.push(at);
    }
    if (taken.length > 0) await this.#options.onAssigned?.(taken, known);
  }

  /** The topic was deleted; one of the same name that has come meanwhile is read from its start. */
  #renew(held: Held): void {
    const log = this.#groups.partition(held.at);
    if (!log) return;
    held.fetcher.log.unlisten(this.#wake);
    log.listen(this.#wake);
    held.fetcher = new Fetcher(this.#log.storage, log, 0);
    this.#reset(held);
  }

  #reset(held: Held): void {
    const { log } = held.fetcher;
    const policy = this.#options.autoOffsetReset ?? 'earliest';
    if (policy === 'none') held.unplaced = true;
    else held.fetcher.seek(policy === 'earliest' ? log.begin : log.stable);
  }

  #refuseUnplaced({ at }: Held): never {
    throw new BrokerError(
      `Group ${this.#options.groupId} has no valid offset for ${at.topic}-${at.partition}, and auto.offset.reset is none`,
      { code: 'NO_OFFSET_FOR_PARTITION' },
    );
  }

  #watchPolls(): void {
    this.#pollTimer = setTimeout(() => this.#member?.leave(this.#log.topics), this.#maxPollMs);
    this.#pollTimer.unref();
  }

  #get(at: TopicPartition): Held {
    const held = this.#held.get(keyOf(at));
    if (!held) {
      throw new BrokerError(`${at.topic}-${at.partition} is not assigned to this consumer`, { code: 'NOT_ASSIGNED' });
    }
    return held;
  }

  #drop(at: TopicPartition): void {
    this.#held.get(keyOf(at))?.fetcher.log.unlisten(this.#wake);
    this.#held.delete(keyOf(at));
  }

  #dropAll(): void {
    for (const { at } of [...this.#held.values()]) this.#drop(at);
  }

  #refuseIfClosed(): void {
    if (this.#closed) throw new BrokerError('The consumer is closed', { code: 'CONSUMER_CLOSED' });
  }
}
