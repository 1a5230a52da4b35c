import { DataError, describeValue } from '@tributary/api';

/** A value in the bytes of its column's type. @throws DataError for a value that does not fit; it says so without the column */
export type Encode = (value: unknown) => Buffer;

/** Fails a value. @param why ends the sentence, after a colon */
export function misfit(value: unknown, type: string, why?: string): never {
  throw new DataError(`${type} cannot hold ${describeValue(value)}${why === undefined ? '' : `: ${why}`}`);
}
