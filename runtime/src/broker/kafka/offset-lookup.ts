/** Where partitions begin and end. */

import type { TopicPartition, TopicPartitionOffset } from '@tributary/api';
import type { Isolation } from '../port.ts';
import type { Cluster } from './cluster.ts';
import { check, errorName, isLeadershipError, TransientFault } from './faults.ts';
import { listOffsetsV6 } from './library.ts';
import { type RetryOptions, retrying } from './retry.ts';

/** The timestamps that ListOffsets takes for the two ends. */
export const EARLIEST = -2n;
export const LATEST = -1n;

/** Groups things by broker, then topic, as requests want them. */
export function byLeader<T extends TopicPartition>(
  cluster: Cluster,
  items: readonly T[],
): Map<number, Map<string, T[]>> {
  const nodes = new Map<number, Map<string, T[]>>();
  for (const item of items) {
    const leader = cluster.leader(item.topic, item.partition);
    let topics = nodes.get(leader);
    if (!topics) {
      topics = new Map();
      nodes.set(leader, topics);
    }
    const list = topics.get(item.topic);
    if (list) list.push(item);
    else topics.set(item.topic, [item]);
  }
  return nodes;
}

/** @returns in the order of `partitions` */
export async function lookUpOffsets(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  timestamp: bigint,
  isolation: Isolation,
  patience: RetryOptions,
): Promise<TopicPartitionOffset[]> {
  const found = new Map<string, number>();
  let stale = false;
  await retrying(patience, async () => {
    const missing = partitions.filter(({ topic, partition }) => !found.has(`${topic}-${partition}`));
    const topics = new Set(missing.map(({ topic }) => topic));
    if (stale || [...topics].some((topic) => !cluster.cached(topic))) await cluster.refresh(topics);
    stale = true;
    await Promise.all(
      [...byLeader(cluster, missing)].map(async ([node, byTopic]) => {
        const connection = await cluster.node(node);
        const response = await connection.call(
          listOffsetsV6.api,
          -1,
          isolation === 'read_committed' ? 1 : 0,
          [...byTopic].map(([name, list]) => ({
            name,
            partitions: list.map(({ partition }) => ({ partitionIndex: partition, currentLeaderEpoch: -1, timestamp })),
          })),
        );
        for (const topic of response.topics) {
          for (const { partitionIndex, errorCode, offset } of topic.partitions) {
            const name = errorName(errorCode);
            if (isLeadershipError(name)) throw new TransientFault(`partition ${topic.name}-${partitionIndex}: ${name}`);
            check(patience.doing, errorCode);
            found.set(`${topic.name}-${partitionIndex}`, Number(offset));
          }
        }
      }),
    );
    if (found.size < partitions.length) throw new TransientFault('the answer lacks partitions');
  });
  return partitions.map(({ topic, partition }) => ({ topic, partition, offset: found.get(`${topic}-${partition}`)! }));
}
