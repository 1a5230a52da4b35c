import type { OffsetAndMetadata, TopicPartition } from '@tributary/api';
import type { GroupOffsets } from '../port.ts';
import type { Cluster } from './cluster.ts';
import type { Connections } from './connection-pool.ts';
import { askCoordinator, worstCode } from './coordinator-call.ts';
import { errorName } from './faults.ts';
import { commitOffsets, fetchCommitted } from './group-offset-calls.ts';
import { deleteGroupsV2, offsetDeleteV0 } from './library.ts';

const NOBODY = { memberId: '', generation: -1, groupInstanceId: null };

export class KafkaGroupOffsets implements GroupOffsets {
  readonly #cluster: Cluster;
  readonly #connections: Pick<Connections, 'get'>;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#connections = { get: (node) => cluster.node(node) };
  }

  async committed(groupId: string): Promise<readonly OffsetAndMetadata[]> {
    const patience = this.#cluster.patience(`Reading the offsets of group ${groupId}`);
    return fetchCommitted(this.#cluster, this.#connections, groupId, null, patience);
  }

  async alter(groupId: string, offsets: readonly OffsetAndMetadata[]): Promise<void> {
    if (offsets.length === 0) return;
    const patience = this.#cluster.patience(`Altering offsets of group ${groupId}`);
    await commitOffsets(this.#cluster, this.#connections, groupId, NOBODY, offsets, patience);
  }

  async delete(groupId: string, partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length === 0) return;
    const topics = [...Map.groupBy(partitions, ({ topic }) => topic)].map(([name, list]) => ({
      name,
      partitions: list.map(({ partition }) => ({ partitionIndex: partition })),
    }));
    await askCoordinator(
      this.#cluster,
      this.#connections,
      {
        kind: 'group',
        key: groupId,
        patience: this.#cluster.patience(`Deleting offsets of group ${groupId}`),
        codeOf: (answer) =>
          except(
            'GROUP_ID_NOT_FOUND',
            answer.errorCode ||
              worstCode(
                answer.topics.flatMap((topic) =>
                  topic.partitions.map(({ errorCode }) => except('UNKNOWN_TOPIC_OR_PARTITION', errorCode)),
                ),
              ),
          ),
      },
      offsetDeleteV0.api,
      groupId,
      topics,
    );
  }

  async deleteGroup(groupId: string): Promise<void> {
    await askCoordinator(
      this.#cluster,
      this.#connections,
      {
        kind: 'group',
        key: groupId,
        patience: this.#cluster.patience(`Deleting group ${groupId}`),
        codeOf: (answer) => except('GROUP_ID_NOT_FOUND', worstCode(answer.results.map(({ errorCode }) => errorCode))),
      },
      deleteGroupsV2.api,
      [groupId],
    );
  }
}

function except(allowed: string, code: number): number {
  return errorName(code) === allowed ? 0 : code;
}
