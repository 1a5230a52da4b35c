import { type ConfigState, connectorOf } from '../store/config-state.ts';
import type { ConfigStore } from '../store/config-store.ts';
import type { TaskId } from '../tasks/task.ts';

/** Whether a task that was started from the set of task configs committed at `tasksOffset` is still one of its connector's. */
export function isCurrentTask(state: ConfigState, { connector, task }: TaskId, tasksOffset: number): boolean {
  const entry = connectorOf(state, connector);
  return entry !== undefined && !entry.inconsistent && entry.tasksOffset === tasksOffset && task < entry.tasks.length;
}

/** Answers whether a task of this worker may write, after all that is in the config topic. */
export type MayWrite = (id: TaskId, tasksOffset: number) => Promise<boolean>;

/** @param owns whether this worker has the task, as its group knows it now: asked last, and never in line behind what stops tasks */
export function mayWrite(configs: ConfigStore, owns: (id: TaskId) => boolean | Promise<boolean>): MayWrite {
  return async (id, tasksOffset) => {
    await configs.refresh();
    return isCurrentTask(configs.state, id, tasksOffset) && (await owns(id));
  };
}
