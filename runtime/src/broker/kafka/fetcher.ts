/**
 * Reads partitions ahead of whoever takes the records. Per broker one request is under way, and a second one where partitions
 * could be read that the first does not ask for: it may be waiting long for others that have nothing new.
 */
import type { TopicPartition, TopicPartitionOffset } from '@tributary/api';
import { BrokerError } from '../errors.ts';
import type { Isolation, RecordRead } from '../port.ts';
import type { Cluster } from './cluster.ts';
import type { ConnectionSet } from './connection-set.ts';
import { errorName, isPassingError, refusal, TransientFault } from './faults.ts';
import { type FetchAnswer, type FetchedPartition, fetchApi } from './fetch-api.ts';
import { type Asked, type FetchSlot, FetchSlots, type FetchWaits, REQUESTS_PER_NODE } from './fetch-slots.ts';
import { EARLIEST, LATEST, lookUpOffsets } from './offset-lookup.ts';
import { PartitionFetch } from './partition-fetch.ts';
import { backoffDelay, pause } from './retry.ts';

export type OffsetReset = 'earliest' | 'latest' | 'none';

export interface FetcherOptions extends FetchWaits {
  readonly clientId: string;
  readonly isolation: Isolation;
  readonly offsetReset: OffsetReset;
  readonly maxBufferedBytes: number;
  readonly maxPartitionBytes: number;
  readonly maxBytes: number;
  readonly minBytes: number;
  readonly checkCrcs: boolean;
}

export class Fetcher {
  readonly #cluster: Cluster;
  readonly #options: FetcherOptions;
  /** One set of connections for each request to a broker. */
  readonly #connections: readonly ConnectionSet[];
  readonly #states = new Map<string, PartitionFetch>();
  readonly #slots: FetchSlots;
  readonly #resting = new Set<number>();
  readonly #faults = new Map<number, number>();
  readonly #closing = new AbortController();
  #buffered = 0;
  #reserved = 0;
  #error: Error | undefined;
  readonly #waiters = new Set<() => void>();
  #findingLeaders = false;
  #scheduled = false;

