/**
 * What an error of a store means.
 * - `data`: a record of the batch will never be taken. The batch is divided until it is found; the others are stored.
 * - `transient`: another attempt may succeed: a deadlock, a throttled request, a timeout.
 * - `down`: the store cannot be reached. Tried again without limit.
 * - `fatal`: nothing will be taken before somebody mends something: wrong credentials, a missing table. The task fails.
 */
export type FaultKind = 'data' | 'transient' | 'down' | 'fatal';

export interface Fault {
  readonly kind: FaultKind;
  /** The store has said when to come again. Milliseconds. */
  readonly retryAfterMs?: number;
}
