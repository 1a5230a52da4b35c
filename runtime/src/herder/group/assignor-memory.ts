import type { WorkShare } from './work.ts';

/** What a member has by the last assignment, or what an absent one left behind. */
export interface Place {
  readonly memberId: string;
  readonly url: string;
  readonly share: WorkShare;
  /** Until then the work waits for the member to come back, in ms of the same clock as `now`; null while it is in the group. */
  readonly keptUntilMs: number | null;
}

/** What was to be given up, so that a member that does not heed it is not asked without pause. */
export interface Revocations {
  readonly asked: ReadonlyArray<{ readonly memberId: string; readonly share: WorkShare }>;
  /** How often in a row some member still had what it was asked to give up. */
  readonly inVain: number;
  /** Not asked again before, in ms of the same clock as `now`. */
  readonly againAtMs: number;
}

/**
 * What the leader knows from its last assignment: plain data, never changed. It is to be handed on from each call to the next, also
 * where the group began anew before members had learned of their assignments; what members report decides in any case. A worker
 * that takes part in a rebalance without leading it goes back to {@link EMPTY_MEMORY}.
 */
export interface AssignorMemory {
  /** The generation for which it was made; -1 for none. */
  readonly generation: number;
  readonly places: readonly Place[];
  readonly revocations: Revocations;
}

/** What a new leader knows. */
export const EMPTY_MEMORY: AssignorMemory = {
  generation: -1,
  places: [],
  revocations: { asked: [], inVain: 0, againAtMs: 0 },
};
