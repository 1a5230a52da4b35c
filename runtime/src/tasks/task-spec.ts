import type { Props } from '@tributary/api';

export interface TaskId {
  readonly connector: string;
  /** From 0. */
  readonly task: number;
}

/** One text for each task, for maps. */
export const taskKey = ({ connector, task }: TaskId): string => `${connector}\u0000${task}`;

/** The worker's settings that tasks need, as plain data. */
export interface TaskSettings {
  /** For the converters that a connector does not name, and the clients' `producer.*` and `consumer.*`. */
  readonly workerProps: Props;
  readonly offsetFlushIntervalMs: number;
  readonly offsetFlushTimeoutMs: number;
  readonly topicCreation: boolean;
}

/** What a task is started from: plain data, so that it can be started in another thread or process. */
export interface TaskSpec {
  readonly id: TaskId;
  readonly kind: 'source' | 'sink';
  /** The connector's config. */
  readonly connectorProps: Props;
  /** The task's own config, the connector's keys included. */
  readonly taskProps: Props;
  readonly paused: boolean;
  readonly settings: TaskSettings;
}
