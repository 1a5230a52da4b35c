import type { Refuse } from '@tributary/sink-kit';
import { leavesOut, type RowWriter } from '../codec/row-writer.ts';
import type { Identity } from './identity.ts';
import type { Row } from './plan.ts';

/** How many writes to one row are compared with a new one: more than that differ in what they leave out, one would think, by chance. */
const MOST_COMPARED = 8;

/** Encodes a row unless it is encoded. @returns false: it cannot be, and its record was refused */
export function complete(row: Row, writer: RowWriter, refuse: Refuse): boolean {
  try {
    row.encoded ??= row.plan.encode(row, writer);
    return true;
  } catch (error) {
    refuse(row.record, error);
    return false;
  }
}

/**
 * Leaves out writes that a later one (by its write time; of equal ones, by its place) makes without effect: because it sets every
 * column that they set, or deletes the row. What sets more stays, with its own time. No write makes way for one that is refused.
 * @param rows of one partition
 */
export function foldRows(rows: readonly Row[], writer: RowWriter, refuse: Refuse): readonly Row[] {
  if (rows.length === 1) return rows;
  const byKey = new Map<Identity, Row | Row[]>();
  for (const row of rows) {
    const key = keyOf(row, refuse);
    if (key === undefined) continue;
    const known = byKey.get(key);
    if (known === undefined) {
      byKey.set(key, row);
      continue;
    }
    if (!complete(row, writer, refuse)) continue;
    const kept = Array.isArray(known) ? known : [known].filter((each) => complete(each, writer, refuse));
    byKey.set(key, addTo(kept, row));
  }
  return byKey.size === rows.length ? rows : [...byKey.values()].flat();
}

function keyOf(row: Row, refuse: Refuse): Identity | undefined {
  try {
    return row.plan.clusteringOf(row);
  } catch (error) {
    refuse(row.record, error);
    return undefined;
  }
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
  return !older.deletes && !leavesOut(newer.encoded!, older.encoded!, newer.plan.width);
}
