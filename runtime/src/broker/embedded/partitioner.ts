/** The hash of Kafka's default partitioner: MurmurHash 2 in 32 bits, with the seed that org.apache.kafka.common.utils.Utils uses. */
export function murmur2(bytes: Uint8Array): number {
  const M = 0x5bd1e995;
  const { length } = bytes;
  let hash = 0x9747b28c ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    word = Math.imul(word, M);
    word = Math.imul(word ^ (word >>> 24), M);
    hash = Math.imul(hash, M) ^ word;
  }
  if (at < length) {
    for (let rest = length - at - 1; rest >= 0; rest--) hash ^= bytes[at + rest]! << (8 * rest);
    hash = Math.imul(hash, M);
  }
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
}

/** The partition of a record with this key among so many, as Java's producer chooses it. */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}
