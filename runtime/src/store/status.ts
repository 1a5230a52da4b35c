import { isPlainObject } from '@tributary/api';

export type State = 'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED' | 'RESTARTING';

/** The state of a connector or a task as it stands in the status topic. */
export interface Status {
  readonly state: State;
  readonly trace: string | null;
  readonly worker_id: string;
  /** Of the workers' group when the state was written. */
  readonly generation: number;
  readonly version: string | null;
}

/** The status that a record's value holds, or null. */
export function statusOf(value: unknown): Status | null {
  if (!isPlainObject(value) || typeof value['state'] !== 'string') return null;
  const { state, trace, worker_id, generation, version } = value;
  return {
    state: state as State,
    trace: typeof trace === 'string' ? trace : null,
    worker_id: String(worker_id ?? ''),
    generation: Number(generation ?? 0),
    version: typeof version === 'string' ? version : null,
  };
}

/** Whether a worker says by this that it does not run the connector or task any longer. */
export const givesUp = ({ state }: Status): boolean => state === 'FAILED' || state === 'UNASSIGNED';

/**
 * Whether a status may take the place of another one: what a worker says as it gives up a connector or task must not cover what
 * the worker says that has it since a later generation (`putSafe` of Java's KafkaStatusBackingStore).
 */
export function mayReplace(known: Status, next: Status): boolean {
  return !givesUp(next) || known.worker_id === next.worker_id || known.generation <= next.generation;
}
