/** Kafka's range assignment: of every topic, the members that read it get neighbouring partitions, the first ones one more. */
export function rangeAssign(
  /** In the order in which they are to be served. */
  members: ReadonlyArray<{ readonly id: string; readonly topics: ReadonlySet<string> }>,
  partitions: ReadonlyMap<string, number>,
): Map<string, Array<{ topic: string; partition: number }>> {
  const assigned = new Map(members.map(({ id }) => [id, [] as Array<{ topic: string; partition: number }>]));
  for (const topic of [...partitions.keys()].sort()) {
    const readers = members.filter((member) => member.topics.has(topic));
    if (readers.length === 0) continue;
    const count = partitions.get(topic)!;
    const share = Math.floor(count / readers.length);
    const more = count % readers.length;
    let partition = 0;
    for (const [index, { id }] of readers.entries()) {
      const end = partition + share + (index < more ? 1 : 0);
      for (; partition < end; partition++) assigned.get(id)!.push({ topic, partition });
    }
  }
  return assigned;
}
