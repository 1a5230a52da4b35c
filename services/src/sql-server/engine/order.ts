import { comparer } from './compare.ts';
import type { SqlType, SqlValue } from './types.ts';

/** Nulls come first. */
export function sorter(
  orders: readonly { readonly type: SqlType; readonly descending: boolean }[],
): (a: { readonly order: readonly SqlValue[] }, b: { readonly order: readonly SqlValue[] }) => number {
  const compare = orders.map(({ type }) => comparer(type));
  return (a, b) => {
    for (let at = 0; at < orders.length; at++) {
      const [x, y] = [a.order[at]!, b.order[at]!];
      const result = x === null ? (y === null ? 0 : -1) : y === null ? 1 : compare[at]!(x, y);
      if (result !== 0) return orders[at]!.descending ? -result : result;
    }
    return 0;
  };
}
