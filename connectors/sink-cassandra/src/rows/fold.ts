import { types } from 'cassandra-driver';
import type { Identity } from './identity.ts';
import type { Row } from './plan.ts';

/** How many writes to one row are compared with a new one: more than that differ in what they leave out, one would think, by chance. */
const MOST_COMPARED = 8;

/** Makes the parameters of a row, which must be known to be right before it takes another one's place. @returns whether they could be made */
export type Complete = (row: Row) => boolean;

/**
 * Leaves out writes that a later one (by its write time; of equal ones, by its place) makes without effect: because it sets every
 * column that they set, or deletes the row. What sets more stays, with its own time.
 * @param rows of one partition
 */
export function foldRows(rows: readonly Row[], complete: Complete): readonly Row[] {
  const byKey = new Map<Identity, Row | Row[]>();
  let folded = false;
  for (const row of rows) {
    const known = byKey.get(row.clustering);
    if (known === undefined) {
      byKey.set(row.clustering, row);
      continue;
    }
    folded = true;
    if (!complete(row)) continue;
    const kept = Array.isArray(known) ? known : [known].filter(complete);
    byKey.set(row.clustering, addTo(kept, row));
  }
  return folded ? [...byKey.values()].flat() : rows;
}

function addTo(kept: readonly Row[], row: Row): Row[] {
  const near = kept.slice(-MOST_COMPARED);
  if (near.some((other) => other.time > row.time && covers(other, row))) return [...kept];
  return [
    ...kept.slice(0, -MOST_COMPARED),
    ...near.filter((other) => other.time > row.time || !covers(row, other)),
    row,
  ];
}

/** Whether nothing of the older write can be seen once the newer one is there. */
function covers(newer: Row, older: Row): boolean {
  if (newer.deletes) return older.deletes || newer.plan.deletesAll;
  if (older.deletes) return false;
  for (let i = 0; i < newer.plan.width; i++) {
    if (newer.params![i] === types.unset && older.params![i] !== types.unset) return false;
  }
  return true;
}
