/** Committed offsets of a group, as read and written by its members and from outside. */

import type { OffsetAndMetadata, TopicPartition } from '@tributary/api';
import type { Cluster } from './cluster.ts';
import type { Connections } from './connection-pool.ts';
import { askCoordinator, worstOfTopics } from './coordinator-call.ts';
import { offsetCommitV8, offsetFetchV7 } from './library.ts';
import type { RetryOptions } from './retry.ts';

/** @param partitions null: all. @returns only partitions with an offset */
export async function fetchCommitted(
  cluster: Cluster,
  connections: Pick<Connections, 'get'>,
  groupId: string,
  partitions: readonly TopicPartition[] | null,
  patience: RetryOptions,
): Promise<OffsetAndMetadata[]> {
  const topics = partitions && [...Map.groupBy(partitions, ({ topic }) => topic)];
  const request = {
    groupId,
    topics: topics?.map(([name, list]) => ({ name, partitionIndexes: list.map(({ partition }) => partition) })) ?? null,
  };
  const response = await askCoordinator(
    cluster,
    connections,
    {
      kind: 'group',
      key: groupId,
      patience,
      codeOf: (answer) => answer.errorCode || worstOfTopics(answer.topics),
    },
    offsetFetchV7.api,
    [request],
    // Offsets of a transaction that is just ending are waited for (KIP-447).
    true,
  );
  return response.topics.flatMap(({ name, partitions: found }) =>
    found
      .filter(({ committedOffset }) => committedOffset >= 0n)
      .map(({ partitionIndex, committedOffset, metadata }) => ({
        topic: name,
        partition: partitionIndex,
        offset: Number(committedOffset),
        ...(metadata && { metadata }),
      })),
  );
}

/** Offsets as requests to commit them want them. */
export function topicsToCommit(offsets: readonly OffsetAndMetadata[]) {
  return [...Map.groupBy(offsets, ({ topic }) => topic)].map(([name, list]) => ({
    name,
    partitions: list.map(({ partition, offset, metadata = '' }) => ({
      partitionIndex: partition,
      committedOffset: BigInt(offset),
      committedLeaderEpoch: -1,
      committedMetadata: metadata,
    })),
  }));
}

export interface Committer {
  readonly memberId: string;
  readonly generation: number;
  readonly groupInstanceId: string | null;
}

/** @param refuse may throw something else than a BrokerError */
export async function commitOffsets(
  cluster: Cluster,
  connections: Pick<Connections, 'get'>,
  groupId: string,
  committer: Committer,
  offsets: readonly OffsetAndMetadata[],
  patience: RetryOptions,
  refuse?: (name: string) => void,
): Promise<void> {
  await askCoordinator(
    cluster,
    connections,
    {
      kind: 'group',
      key: groupId,
      patience,
      codeOf: (answer) => worstOfTopics(answer.topics),
      ...(refuse && { refuse }),
    },
    offsetCommitV8.api,
    groupId,
    committer.generation,
    committer.memberId,
    committer.groupInstanceId,
    topicsToCommit(offsets),
  );
}
