import type { Props } from '@tributary/api';
import type { State, Status } from '../store/status.ts';

/** The bodies of the REST API; the order of the fields is part of them (org.apache.kafka.connect.runtime.rest.entities). */
export interface ConnectorInfo {
  readonly name: string;
  readonly config: Props;
  readonly tasks: ReadonlyArray<{ readonly connector: string; readonly task: number }>;
  readonly type: ConnectorType;
}

export type ConnectorType = 'source' | 'sink' | 'unknown';

export interface StateInfo {
  readonly state: State;
  readonly worker_id: string;
  readonly version: string | null;
  readonly trace?: string;
}

export interface TaskStateInfo extends StateInfo {
  readonly id: number;
}

export interface ConnectorStateInfo {
  readonly name: string;
  readonly connector: StateInfo;
  readonly tasks: readonly TaskStateInfo[];
  readonly type: ConnectorType;
}

export interface TaskInfo {
  readonly id: { readonly connector: string; readonly task: number };
  readonly config: Props;
}

export function stateInfo({ state, worker_id, version, trace }: Status): StateInfo {
  return { state, worker_id, version, ...(trace ? { trace } : {}) };
}

export function taskStateInfo(id: number, status: Status): TaskStateInfo {
  return { id, ...stateInfo(status) };
}
