import { type RowWriter, valuesOf } from '../codec/row-writer.ts';
import { discardStatement } from '../cql/statements.ts';
import { type Column, primaryKey, type Table } from '../cql/table.ts';

/** Bytes of a list without items: their number. */
const EMPTY = 4;

/**
 * Takes the items of lists that are not frozen out of a row before it is written. Cassandra gives each item of a write a name of its own,
 * so a write that comes again with the same time would not replace its items but add them once more.
 */
export class ListItems {
  /** Takes the write time, the lists, and the key. */
  readonly statement: string;
  readonly #lists: readonly number[];
  readonly #picked: readonly number[];

  /** @param columns of the insert, in the order of its values; behind them stands the write time */
  private constructor(table: Table, columns: readonly Column[], lists: readonly Column[]) {
    const keyed = lists.every(({ isStatic }) => isStatic) ? table.partitionKeys : primaryKey(table);
    const keys = keyed.map((name) => columns.find((column) => column.name === name)!);
    this.statement = discardStatement({ keyspace: table.keyspace, table: table.name, lists, keys });
    this.#lists = lists.map((column) => columns.indexOf(column));
    this.#picked = [columns.length, ...this.#lists, ...keys.map((column) => columns.indexOf(column))];
  }

  /** Null: the table has no such lists. */
  static of(table: Table, columns: readonly Column[]): ListItems | null {
    const lists = columns.filter(({ isOpenList }) => isOpenList);
    return lists.length === 0 ? null : new ListItems(table, columns, lists);
  }

  /** What the statement takes, of what the row's insert takes; null: the row has no items. */
  valuesOf(insert: Buffer, writer: RowWriter): Buffer | null {
    const values = valuesOf(insert);
    if (this.#lists.every((i) => (values[i]?.length ?? 0) <= EMPTY)) return null;
    writer.begin(this.#picked.length);
    for (const i of this.#picked) {
      const value = values[i];
      if (value) writer.bytes(value);
      else writer.null();
    }
    return writer.take();
  }
}
