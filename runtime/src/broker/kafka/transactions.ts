/** A transactional producer's talk with its coordinator. One request at a time; each is repeated safely over faults. */
import type { API } from '@platformatic/kafka';
import type { OffsetAndMetadata, TopicPartition } from '@tributary/api';
import { Queue } from '../../concurrency/queue.ts';
import { BrokerError, CommitFailedError, ProducerFencedError } from '../errors.ts';
import type { GroupMembership } from '../port.ts';
import type { Cluster, CoordinatorKind } from './cluster.ts';
import type { ConnectionSet } from './connection-set.ts';
import { askCoordinator, worstCode, worstOfTopics } from './coordinator-call.ts';
import { errorName, TransientFault } from './faults.ts';
import { topicsToCommit } from './group-offset-calls.ts';
import {
  addOffsetsToTxnV3,
  addPartitionsToTxnV3,
  describeTransactionsV0,
  endTxnV3,
  initProducerIdV4,
  txnOffsetCommitV3,
} from './library.ts';
import { backoffDelay, pause } from './retry.ts';
import { recoveryStep, type SeenTransaction } from './transaction-recovery.ts';

/** The coordinator is still writing the markers of the transaction before: usually a matter of milliseconds. */
const CONCURRENT_TRANSACTIONS_MS = [1, 1, 2, 4, 8, 16, 20] as const;

const MEMBERSHIP_LOST: ReadonlySet<string> = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID']);

const isUnknown = (code: number): boolean => errorName(code) === 'TRANSACTIONAL_ID_NOT_FOUND';

export interface TransactionsOptions {
  readonly transactionalId: string;
  /** After this the coordinator ends a transaction. */
  readonly timeoutMs: number;
  /** How long a request may take, repetitions included. */
  readonly blockMs: number;
  readonly signal: AbortSignal;
}

export class Transactions {
  readonly #cluster: Cluster;
  readonly #connections: ConnectionSet;
  readonly #transactionalId: string;
  readonly #timeoutMs: number;
  readonly #blockMs: number;
  readonly #signal: AbortSignal;
  #mayBeOpen = false;
  #producerId = -1n;
  #epoch = -1;
  #partitions = new Set<string>();
  #groups = new Set<string>();
  readonly #line = new Queue();

  constructor(cluster: Cluster, connections: ConnectionSet, options: TransactionsOptions) {
    this.#cluster = cluster;
    this.#connections = connections;
    this.#transactionalId = options.transactionalId;
    this.#timeoutMs = options.timeoutMs;
    this.#blockMs = options.blockMs;
    this.#signal = options.signal;
  }

  get producerId(): bigint {
    return this.#producerId;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Fences earlier producers with the id, and waits until what they had open is aborted. */
  async init(): Promise<void> {
    await this.#start(
      `Starting the transactional producer ${this.#transactionalId}`,
      this.#cluster.settings.apiTimeoutMs,
    );
  }

