import type { SinkRecord } from '@tributary/api';
import { foldByKey } from '@tributary/sink-kit';
import type { Staged } from '../convert/column.ts';

/** A record as it is sent. */
export interface Row {
  readonly record: SinkRecord;
  readonly isDelete: boolean;
  /** By the places of the staging table's columns; undefined where the record does not have the field. */
  readonly values: readonly (Staged | null | undefined)[];
}

/** What the rows of one key come to: a delete, or what is to be there, or one after the other. */
interface Last {
  readonly delete: Row | undefined;
  readonly upsert: Row | undefined;
}

/**
 * Leaves at most one delete and one row behind it for each key, in the order of the last: what they replace need not be sent. A row that
 * does not have all fields keeps those of the row before it, as it would keep them in the table.
 * @param keys the places of the key's columns
 */
export function foldRows(rows: readonly Row[], keys: readonly number[]): readonly Row[] {
  const all = rows.map(
    (row): Last => (row.isDelete ? { delete: row, upsert: undefined } : { delete: undefined, upsert: row }),
  );
  const folded = foldByKey(all, (last) => keyOf((last.upsert ?? last.delete)!, keys), joined);
  if (folded === all) return rows;
  return folded.flatMap((last) => [last.delete, last.upsert]).filter((row) => row !== undefined);
}

function joined(older: Last, newer: Last): Last {
  if (newer.upsert === undefined) return newer;
  return { delete: older.delete, upsert: older.upsert ? merged(older.upsert, newer.upsert) : newer.upsert };
}

/** Values that are one and the same to every server; what only some collations hold equal is the server's to find. */
function keyOf({ values }: Row, keys: readonly number[]): string {
  if (keys.length === 1) return textOf(values[keys[0]!]);
  let key = '';
  for (const place of keys) {
    const text = textOf(values[place]);
    key += `${text.length}:${text}`;
  }
  return key;
}

const textOf = (value: Row['values'][number]): string =>
  Buffer.isBuffer(value) ? value.toString('hex') : String(value);

function merged(older: Row, newer: Row): Row {
  const length = Math.max(older.values.length, newer.values.length);
  let complete = newer.values.length === length;
  for (let i = 0; complete && i < length; i++) complete = newer.values[i] !== undefined;
  if (complete) return newer;
  const values = Array.from({ length }, (_, i) => (newer.values[i] === undefined ? older.values[i] : newer.values[i]));
  return { record: newer.record, isDelete: false, values };
}
