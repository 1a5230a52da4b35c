import type { Props } from './config/parse.ts';
import type { PluginMetrics } from './metrics.ts';

export type LogFields = Readonly<Record<string, unknown>>;

/** A task's log; each line carries the connector and the task. */
export interface Logger {
  trace(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** What every task is told, whatever its kind. */
export interface TaskContext {
  readonly connector: string;
  /** From 0. */
  readonly task: number;
  /** The task's config as text, keys that the definition does not know included. */
  readonly props: Readonly<Props>;
  readonly log: Logger;
  /** Metrics of the task's own, beside those that every task has. */
  readonly metrics: PluginMetrics;
  /** Aborts when the task is to stop. What waits must end on it within `task.shutdown.graceful.timeout.ms`. */
  readonly signal: AbortSignal;
}

/** What a connector is told when it divides its work into tasks. */
export interface ConnectorContext {
  readonly connector: string;
  readonly props: Readonly<Props>;
  readonly log: Logger;
}
