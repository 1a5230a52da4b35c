/** The hash of a string in a java.util.HashMap. */
function spreadHash(text: string | null): number {
  if (text === null) return 0;
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash ^ (hash >>> 16);
}

/**
 * The keys in the order in which a java.util.HashMap walks over them after they were put in the given order. Confluent's converter
 * writes properties in that order, and a registry that compares texts only finds its schema again if ours has the same.
 * @param capacity the map's initial capacity
 */
export function javaHashOrder<K extends string | null>(keys: readonly K[], capacity = 16): K[] {
  let size = 1;
  while (size < capacity || keys.length > size * 0.75) size *= 2;
  const slot = (key: K): number => spreadHash(key) & (size - 1);
  return keys.toSorted((a, b) => slot(a) - slot(b));
}
