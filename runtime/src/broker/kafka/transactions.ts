/** A transactional producer's talk with its coordinator. One request at a time; each is repeated safely over faults. */
import type { API } from '@platformatic/kafka';
import type { TopicPartition, TopicPartitionOffset } from '@tributary/api';
import { CommitFailedError } from '../errors.ts';
import type { GroupMembership } from '../port.ts';
import type { Cluster, CoordinatorKind } from './cluster.ts';
import type { ConnectionSet } from './connection-set.ts';
import { askCoordinator, worstCode } from './coordinator-call.ts';
import { TransientFault } from './faults.ts';
import { addOffsetsToTxnV3, addPartitionsToTxnV3, endTxnV3, initProducerIdV4, txnOffsetCommitV3 } from './library.ts';

/** The coordinator is still writing the markers of the transaction before: usually a matter of milliseconds. */
const CONCURRENT_TRANSACTIONS_MS = [1, 1, 2, 4, 8, 16, 20] as const;

const MEMBERSHIP_LOST: ReadonlySet<string> = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID']);

export class Transactions {
  readonly #cluster: Cluster;
  readonly #connections: ConnectionSet;
  readonly #transactionalId: string;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal;
  #producerId = -1n;
  #epoch = -1;
  #partitions = new Set<string>();
  #groups = new Set<string>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    cluster: Cluster,
    connections: ConnectionSet,
    options: { readonly transactionalId: string; readonly timeoutMs: number; readonly signal: AbortSignal },
  ) {
    this.#cluster = cluster;
    this.#connections = connections;
    this.#transactionalId = options.transactionalId;
    this.#timeoutMs = options.timeoutMs;
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
    const doing = `Starting the transactional producer ${this.#transactionalId}`;
    const answer = await this.#ask(
      doing,
      'transaction',
      this.#transactionalId,
      initProducerIdV4.api,
      (response) => response.errorCode,
      [this.#transactionalId, this.#timeoutMs],
    );
    this.#producerId = answer.producerId;
    this.#epoch = answer.producerEpoch;
  }

  /** Makes the partitions part of the transaction. */
  addPartitions(partitions: readonly TopicPartition[]): Promise<void> {
    return this.#inTurn(async () => {
      const added = partitions.filter(({ topic, partition }) => !this.#partitions.has(`${topic}-${partition}`));
      if (added.length === 0) return;
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
  sendOffsets(offsets: readonly TopicPartitionOffset[], group: GroupMembership): Promise<void> {
    const doing = `Adding offsets of group ${group.groupId} to the transaction of ${this.#transactionalId}`;
    return this.#inTurn(async () => {
      if (!this.#groups.has(group.groupId)) {
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
      const topics = Map.groupBy(offsets, ({ topic }) => topic);
      await this.#ask(
        doing,
        'group',
        group.groupId,
        txnOffsetCommitV3.api,
        (response) =>
          worstCode(response.topics.flatMap((topic) => topic.partitions.map((partition) => partition.errorCode))),
        [
          this.#transactionalId,
          group.groupId,
          this.#producerId,
          this.#epoch,
          group.generation,
          group.memberId,
          group.groupInstanceId,
          [...topics].map(([name, list]) => ({
            name,
            partitions: list.map(({ partition, offset }) => ({
              partitionIndex: partition,
              committedOffset: BigInt(offset),
              committedLeaderEpoch: -1,
              committedMetadata: '',
            })),
          })),
        ],
      );
    });
  }

  /** Ends the transaction; nothing is asked of the broker if it is empty. */
  end(commit: boolean): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#partitions.size === 0 && this.#groups.size === 0) return;
      await this.#ask(
        `${commit ? 'Committing' : 'Aborting'} the transaction of ${this.#transactionalId}`,
        'transaction',
        this.#transactionalId,
        endTxnV3.api,
        (response) => response.errorCode,
        [this.#transactionalId, this.#producerId, this.#epoch, commit],
      );
      this.#partitions = new Set();
      this.#groups = new Set();
    });
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(action);
    this.#queue = turn.catch(() => {});
    return turn;
  }

  #ask<Arguments extends unknown[], Response>(
    doing: string,
    kind: CoordinatorKind,
    key: string,
    api: API<Arguments, Response>,
    codeOf: (response: Response) => number,
    args: Arguments,
  ): Promise<Response> {
    const refuse = (name: string, attempt: number) => {
      if (name === 'CONCURRENT_TRANSACTIONS') {
        const delayMs = CONCURRENT_TRANSACTIONS_MS[Math.min(attempt, CONCURRENT_TRANSACTIONS_MS.length - 1)]!;
        throw new TransientFault(name, { delayMs });
      }
      if (MEMBERSHIP_LOST.has(name)) throw new CommitFailedError(`${doing} failed: ${name}`, { code: name });
    };
    const patience = this.#cluster.patience(doing, this.#signal);
    return askCoordinator(this.#cluster, this.#connections, { kind, key, patience, codeOf, refuse }, api, ...args);
  }
}
