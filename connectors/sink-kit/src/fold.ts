/**
 * Leaves one row per key: the last one, at its place. What is before it in time does not reach the store, which would take it
 * twice (SQL Server refuses that), or in any order.
 * @param rows in the order of the offsets
 * @param merge what becomes of two rows with one key, for stores that keep the columns which the newer row does not have. Default: the newer row
 */
export function foldByKey<R>(
  rows: readonly R[],
  keyOf: (row: R) => unknown,
  merge?: (older: R, newer: R) => R,
): readonly R[] {
  const last = new Map<unknown, R>();
  for (const row of rows) {
    const key = keyOf(row);
    const older = last.get(key);
    if (older === undefined) {
      last.set(key, row);
      continue;
    }
    last.delete(key);
    last.set(key, merge ? merge(older, row) : row);
  }
  return last.size === rows.length ? rows : [...last.values()];
}
