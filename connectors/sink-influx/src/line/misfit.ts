import { DataError } from '@tributary/api';

/** What becomes of characters that line protocol cannot carry at their place: the record is refused, or each becomes U+FFFD. */
export type MisfitPolicy = 'refuse' | 'replace';

/** What a replaced character becomes. */
export const REPLACEMENT = '\ufffd';

/** The error for text that cannot be written. `what` names its place: `the tag 'host'`. */
export function misfit(what: string, problem: string): DataError {
  return new DataError(
    `${what} ${problem}, which line protocol cannot carry there: change it with a transform, or set unwritable.characters=replace`,
  );
}
