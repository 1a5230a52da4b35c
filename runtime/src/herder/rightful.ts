import { setTimeout as sleep } from 'node:timers/promises';
import { type ConfigState, connectorOf } from '../store/config-state.ts';
import type { ConfigStore } from '../store/config-store.ts';
import type { TaskId } from '../tasks/task-spec.ts';
import type { Membership } from './membership.ts';

/** Whether a task that was started from the set of task configs committed at `tasksOffset` is still one of its connector's. */
export function isCurrentTask(state: ConfigState, { connector, task }: TaskId, tasksOffset: number): boolean {
  const entry = connectorOf(state, connector);
  return entry !== undefined && !entry.inconsistent && entry.tasksOffset === tasksOffset && task < entry.tasks.length;
}

/** Answers whether a task of this worker may write, after all that is in the config topic. */
export type MayWrite = (id: TaskId, tasksOffset: number) => Promise<boolean>;

/** Between two questions to a group that cannot be asked, in milliseconds. */
const RETRY_MS = 500;

/** While the group does not say whether this worker is in, the answer waits: what the task does not get to write is nobody's yet. */
export function mayWrite(configs: ConfigStore, membership: Membership): MayWrite {
  return async (id, tasksOffset) => {
    for (;;) {
      await configs.refresh();
      if (!isCurrentTask(configs.state, id, tasksOffset)) return false;
      if (await membership.confirm()) return membership.assignment.hasTask(id.connector, id.task);
      await sleep(RETRY_MS);
    }
  };
}
