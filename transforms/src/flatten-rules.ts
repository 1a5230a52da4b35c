import { DataError } from '@tributary/api';

/** How nested data are flattened; see the keys of Flatten. */
export interface FlattenRules {
  readonly delimiter: string;
  readonly arrays: 'keep' | 'index' | 'json';
  readonly maxElements: number | null;
}

/** The name of a field under the names of the levels above it; no level above is the empty text, as in Java. */
export const joined = (prefix: string, name: string, { delimiter }: FlattenRules): string =>
  prefix === '' ? name : prefix + delimiter + name;

/** @throws DataError for an array that has more elements than there may be */
export function checkLength(name: string, { length }: readonly unknown[], { maxElements }: FlattenRules): void {
  if (maxElements !== null && length > maxElements)
    throw new DataError(`The array ${name} has ${length} elements, more than 'arrays.max.elements' (${maxElements})`);
}
