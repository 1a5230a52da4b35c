import { createSecretKey, type KeyObject } from 'node:crypto';
import { isPlainObject } from '@tributary/api';

/** The key that the workers of a group sign their requests to each other with (KIP-507). The leader hands it out by the config topic. */
export interface SessionKey {
  /** An object that shows nothing of the key where it is printed. */
  readonly key: KeyObject;
  /** Java's name of the algorithm that it was made for. */
  readonly algorithm: string;
  /** When it was made, in milliseconds since the epoch. */
  readonly createdAt: number;
}

/** The value of its record. Format: KafkaConfigBackingStore of Java Connect. */
export function sessionKeyValue({ key, algorithm, createdAt }: SessionKey): Readonly<Record<string, unknown>> {
  return { key: key.export().toString('base64'), algorithm, 'creation-timestamp': createdAt };
}

/** The key out of the value of its record, or null if it is malformed. */
export function sessionKeyOf(value: unknown): SessionKey | null {
  if (!isPlainObject(value)) return null;
  const { key, algorithm, 'creation-timestamp': createdAt } = value;
  if (typeof key !== 'string' || typeof algorithm !== 'string' || typeof createdAt !== 'number') return null;
  const bytes = Buffer.from(key, 'base64');
  return bytes.length === 0 ? null : { key: createSecretKey(bytes), algorithm, createdAt };
}
