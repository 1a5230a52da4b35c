import type { ConfigState } from '../store/config-state.ts';
import type { Assignment } from './plan.ts';

/** What a membership needs to know of its worker, and has it do. */
export interface MemberWorker {
  /** As far as the config topic has been read. */
  configs(): ConfigState;
  /** Reads the config topic to its end. */
  refresh(): Promise<void>;
  /** Resolves when nothing runs that is not in the assignment or no longer configured. */
  release(): Promise<void>;
  /** The assignment, or who leads, has changed. */
  assigned(): void;
}

/** The rebalances that a worker has taken part in. */
export interface RebalanceReport {
  /** The protocol that the group has agreed on, such as `sessioned`. */
  readonly protocol: string;
  /** Of the last one. */
  readonly generation: number;
  readonly leaderUrl: string | null;
  readonly completed: number;
  /** From the moment that this worker set out for it until it had its assignment. */
  readonly totalMs: number;
  readonly maxMs: number;
  readonly rebalancing: boolean;
  /** Null before the first. */
  readonly sinceLastMs: number | null;
}

/** A worker's place among the workers of its cluster. */
export interface Membership {
  /** Of the last rebalance; 0 for a worker that is alone, -1 before the first. */
  readonly generation: number;
  readonly assignment: Assignment;
  /** Whether this worker writes the config topic for all. */
  readonly leader: boolean;
  /** Where the leader's REST API is; null while it is not known. */
  readonly leaderUrl: string | null;
  /** Whether a worker in Java leads, which takes a mask in a config for the value. */
  readonly ledByJava: boolean;
  /** Whether workers sign their requests to each other, as the group has agreed. */
  readonly signed: boolean;
  /** Where the worker that has a connector, or one of its tasks, is. Null unless this worker leads and knows. */
  ownerOf(connector: string, task?: number): string | null;
  /**
   * Asks the group now whether what is said here holds: a worker that was stopped and goes on cannot know. False also while the group
   * cannot be asked, and while the worker joins.
   */
  confirm(): Promise<boolean>;
  /** Null for a worker that is alone. */
  rebalances(): RebalanceReport | null;
  /** Resolves when no rebalance is under way or called for, with true, or after the time with false. */
  settled(timeoutMs: number): Promise<boolean>;
  /** The config topic has been read further: what there is to assign may have changed. */
  configChanged(): void;
  /** Joins the cluster. Resolves with the first assignment. @throws ConnectError if the cluster refuses the worker */
  start(worker: MemberWorker): Promise<void>;
  /** Leaves the cluster. What was assigned must have been stopped. */
  stop(): Promise<void>;
}
