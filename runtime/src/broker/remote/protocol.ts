import type { Transferable } from 'node:worker_threads';
import type { OffsetAndMetadata, TopicPartition } from '@tributary/api';
import type { GroupMembership } from '../port.ts';
import type { PlainError } from './errors.ts';

/** One end of a way between two threads or processes: a `MessagePort`, or what does the same. */
export interface BrokerPort {
  /** @param transfer memory that is handed over where that is possible, and copied elsewhere */
  postMessage(message: unknown, transfer?: readonly Transferable[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  close(): void;
  /** It alone does not keep the process up. */
  unref(): void;
}

/** What a member holds, mirrored to the other side with every answer that may have changed it. */
export interface ConsumerState {
  readonly assignment: readonly TopicPartition[];
  readonly membership: GroupMembership | null;
  readonly lag: ReadonlyArray<TopicPartition & { readonly lag: number }>;
  readonly leaseMs: number;
}

/** Objects have numbers that the client gives: 0 is the broker itself, the others are what was made with it. */
export type ToServer =
  | {
      readonly type: 'call';
      readonly id: number;
      readonly object: number;
      readonly method: string;
      readonly args: readonly unknown[];
    }
  /** Ends the wait of a call. */
  | { readonly type: 'abort'; readonly id: number }
  /** The listener of a callback has returned. */
  | { readonly type: 'answer'; readonly id: number; readonly error: PlainError | null };

export type Listener = 'onAssigned' | 'onRevoked' | 'onLost';

export type ToClient =
  | { readonly type: 'hello'; readonly clusterId: string; readonly atomicSends: boolean }
  | { readonly type: 'result'; readonly id: number; readonly value: unknown; readonly state: ConsumerState | null }
  | { readonly type: 'error'; readonly id: number; readonly error: PlainError; readonly state: ConsumerState | null }
  | {
      readonly type: 'callback';
      readonly id: number;
      readonly object: number;
      readonly listener: Listener;
      readonly partitions: readonly TopicPartition[];
      /** Of `onAssigned`; empty with the others. */
      readonly committed: readonly OffsetAndMetadata[];
      readonly state: ConsumerState;
    }
  | { readonly type: 'records'; readonly object: number; readonly runs: readonly unknown[] }
  | { readonly type: 'failed'; readonly object: number; readonly error: PlainError };