  /**
   * Takes over from an earlier producer of the same client that is broken; what that had open is aborted.
   * @throws ProducerFencedError if another client has taken over the id, BrokerUnavailableError
   */
  async recover(from: Transactions): Promise<void> {
    const doing = `Starting the transactional producer ${this.#transactionalId} anew`;
    this.#producerId = from.#producerId;
    this.#epoch = from.#epoch;
    for (let attempt = 0; ; attempt++) {
      const own = { producerId: this.#producerId, epoch: this.#epoch, mayBeOpen: from.#mayBeOpen };
      const step = recoveryStep(own, await this.#describe(doing));
      if (step.type === 'fenced')
        throw new ProducerFencedError(`${doing} failed: another producer has taken over the transactional id`, {
          code: 'PRODUCER_FENCED',
        });
      // Without an end: after one whose answer is lost, nobody could tell our new epoch from another client's.
      if (step.type === 'start') return this.#start(doing, Number.POSITIVE_INFINITY, this.#producerId, step.epoch);
      if (step.type === 'abort') await this.#abortOpen();
      await pause(backoffDelay(this.#cluster.settings.backoff, attempt), this.#signal);
    }
  }

  async #describe(doing: string): Promise<SeenTransaction | null> {
    const { transactionStates } = await this.#ask(
      doing,
      'transaction',
      this.#transactionalId,
      describeTransactionsV0.api,
      ({ transactionStates: [state] }) => (isUnknown(state?.errorCode ?? 0) ? 0 : state!.errorCode),
      [[this.#transactionalId]],
      this.#cluster.settings.apiTimeoutMs,
    );
    const { errorCode, producerId, producerEpoch: epoch, transactionState: state } = transactionStates[0]!;
    return isUnknown(errorCode) ? null : { producerId, epoch, state };
  }

  /** @param after the producer id and epoch of an earlier incarnation, after which nobody else may have started */
  async #start(doing: string, timeoutMs: number, ...after: [] | [producerId: bigint, epoch: number]): Promise<void> {
    const answer = await this.#ask(
      doing,
      'transaction',
      this.#transactionalId,
      initProducerIdV4.api,
      (response) => response.errorCode,
      [this.#transactionalId, this.#timeoutMs, ...after],
      timeoutMs,
    );
    this.#producerId = answer.producerId;
    this.#epoch = answer.producerEpoch;
  }

  /** Aborts what an earlier incarnation has open. If that is not to be had, the next look at it tells why. */
  async #abortOpen(): Promise<void> {
    try {
      await this.#end(false);
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
    }
  }

  /** Makes the partitions part of the transaction. */
  addPartitions(partitions: readonly TopicPartition[]): Promise<void> {
    return this.#line.run(async () => {
      const added = partitions.filter(({ topic, partition }) => !this.#partitions.has(`${topic}-${partition}`));
      if (added.length === 0) return;
      this.#mayBeOpen = true;
      const topics = Map.groupBy(added, ({ topic }) => topic);
      const transaction = {
        transactionalId: this.#transactionalId,
        producerId: this.#producerId,
        producerEpoch: this.#epoch,
        verifyOnly: false,
        topics: [...topics].map(([name, list]) => ({ name, partitions: list.map(({ partition }) => partition) })),
      };
      await this.#ask(
        `Adding partitions to the transaction of ${this.#transactionalId}`,
        'transaction',
        this.#transactionalId,
        addPartitionsToTxnV3.api,
        (response) =>
          response.errorCode ||
          worstCode(
            response.resultsByTransaction.flatMap(({ topicResults }) =>
              topicResults.flatMap((topic) => topic.resultsByPartition.map((result) => result.partitionErrorCode)),
            ),
          ),
        [[transaction]],
      );
      for (const { topic, partition } of added) this.#partitions.add(`${topic}-${partition}`);
    });
  }

  /** @throws CommitFailedError if the group has moved on; the transaction can still be aborted */
  sendOffsets(offsets: readonly OffsetAndMetadata[], group: GroupMembership): Promise<void> {
    const doing = `Adding offsets of group ${group.groupId} to the transaction of ${this.#transactionalId}`;
    return this.#line.run(async () => {
      if (!this.#groups.has(group.groupId)) {
        this.#mayBeOpen = true;
        await this.#ask(
          doing,
          'transaction',
          this.#transactionalId,
          addOffsetsToTxnV3.api,
          (response) => response.errorCode,
          [this.#transactionalId, this.#producerId, this.#epoch, group.groupId],
        );
        this.#groups.add(group.groupId);
      }
      await this.#ask(
        doing,
        'group',
        group.groupId,
        txnOffsetCommitV3.api,
        (response) => worstOfTopics(response.topics),
        [
          this.#transactionalId,
          group.groupId,
          this.#producerId,
          this.#epoch,
          group.generation,
          group.memberId,
          group.groupInstanceId,
          topicsToCommit(offsets),
        ],
      );
    });
  }

  /** Ends the transaction; nothing is asked of the broker if it is empty. */
  end(commit: boolean): Promise<void> {
    return this.#line.run(async () => {
      if (this.#partitions.size === 0 && this.#groups.size === 0) return;
      await this.#end(commit);
      this.#mayBeOpen = false;
      this.#partitions = new Set();
      this.#groups = new Set();
    });
  }

  async #end(commit: boolean): Promise<void> {
    await this.#ask(
      `${commit ? 'Committing' : 'Aborting'} the transaction of ${this.#transactionalId}`,
      'transaction',
      this.#transactionalId,
      endTxnV3.api,
      (response) => response.errorCode,
      [this.#transactionalId, this.#producerId, this.#epoch, commit],
    );
  }

  #ask<Arguments extends unknown[], Response>(
    doing: string,
    kind: CoordinatorKind,
    key: string,
    api: API<Arguments, Response>,
    codeOf: (response: Response) => number,
    args: Arguments,
    timeoutMs: number = this.#blockMs,
  ): Promise<Response> {
    const refuse = (name: string, attempt: number) => {
      if (name === 'CONCURRENT_TRANSACTIONS') {
        const delayMs = CONCURRENT_TRANSACTIONS_MS[Math.min(attempt, CONCURRENT_TRANSACTIONS_MS.length - 1)]!;
        throw new TransientFault(name, { delayMs });
      }
      if (MEMBERSHIP_LOST.has(name)) throw new CommitFailedError(`${doing} failed: ${name}`, { code: name });
    };
    const patience = this.#cluster.patience(doing, this.#signal, timeoutMs);
    return askCoordinator(this.#cluster, this.#connections, { kind, key, patience, codeOf, refuse }, api, ...args);
  }
}
