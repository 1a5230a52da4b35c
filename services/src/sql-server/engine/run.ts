import type { Name } from '../sql/ast.ts';
import type { BindContext, BoundQuery, OutputColumn } from './bound.ts';
import type { Database, Permission } from './database.ts';
import type { Table, Undo } from './table.ts';
import type { SqlValue } from './types.ts';

/** What a statement is executed with. */
export interface Run {
  readonly context: BindContext;
  readonly database: Database;
  readonly undo: Undo[];
  /** The table that a statement changes. @throws SqlError 208, 229 */
  readonly target: (name: Name, permission: Permission, hints?: readonly string[]) => Table;
  /** Defines and finds the tables of the session and of the database. */
  readonly catalog: TableCatalog;
  readonly session: RunSession;
}

export interface TableCatalog {
  readonly find: (name: Name) => Table | undefined;
  readonly add: (table: Table, undo: Undo[]) => void;
  readonly drop: (table: Table, undo: Undo[]) => void;
  /** The schema that a new table of that name belongs to. @throws SqlError 2760 */
  readonly schemaOf: (name: Name) => string;
}

export interface RunSession {
  readonly identityInsert: () => string | null;
  readonly identity: (value: bigint) => void;
  /** 2628 names table, column and value; 8152 does not. */
  readonly truncationError: 2628 | 8152;
}

/** What a statement results in. */
export type Result =
  | {
      readonly kind: 'rows';
      readonly columns: readonly OutputColumn[];
      readonly rows: readonly (readonly SqlValue[])[];
    }
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'done' };

/** A statement that is bound, and can be executed once. */
export type Execute = () => Result;

export const rowsOf = (query: BoundQuery): Result => ({ kind: 'rows', columns: query.columns, rows: query.rows([]) });
