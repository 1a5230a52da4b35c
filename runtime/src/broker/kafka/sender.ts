/**
 * Sends the queued records of a producer. One request is under way per broker and records gather behind it, so that
 * a partition's batches follow one another: each is resent with its own sequence numbers until the broker has settled it, which
 * keeps order and lets the broker recognise what it has already.
 */
import { BrokerError, BrokerUnavailableError, RecordTooLargeError } from '../errors.ts';
import type { Cluster } from './cluster.ts';
import type { ConnectionSet } from './connection-set.ts';
import { errorName, isPassingError, refusal, TransientFault } from './faults.ts';
import type { BatchLimits, PartitionQueue, SendCall } from './partition-queue.ts';
import { type ProduceItem, produceApi } from './produce-api.ts';
import { backoffDelay, pause } from './retry.ts';
import type { Transactions } from './transactions.ts';

export interface SenderOptions {
  readonly transactionalId: string | null;
  readonly acks: number;
  readonly deliveryTimeoutMs: number;
  readonly lingerMs: number;
  /** Bytes of all batches of a request; a single larger one goes alone. */
  readonly requestBytes: number;
}

/** How long a topic may be missing from the metadata before its records fail. */
const MISSING_TOPIC_PATIENCE_MS = 2_000;

export class Sender {
  readonly #cluster: Cluster;
  readonly #connections: ConnectionSet;
  readonly #options: SenderOptions;
  readonly #limits: BatchLimits;
  readonly #transactions: Transactions | null;
  readonly #calls = new Set<SendCall>();
  /** Partitions with something to send, in the order in which they get their turn. */
  readonly #active = new Set<PartitionQueue>();
  readonly #busyNodes = new Set<number>();
  readonly #missingSince = new Map<string, number>();
  readonly #closing = new AbortController();
  #idle: (() => void)[] = [];
  #scheduled = false;
  #waitingForLeaders = false;
  #deliveryTimer: NodeJS.Timeout | undefined;
  #error: Error | undefined;

  constructor(
    cluster: Cluster,
    connections: ConnectionSet,
    limits: BatchLimits,
    options: SenderOptions,
    transactions: Transactions | null,
  ) {
    this.#cluster = cluster;
    this.#connections = connections;
    this.#limits = limits;
    this.#options = options;
    this.#transactions = transactions;
  }

  /** Why the producer is broken, if it is. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Calls that are not settled. */
  get pending(): number {
    return this.#calls.size;
  }

