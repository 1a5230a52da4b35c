import type { Name, Statement } from '../sql/ast.ts';
import { boundCell, type Cell, cell, insertColumns, rowMaker } from './assign.ts';
import { bindContext } from './binding.ts';
import type { Bound, Env } from './bound.ts';
import { tableKey } from './database.ts';
import { sqlError } from './errors.ts';
import type { Session } from './session.ts';
import { MAX, type SqlType, type SqlValue } from './types.ts';

/** What INSERT BULK announced; the rows come with the next message. */
export type BulkTarget = Statement & { kind: 'insertBulk' };

/** Checks the announcement. @throws SqlError 207, 208, 229 */
export function checkBulk(target: BulkTarget, session: Session): void {
  const { run } = bindContext(session, new Map());
  const table = run.target(target.table, 'INSERT');
  insertColumns(
    table,
    target.columns.map(({ name }) => name),
    run,
  );
}

/** A column as the data of a bulk load describes it. */
export interface BulkColumn {
  readonly type: SqlType;
  /** SQL Server refuses data whose columns take nulls where those of the table do not, and the other way round. */
  readonly nullable: boolean;
}

/**
 * Inserts the rows of a bulk load, all or none.
 *
 * @param columns the columns as the data says
 * @returns how many there are
 * @throws SqlError 4815, 4816 where the data does not fit what was announced; those of an INSERT
 */
export async function bulkInsert(
  target: BulkTarget,
  columns: readonly BulkColumn[],
  rows: readonly (readonly SqlValue[])[],
  session: Session,
  signal: AbortSignal,
): Promise<number> {
  const { run } = bindContext(session, new Map());
  const table = run.target(target.table, 'INSERT');
  const indexes = insertColumns(
    table,
    target.columns.map(({ name }) => name),
    run,
  );
  if (columns.length !== indexes.length) throw sqlError(4816, columns.length);
  indexes.forEach((index, at) => {
    const [data, announced, column] = [columns[at]!, target.columns[at]!, table.columns[index]!];
    const same =
      fits(data.type, announced.type) && fits(announced.type, column.type) && data.nullable === column.nullable;
    if (!same) throw sqlError(4816, at + 1);
  });
  await lock(table.temporary ? null : [table.schema, table.name], session, signal);
  const slot = run.context.slot();
  const keepNulls = target.options.includes('KEEP_NULLS');
  const cells = indexes.map((index, at): Cell => {
    const bound: Bound = { type: columns[at]!.type, nullable: true, slots: [slot], eval: (env) => env[slot]![at]! };
    const own = boundCell(table, index, bound, run, 'INSERT');
    const initial = table.columns[index]!.default;
    if (keepNulls || !initial) return own;
    const fallback = cell(table, index, initial, null, run, 'INSERT');
    return { index, eval: (env) => (env[slot]![at] === null ? fallback : own).eval(env) };
  });
  const make = rowMaker(table, cells, run);
  const env: Env = [];
  const limits = target.columns.map(({ type }) =>
    type.length === MAX || type.length === 0 ? Number.POSITIVE_INFINITY : type.length,
  );
  for (const row of rows) {
    row.forEach((value, at) => {
      if ((typeof value === 'string' || Buffer.isBuffer(value)) && value.length > limits[at]!)
        throw sqlError(4815, at + 1);
    });
    env[slot] = row;
    table.insert(make(env), run.undo);
  }
  return rows.length;
}

/** Data of a bulk load is of the column's type, and long only where that is long; lengths and scales may differ else. */
function fits(data: SqlType, column: SqlType): boolean {
  const same = (name: string): string => ({ decimal: 'numeric', xml: 'nvarchar' })[name] ?? name;
  return same(data.name) === same(column.name) && inChunks(data) === inChunks(column);
}

const inChunks = ({ name, length }: SqlType): boolean => length === MAX || name === 'xml';

async function lock(name: Name | null, session: Session, signal: AbortSignal): Promise<void> {
  if (!name) return;
  const { locks } = session.database;
  const key = `table ${tableKey(name)}`;
  await locks.acquire(session, key, 'X', session.settings.lockTimeout, signal);
  session.transaction.holds(key, locks);
}
