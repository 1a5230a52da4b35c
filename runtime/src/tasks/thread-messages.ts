import type { MessagePort } from 'node:worker_threads';
import type { LogFields } from '@tributary/api';
import type { Level, LineLevel } from '../logging/levels.ts';
import type { TaskMetricsData } from '../metrics/task-metrics.ts';
import type { TaskSpec } from './task.ts';

/** How a task's thread reaches the log: by a connection of its own, or through the worker's main thread. */
export type BrokerAccess =
  | { readonly type: 'direct'; readonly configs: Readonly<Record<string, string>>; readonly clientId: string }
  | { readonly type: 'port'; readonly port: MessagePort };

/** Which of a task's loggers. */
export type Voice = 'log' | 'pluginLog';

/** What a task's thread is started with. */
export interface ThreadStart {
  readonly spec: TaskSpec;
  readonly broker: BrokerAccess;
  readonly offsetsTopic: string;
  readonly plugins: { readonly pluginPath: readonly string[]; readonly from: readonly string[] };
  /** Bytes of records that the task may have on their way. */
  readonly memoryBytes: number;
  readonly levels: Readonly<Record<Voice, Level>>;
}

export type ToThread =
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'level'; readonly voice: Voice; readonly level: Level }
  | { readonly type: 'stop'; readonly timeoutMs: number };

export type FromThread =
  | { readonly type: 'running' }
  | { readonly type: 'paused' }
  | { readonly type: 'failed'; readonly trace: string }
  | { readonly type: 'stopped' }
  | { readonly type: 'topic'; readonly name: string }
  | { readonly type: 'metrics'; readonly data: TaskMetricsData }
  | {
      readonly type: 'log';
      readonly voice: Voice;
      readonly level: LineLevel;
      readonly message: string;
      readonly fields: LogFields;
    };
