import type { OutputColumn } from './bound.ts';
import type { Database } from './database.ts';
import type { Table } from './table.ts';
import { INT, nvarchar, type SqlValue, varchar } from './types.ts';

/** A view: its columns, and its rows out of the catalog. */
export interface View {
  readonly columns: readonly OutputColumn[];
  readonly rows: (of: Catalog) => SqlValue[][];
}

/** What the views show. */
export interface Catalog {
  readonly database: Database;
  readonly tables: readonly Table[];
  readonly databases: readonly string[];
}

export const NAME = nvarchar(128);
export const text = (name: string, length = 128): OutputColumn => ({
  name,
  type: length === 128 ? NAME : varchar(length),
  nullable: true,
});
export const int = (name: string): OutputColumn => ({ name, type: INT, nullable: true });
export const bit = (name: string): OutputColumn => ({ name, type: { ...INT, name: 'bit' }, nullable: true });
export const big = (value: number | boolean): bigint => BigInt(value);

export const eachColumn = <T>(tables: readonly Table[], of: (table: Table, at: number) => T): T[] =>
  tables.flatMap((table) => table.columns.map((_, at) => of(table, at)));
export const eachKey = <T>(
  tables: readonly Table[],
  of: (table: Table, key: Table['keys'][number], at: number) => T[],
): T[] => tables.flatMap((table) => table.keys.flatMap((key, at) => of(table, key, at)));
