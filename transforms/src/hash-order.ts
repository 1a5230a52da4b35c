/** java.lang.String.hashCode. */
function hashCode(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0;
  return hash;
}

/**
 * The order in which Java iterates over a HashMap with these distinct keys, made for as many entries. Converters write maps in that
 * order, and what a key's bytes are decides its partition.
 */
export function hashOrder(keys: readonly string[]): string[] {
  let capacity = 1;
  while (capacity < keys.length || keys.length > Math.floor(capacity * 0.75)) capacity *= 2;
  const bucket = (key: string): number => {
    const hash = hashCode(key);
    return (hash ^ (hash >>> 16)) & (capacity - 1);
  };
  return [...keys].sort((a, b) => bucket(a) - bucket(b));
}
