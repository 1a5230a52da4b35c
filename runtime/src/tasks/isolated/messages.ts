import type { LogFields } from '@tributary/api';
import type { Level, LineLevel } from '../../logging/levels.ts';
import type { TaskMetricsData } from '../../metrics/task-metrics.ts';
import type { TaskSpec } from '../task-spec.ts';

/** How a task in a place of its own reaches the log: by connections of its own, or through the worker's main thread. */
export type BrokerAccess =
  | { readonly type: 'direct'; readonly configs: Readonly<Record<string, string>>; readonly clientId: string }
  | { readonly type: 'served' };

/** Which of a task's loggers. */
export type Voice = 'log' | 'pluginLog';

/** What a task in a thread or process of its own is started with. */
export interface TaskStart {
  readonly spec: TaskSpec;
  readonly broker: BrokerAccess;
  readonly offsetsTopic: string;
  readonly plugins: { readonly pluginPath: readonly string[]; readonly from: readonly string[] };
  /** Bytes of records that the task may have on their way. */
  readonly memoryBytes: number;
  readonly levels: Readonly<Record<Voice, Level>>;
}

export type ToTask =
  | { readonly type: 'pause' }
  | { readonly type: 'resume' }
  | { readonly type: 'level'; readonly voice: Voice; readonly level: Level }
  /** The answer to the oldest question. */
  | { readonly type: 'may-write'; readonly answer: boolean }
  | { readonly type: 'stop'; readonly timeoutMs: number };

export type FromTask =
  | { readonly type: 'running' }
  | { readonly type: 'paused' }
  | { readonly type: 'failed'; readonly trace: string }
  | { readonly type: 'stopped' }
  /** It was told that it may not write, and has ended. */
  | { readonly type: 'superseded'; readonly message: string }
  /** Asks whether it is still the task that is to run. */
  | { readonly type: 'may-write' }
  | { readonly type: 'topic'; readonly name: string }
  | { readonly type: 'metrics'; readonly data: TaskMetricsData }
  /** Nothing is new; but the event loop turns. */
  | { readonly type: 'alive' }
  | {
      readonly type: 'log';
      readonly voice: Voice;
      readonly level: LineLevel;
      readonly message: string;
      readonly fields: LogFields;
    };
