import { createHash } from 'node:crypto';
import type { TaskId } from './task-spec.ts';

const MAX_LENGTH = 249;
const HASH_LENGTH = 12;

/**
 * The `group.instance.id` of a sink task (KIP-345). A task that comes back after its worker was killed has its partitions at
 * once instead of waiting for the session of its former self to time out, and that former self is fenced if it still lives.
 */
export function instanceId(groupId: string, { connector, task }: TaskId): string {
  const name = `${groupId}-${connector}-${task}`;
  const plain = name.replace(/[^a-zA-Z0-9._-]/g, '_');
  if (plain === name && name.length <= MAX_LENGTH) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH);
  return `${plain.slice(0, MAX_LENGTH - HASH_LENGTH - 1)}-${hash}`;
}