  /** Takes on a call whose records are in the queues already. */
  enqueue(call: SendCall, queues: Iterable<PartitionQueue>): void {
    this.#calls.add(call);
    for (const queue of queues) this.#active.add(queue);
    if (this.#options.deliveryTimeoutMs !== Number.POSITIVE_INFINITY) this.#watchDelivery();
    this.#schedule();
  }

  /** Resolves when no call is pending, whether they succeeded or failed. */
  drained(): Promise<void> {
    if (this.#calls.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Forgets what is in no batch yet, failing its calls, and waits until the broker has settled the rest. */
  async dropWaiting(error: Error): Promise<void> {
    for (const queue of this.#active) {
      for (const call of queue.dropWaiting()) {
        this.#calls.delete(call);
        call.fail(error);
      }
    }
    while (this.#error === undefined && [...this.#active].some((queue) => queue.started)) {
      await Promise.race([this.#nextSettled(), pause(50)]);
    }
    this.#signalIdle();
  }

  /** Fails every call now and later. */
  fail(error: Error): void {
    if (this.#error) return;
    this.#error = error;
    this.#closing.abort();
    clearTimeout(this.#deliveryTimer);
    const calls = [...this.#calls];
    this.#calls.clear();
    this.#active.clear();
    for (const call of calls) call.fail(error);
    this.#signalIdle();
  }

  #settledWaiters: (() => void)[] = [];

  #nextSettled(): Promise<void> {
    return new Promise((resolve) => this.#settledWaiters.push(resolve));
  }

  #signalSettled(): void {
    const waiters = this.#settledWaiters;
    this.#settledWaiters = [];
    for (const resolve of waiters) resolve();
  }

  #signalIdle(): void {
    this.#signalSettled();
    if (this.#calls.size > 0) return;
    const idle = this.#idle;
    this.#idle = [];
    for (const resolve of idle) resolve();
  }

  #schedule(): void {
    if (this.#scheduled || this.#error) return;
    this.#scheduled = true;
    const pump = () => {
      this.#scheduled = false;
      this.#pump();
    };
    if (this.#options.lingerMs > 0) setTimeout(pump, this.#options.lingerMs);
    else setImmediate(pump);
  }

  #pump(): void {
    if (this.#error) return;
    const ready = new Map<number, PartitionQueue[]>();
    const leaderless: PartitionQueue[] = [];
    for (const queue of this.#active) {
      if (queue.empty) this.#active.delete(queue);
      else if (!queue.busy) {
        const leader = this.#cluster.cached(queue.topic)?.partitions[queue.partition]?.leader ?? -1;
        if (leader < 0) leaderless.push(queue);
        else if (!this.#busyNodes.has(leader)) {
          const queues = ready.get(leader);
          if (queues) queues.push(queue);
          else ready.set(leader, [queue]);
        }
      }
    }
    for (const [node, queues] of ready) void this.#serve(node, queues);
    if (leaderless.length > 0 && !this.#waitingForLeaders) void this.#findLeaders();
  }

  async #findLeaders(): Promise<void> {
    this.#waitingForLeaders = true;
    const { backoff } = this.#cluster.settings;
    try {
      for (let attempt = 0; !this.#error; attempt++) {
        const topics = new Set<string>();
        for (const queue of this.#active) {
          const leader = this.#cluster.cached(queue.topic)?.partitions[queue.partition]?.leader ?? -1;
          if (leader < 0) topics.add(queue.topic);
        }
        if (topics.size === 0) break;
        await this.#refresh(topics);
        await pause(backoffDelay(backoff, attempt), this.#closing.signal);
        this.#schedule();
      }
    } catch (error) {
      this.fail(error as Error);
    } finally {
      this.#waitingForLeaders = false;
    }
  }

  /** @throws BrokerError for a topic that is gone */
  async #refresh(topics: Iterable<string>): Promise<void> {
    const names = [...topics];
    try {
      await this.#cluster.refresh(names);
    } catch (error) {
      if (error instanceof TransientFault) return;
      throw error;
    }
    for (const name of names) {
      this.#cluster.checkAllowed(name, `Producing to topic ${name}`);
      if (this.#cluster.cached(name)) this.#missingSince.delete(name);
      else {
        const since = this.#missingSince.get(name) ?? performance.now();
        this.#missingSince.set(name, since);
        if (performance.now() - since > MISSING_TOPIC_PATIENCE_MS)
          throw new BrokerError(`Producing failed: topic ${name} does not exist any more`, {
            code: 'UNKNOWN_TOPIC_OR_PARTITION',
          });
      }
    }
  }

  /** Sends to one broker until it has nothing more to do there. */
  async #serve(node: number, queues: readonly PartitionQueue[]): Promise<void> {
    this.#busyNodes.add(node);
    const items: ProduceItem[] = [];
    try {
      let bytes = 0;
      for (const queue of queues) {
        if (bytes >= this.#options.requestBytes) break;
        const batch = queue.next(this.#limits);
        queue.busy = true;
        bytes += batch.bytes.length;
        items.push({ queue, batch });
      }
      await this.#deliver(node, items);
    } catch (error) {
      this.fail(error as Error);
    } finally {
      this.#busyNodes.delete(node);
      for (const { queue } of items) {
        queue.busy = false;
        // To the end of the line.
        if (this.#active.delete(queue) && !queue.empty) this.#active.add(queue);
      }
      if (this.#active.size > 0) this.#schedule();
      this.#signalIdle();
    }
  }

  /** One request, repeated only through the metadata: a partition's leader may be another by then. */
  async #deliver(node: number, items: readonly ProduceItem[]): Promise<void> {
    let fault: string | undefined;
    const { settings } = this.#cluster;
    try {
      await this.#transactions?.addPartitions(items.map(({ queue }) => queue));
      const connection = await this.#connections.get(node);
      const { transactionalId, acks } = this.#options;
      const response = await connection.call(produceApi, transactionalId, acks, settings.requestTimeoutMs, items);
      if (this.#error) return;
      const answers = new Map<
        string,
        { errorCode: number; baseOffset: bigint; errorMessage?: string | null | undefined }
      >();
      for (const { name, partitionResponses } of response.responses)
        for (const answer of partitionResponses) answers.set(`${name}-${answer.index}`, answer);
      for (const { queue } of items) {
        const answer = answers.get(`${queue.topic}-${queue.partition}`);
        if (answer)
          fault =
            this.#settle(queue, answer.errorCode, Number(answer.baseOffset), answer.errorMessage ?? null) ?? fault;
        else fault = 'the answer lacks a partition';
      }
    } catch (error) {
      if (!(error instanceof TransientFault)) throw error;
      fault = error.message;
    }
    if (fault === undefined) this.#faults.delete(node);
    else await this.#waitAfter(node, fault, items);
  }

  readonly #faults = new Map<number, number>();

  async #waitAfter(node: number, fault: string, items: readonly ProduceItem[]): Promise<void> {
    const attempt = this.#faults.get(node) ?? 0;
    this.#faults.set(node, attempt + 1);
    this.#checkDelivery(fault);
    await pause(backoffDelay(this.#cluster.settings.backoff, attempt), this.#closing.signal);
    if (!this.#error) await this.#refresh(new Set(items.map(({ queue }) => queue.topic)));
  }

  /** @returns what went wrong if the batch must be sent again */
  #settle(queue: PartitionQueue, code: number, baseOffset: number, detail: string | null): string | undefined {
    const name = errorName(code);
    // The broker had the batch already: an earlier request arrived whose answer did not.
    if (code === 0 || name === 'DUPLICATE_SEQUENCE_NUMBER') {
      for (const call of queue.acknowledge(code === 0 ? baseOffset : -1)) this.#calls.delete(call);
      return undefined;
    }
    const where = `${queue.topic}-${queue.partition}`;
    if (name === 'MESSAGE_TOO_LARGE' || name === 'RECORD_LIST_TOO_LARGE') {
      const size = queue.next(this.#limits).bytes.length;
      if (queue.split(this.#limits)) return undefined;
      throw new RecordTooLargeError(
        `A record of ${size} bytes for topic ${queue.topic} is larger than the topic allows: raise the topic's max.message.bytes (or the broker's message.max.bytes) or compress the records`,
        { code: name },
      );
    }
    if (isPassingError(name)) return `partition ${where}: ${name}`;
    throw refusal(`Producing to partition ${where}`, name, detail);
  }

  #watchDelivery(): void {
    if (this.#deliveryTimer || this.#error) return;
    const every = Math.max(10, Math.min(1_000, this.#options.deliveryTimeoutMs / 4));
    this.#deliveryTimer = setTimeout(() => {
      this.#deliveryTimer = undefined;
      this.#checkDelivery('no answer yet');
      if (this.#calls.size > 0) this.#watchDelivery();
    }, every);
  }

  #checkDelivery(fault: string): void {
    const [oldest] = this.#calls;
    if (!oldest || performance.now() - oldest.startedAt < this.#options.deliveryTimeoutMs) return;
    this.fail(
      new BrokerUnavailableError(
        `Records were not delivered within ${this.#options.deliveryTimeoutMs} ms (delivery.timeout.ms): ${fault}`,
      ),
    );
  }
}
