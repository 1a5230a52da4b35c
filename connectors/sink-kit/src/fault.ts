/**
 * What an error of a store means.
 * - `data`: a record of the batch will never be taken. The batch is divided until it is found; the others are stored.
 * - `transient`: another attempt may succeed: a deadlock, a throttled request, a timeout, a table that is gone and may come back.
 * - `down`: the store cannot be reached. Tried again without limit.
 * - `fatal`: nothing will be taken before somebody mends something: wrong credentials, a missing permission. The task fails.
 * - `unknown`: none of these, such as a mistake in a program. It may be a record's: the runtime finds out, where errors are tolerated.
 */
export type FaultKind = 'data' | 'transient' | 'down' | 'fatal' | 'unknown';

export interface Fault {
  readonly kind: FaultKind;
  /** The store has said when to come again. Milliseconds. */
  readonly retryAfterMs?: number;
}
