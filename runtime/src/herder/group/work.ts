import type { TaskId } from '../../tasks/task-spec.ts';

/** Connectors and tasks: those of one worker, or all that are configured. */
export interface WorkShare {
  readonly connectors: readonly string[];
  readonly tasks: readonly TaskId[];
}

export const NO_WORK: WorkShare = { connectors: [], tasks: [] };
