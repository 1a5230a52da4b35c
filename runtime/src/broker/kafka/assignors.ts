/** How a group's leader shares out partitions: Java's `range` and `roundrobin`, to the same result, for mixed groups. */
import type { TopicPartition } from '@tributary/api';

export interface Subscriber {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly topics: readonly string[];
}

export type Assignment = ReadonlyMap<string, readonly TopicPartition[]>;
export type Assignor = (members: readonly Subscriber[], partitionCounts: ReadonlyMap<string, number>) => Assignment;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Static members first, by their instance id. */
function inOrder(members: readonly Subscriber[]): Subscriber[] {
  return [...members].sort((a, b) => {
    if (a.groupInstanceId !== null && b.groupInstanceId !== null) return compare(a.groupInstanceId, b.groupInstanceId);
    if (a.groupInstanceId !== null) return -1;
    if (b.groupInstanceId !== null) return 1;
    return compare(a.memberId, b.memberId);
  });
}

function noneYet(members: readonly Subscriber[]): Map<string, TopicPartition[]> {
  return new Map(members.map(({ memberId }) => [memberId, []]));
}

function allTopics(members: readonly Subscriber[]): string[] {
  return [...new Set(members.flatMap(({ topics }) => topics))].sort(compare);
}

/** Per topic, a run of neighbouring partitions for each member. */
export const range: Assignor = (members, partitionCounts) => {
  const shares = noneYet(members);
  const sorted = inOrder(members);
  for (const topic of allTopics(members)) {
    const takers = sorted.filter(({ topics }) => topics.includes(topic));
    const count = partitionCounts.get(topic) ?? 0;
    const each = Math.floor(count / takers.length);
    const extra = count % takers.length;
    let next = 0;
    takers.forEach(({ memberId }, index) => {
      for (let end = next + each + (index < extra ? 1 : 0); next < end; next++)
        shares.get(memberId)!.push({ topic, partition: next });
    });
  }
  return shares;
};

/** Over all topics, one partition for each member in turn. */
export const roundrobin: Assignor = (members, partitionCounts) => {
  const shares = noneYet(members);
  const sorted = inOrder(members);
  let turn = 0;
  for (const topic of allTopics(members)) {
    for (let partition = 0; partition < (partitionCounts.get(topic) ?? 0); partition++) {
      while (!sorted[turn % sorted.length]!.topics.includes(topic)) turn++;
      shares.get(sorted[turn++ % sorted.length]!.memberId)!.push({ topic, partition });
    }
  }
  return shares;
};

export const ASSIGNORS: Readonly<Record<string, Assignor>> = { range, roundrobin };