  constructor(cluster: Cluster, options: FetcherOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#slots = new FetchSlots(options);
    const timeoutMs = cluster.settings.requestTimeoutMs + options.idleWaitMs;
    this.#connections = Array.from({ length: REQUESTS_PER_NODE }, () =>
      cluster.connectionSet(options.clientId, timeoutMs),
    );
  }

  get partitions(): readonly TopicPartition[] {
    return [...this.#states.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  /** Starts to read these partitions too. */
  add(offsets: readonly TopicPartitionOffset[]): void {
    for (const { topic, partition, offset } of offsets) {
      this.remove([{ topic, partition }]);
      this.#states.set(`${topic}-${partition}`, new PartitionFetch(topic, partition, offset));
    }
    this.#schedule();
  }

  remove(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      const key = `${topic}-${partition}`;
      const state = this.#states.get(key);
      if (!state) continue;
      this.#buffered -= state.discard();
      this.#states.delete(key);
    }
    this.#schedule();
  }

  clear(): void {
    this.remove(this.partitions);
  }

  has({ topic, partition }: TopicPartition): boolean {
    return this.#states.has(`${topic}-${partition}`);
  }

  seek({ topic, partition, offset }: TopicPartitionOffset): void {
    const state = this.#states.get(`${topic}-${partition}`);
    if (!state) return;
    this.#buffered -= state.discard();
    state.seek(offset);
    this.#schedule();
  }

  setPaused({ topic, partition }: TopicPartition, paused: boolean): void {
    const state = this.#states.get(`${topic}-${partition}`);
    if (!state) return;
    state.paused = paused;
    this.#schedule();
    if (!paused && state.hasRecords) this.#wake();
  }

  /** The next offset to be handed out. */
  position({ topic, partition }: TopicPartition): number | undefined {
    return this.#states.get(`${topic}-${partition}`)?.position;
  }

  /** Whether `take` has something to give or to throw. */
  get hasRecords(): boolean {
    if (this.#error) return true;
    for (const state of this.#states.values()) if (!state.paused && state.hasRecords) return true;
    return false;
  }

  lag(): (TopicPartition & { lag: number })[] {
    const lags: (TopicPartition & { lag: number })[] = [];
    for (const { topic, partition, position, end } of this.#states.values()) {
      if (end !== undefined) lags.push({ topic, partition, lag: Math.max(0, end - position) });
    }
    return lags;
  }

  /**
   * Appends up to `max` records that are here already to `out`.
   * @returns whether more may be here
   * @throws BrokerError for what no retry cures, once
   */
  take(out: RecordRead[], max: number): boolean {
    if (this.#error) {
      const error = this.#error;
      this.#error = undefined;
      this.#schedule();
      throw error;
    }
    let more = false;
    for (const [key, state] of [...this.#states]) {
      if (state.paused || !state.hasRecords) continue;
      if (out.length >= max) {
        more = true;
        break;
      }
      this.#buffered -= state.take(out, max);
      if (state.hasRecords) more = true;
      // To the end of the line, so that every partition has its turn.
      this.#states.delete(key);
      this.#states.set(key, state);
    }
    this.#schedule();
    return more;
  }

  /** Resolves when there may be something new to take, after `ms`, or when `signal` aborts. */
  arrival(ms: number, signal?: AbortSignal): Promise<void> {
    if (this.#error || ms <= 0 || signal?.aborted || this.#closing.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiters.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waiters.add(done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  /** Ends waiting in `arrival`. */
  wake(): void {
    this.#wake();
  }

  close(): void {
    this.#closing.abort();
    for (const connections of this.#connections) connections.close();
    this.#states.clear();
    this.#wake();
  }

  #wake(): void {
    for (const done of [...this.#waiters]) done();
  }

  #schedule(): void {
    if (this.#scheduled || this.#closing.signal.aborted) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#closing.signal.aborted) this.#pump();
    });
  }

  #pump(): void {
    const ready = new Map<number, PartitionFetch[]>();
    let leaderless = false;
    for (const state of this.#states.values()) {
      if (state.paused || state.busy || state.buffered >= this.#options.maxPartitionBytes) continue;
      const leader = this.#leader(state);
      if (leader < 0) leaderless = true;
      else {
        const states = ready.get(leader);
        if (states) states.push(state);
        else ready.set(leader, [state]);
      }
    }
    for (const [node, states] of ready) {
      if (this.#resting.has(node)) continue;
      const slot = this.#slots.free(node);
      if (!slot) continue;
      const room = this.#options.maxBufferedBytes - this.#buffered - this.#reserved;
      // Small fetches are dear; with nothing in hand one is made in any case.
      if (room < Math.min(65_536, this.#options.maxBufferedBytes / 4) && this.#buffered + this.#reserved > 0) continue;
      void this.#fetch(node, slot, states, Math.max(room, 1));
    }
    if (leaderless && !this.#findingLeaders) void this.#findLeaders();
  }

  #leader({ topic, partition }: TopicPartition): number {
    return this.#cluster.cached(topic)?.partitions[partition]?.leader ?? -1;
  }

  async #findLeaders(): Promise<void> {
    this.#findingLeaders = true;
    const { signal } = this.#closing;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const topics = new Set<string>();
      for (const state of this.#states.values()) if (this.#leader(state) < 0) topics.add(state.topic);
      if (topics.size === 0) break;
      await this.#refresh(topics);
      this.#schedule();
      await pause(backoffDelay(this.#cluster.settings.backoff, attempt), signal);
    }
    this.#findingLeaders = false;
    this.#schedule();
  }

  async #refresh(topics: Iterable<string>): Promise<void> {
    const names = [...topics];
    try {
      await this.#cluster.refresh(names);
      for (const name of names) this.#cluster.checkAllowed(name, `Reading topic ${name}`);
    } catch (error) {
      if (!(error instanceof TransientFault)) this.#fail(error as Error);
    }
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#wake();
  }

  async #fetch(node: number, slot: FetchSlot, states: readonly PartitionFetch[], room: number): Promise<void> {
    const { maxPartitionBytes, minBytes, isolation } = this.#options;
    const maxBytes = Math.min(this.#options.maxBytes, room);
    const asked: Asked[] = states.map((state) => ({ state, version: state.version, offset: state.fetchOffset }));
    // What has nothing new needs no room until it has.
    const behind = states.filter(({ fetchOffset, end }) => end === undefined || fetchOffset < end).length;
    const reserved = Math.min(maxBytes, behind * maxPartitionBytes);
    const waitMs = slot.begin(asked);
    for (const state of states) state.busy = true;
    this.#reserved += reserved;
    let fault: string | undefined;
    try {
      const connection = await this.#connections[slot.number]!.get(node);
      const topics = Map.groupBy(asked, ({ state }) => state.topic);
      const answer = await connection.call(
        fetchApi,
        waitMs,
        minBytes,
        maxBytes,
        isolation === 'read_committed' ? 1 : 0,
        0,
        -1,
        [...topics].map(([topicId, list]) => ({
          topicId,
          partitions: list.map(({ state, offset }) => ({
            partition: state.partition,
            currentLeaderEpoch: -1,
            fetchOffset: BigInt(offset),
            lastFetchedEpoch: -1,
            partitionMaxBytes: maxPartitionBytes,
          })),
        })),
        [],
        '',
      );
      fault = this.#accept(answer, asked);
      slot.answered(answer.partitions.some(({ records }) => records.length > 0));
    } catch (error) {
      if (error instanceof TransientFault) fault = error.message;
      else this.#fail(error as Error);
    }
    this.#reserved -= reserved;
    for (const { state, version } of asked) if (state.version === version) state.busy = false;
    slot.end();
    if (this.#closing.signal.aborted) return;
    if (fault === undefined && !this.#error) this.#faults.delete(node);
    else await this.#rest(node, states);
    this.#schedule();
  }

  async #rest(node: number, states: readonly PartitionFetch[]): Promise<void> {
    if (this.#resting.has(node)) return;
    this.#resting.add(node);
    const attempt = this.#faults.get(node) ?? 0;
    this.#faults.set(node, attempt + 1);
    await pause(backoffDelay(this.#cluster.settings.backoff, attempt), this.#closing.signal);
    if (!this.#closing.signal.aborted) await this.#refresh(new Set(states.map(({ topic }) => topic)));
    this.#resting.delete(node);
  }

  /** @returns what went wrong and may pass */
  #accept(answer: FetchAnswer, asked: readonly Asked[]): string | undefined {
    if (answer.errorCode !== 0) return errorName(answer.errorCode);
    const open = new Map(asked.map((item) => [`${item.state.topic}-${item.state.partition}`, item]));
    let fault: string | undefined;
    for (const fetched of answer.partitions) {
      const item = open.get(`${fetched.topic}-${fetched.partition}`);
      if (!item || item.state.version !== item.version) continue;
      if (fetched.errorCode !== 0) fault = this.#refused(item, errorName(fetched.errorCode)) ?? fault;
      else this.#store(item.state, fetched);
    }
    return fault;
  }

  #store(state: PartitionFetch, fetched: FetchedPartition): void {
    const committed = this.#options.isolation === 'read_committed';
    state.end = committed ? fetched.lastStableOffset : fetched.highWatermark;
    const bytes = state.store(fetched, committed, this.#options.checkCrcs);
    if (bytes === 0) return;
    this.#buffered += bytes;
    this.#wake();
  }

  /** @returns what went wrong if it may pass */
  #refused({ state, version }: Asked, name: string): string | undefined {
    const where = `${state.topic}-${state.partition}`;
    if (name === 'OFFSET_OUT_OF_RANGE') {
      const { offsetReset } = this.#options;
      if (offsetReset === 'none') {
        this.#fail(
          new BrokerError(
            `Offset ${state.fetchOffset} of partition ${where} does not exist (any more), and auto.offset.reset is none`,
            { code: name },
          ),
        );
        return undefined;
      }
      void this.#reset(state, version, offsetReset);
      return undefined;
    }
    if (isPassingError(name)) return `partition ${where}: ${name}`;
    this.#fail(refusal(`Reading partition ${where}`, name));
    return undefined;
  }

  async #reset(state: PartitionFetch, version: number, to: 'earliest' | 'latest'): Promise<void> {
    const next = version + 1;
    state.version = next;
    state.busy = true;
    const { topic, partition } = state;
    try {
      const patience = this.#cluster.patience(
        `Resetting the offset of ${topic}-${partition}`,
        this.#closing.signal,
        Infinity,
      );
      const timestamp = to === 'earliest' ? EARLIEST : LATEST;
      const [found] = await lookUpOffsets(this.#cluster, [state], timestamp, this.#options.isolation, patience);
      if (state.version !== next) return;
      state.reset(found!.offset);
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#fail(error as Error);
    }
    if (state.version === next) state.busy = false;
    this.#schedule();
  }
}
