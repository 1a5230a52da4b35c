/**
 * Whether a transactional producer whose request was refused, or that does not know what became of it, may go on. The coordinator
 * refuses a producer in the same way whether another has taken over its id or its own transaction lasted too long; what it says of the
 * transaction tells the two apart.
 */

/** The producer, as it knows itself. */
export interface OwnTransaction {
  readonly producerId: bigint;
  readonly epoch: number;
  /** Partitions or offsets were added since the last end of a transaction that was confirmed. */
  readonly mayBeOpen: boolean;
}

/** What the coordinator says of the transactional id (DescribeTransactions, KIP-664). */
export interface SeenTransaction {
  readonly producerId: bigint;
  readonly epoch: number;
  /** Such as `Ongoing`, `PrepareAbort`, `CompleteAbort`, `Empty`. */
  readonly state: string;
}

/**
 * - `wait`: the coordinator is still ending a transaction
 * - `abort`: the transaction is open, and the producer's own
 * - `start`: the producer may start anew, if its epoch is still this one then
 * - `fenced`: another has taken over
 */
export type RecoveryStep =
  | { readonly type: 'wait' }
  | { readonly type: 'abort' }
  | { readonly type: 'start'; readonly epoch: number }
  | { readonly type: 'fenced' };

const ENDING: ReadonlySet<string> = new Set(['PrepareCommit', 'PrepareAbort', 'PrepareEpochFence']);

/**
 * Facts of Kafka's coordinator (4.1): it ends a transaction that lasted too long with the next epoch and leaves it at `CompleteAbort`. Who
 * takes over an id gets the next epoch and leaves it `Empty`; where a transaction was open that is ended first, in the
 * same way as one that lasted too long, and who takes over has the epoch after that.
 * @param seen null: the coordinator does not know the id any more
 */
export function recoveryStep(own: OwnTransaction, seen: SeenTransaction | null): RecoveryStep {
  if (seen === null) return { type: 'start', epoch: own.epoch };
  if (seen.producerId !== own.producerId) return { type: 'fenced' };
  if (seen.epoch === own.epoch) {
    if (ENDING.has(seen.state)) return { type: 'wait' };
    return seen.state === 'Ongoing' ? { type: 'abort' } : { type: 'start', epoch: own.epoch };
  }
  if (seen.epoch !== own.epoch + 1 || !own.mayBeOpen) return { type: 'fenced' };
  if (ENDING.has(seen.state)) return { type: 'wait' };
  return seen.state === 'CompleteAbort' ? { type: 'start', epoch: seen.epoch } : { type: 'fenced' };
}
