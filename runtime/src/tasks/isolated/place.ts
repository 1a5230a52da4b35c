import type { Broker } from '../../broker/port.ts';
import type { FromTask, TaskStart, ToTask } from './messages.ts';

/** A thread or a process in which one task runs. */
export interface Place {
  tell(message: ToTask): void;
  /** Ends it at once, whatever it does. Resolves when it is gone. */
  end(): Promise<void>;
  /** How much memory it has, buffers included; null if it is gone. */
  memoryBytes(): Promise<number | null>;
}

export interface PlaceOptions {
  readonly start: TaskStart;
  /** The broker that the task reaches through this thread; null if it has its own connections. */
  readonly served: Broker | null;
  /** How much memory it may have; null: no limit. */
  readonly memoryMaxBytes: number | null;
  readonly onMessage: (message: FromTask) => void;
  /** It is gone. @param how for people, and what it was about to say of an error that nobody caught */
  readonly onEnd: (how: string) => void;
}

export type OpenPlace = (options: PlaceOptions) => Place;

const MIB = 1024 * 1024;

/** In whole MiB, as V8 wants it. */
export const mebibytes = (bytes: number): number => Math.floor(bytes / MIB);

/** What is said where the heap of a place has run out. */
export function heapRanOut(limit: number | null): string {
  return limit === null
    ? 'The heap of the task ran out: its plugin holds on to too much memory'
    : `The heap of the task ran out: with task.memory.max.bytes=${limit} its plugin holds on to too much memory, or needs more`;
}
