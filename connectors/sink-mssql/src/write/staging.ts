import type { StagedType } from '../convert/column.ts';
import { type Column, declaration } from '../table/info.ts';

/** A column of the table that rows are loaded into before one statement brings them where they belong. */
export interface StagingColumn {
  readonly column: Column;
  readonly staged: StagedType;
  readonly cast: string | null;
  readonly via: string | null;
  /** Whether rows are found by it. */
  readonly key: boolean;
  /** Whether some rows do not have it, which then keep what is stored; a bit beside the column says so. */
  readonly optional: boolean;
}

/** The temporary table of a session for the rows of one table. Its columns have names of their own: no name of a user is ever in it. */
export interface Staging {
  /** Such as `#tributary1`. */
  readonly name: string;
  readonly columns: readonly StagingColumn[];
  /** Whether a column says which rows are deletes. */
  readonly deletes: boolean;
}

/** The place of a row among those of the batch. */
export const NUMBER = '[n]';
/** 1 for a row that deletes. */
export const DELETES = '[d]';
/** The value of a column, by its place. */
export const valueName = (place: number): string => `[c${place}]`;
/** 1 if the row has a value for an optional column. */
export const presentName = (place: number): string => `[p${place}]`;

/** The collation is that of the column that is written to, so that keys are compared as they are there. */
export function createStagingSql({ name, columns, deletes }: Staging): string {
  const lines = [
    `${NUMBER} int NOT NULL`,
    ...(deletes ? [`${DELETES} bit NOT NULL`] : []),
    ...columns.flatMap(({ column, staged, optional }, place) => [
      `${valueName(place)} ${stagedSql(staged)}${collation(column, staged)} NULL`,
      ...(optional ? [`${presentName(place)} bit NOT NULL`] : []),
    ]),
  ];
  return `CREATE TABLE [${name}] (\n  ${lines.join(',\n  ')}\n)`;
}

/** A staged type as SQL writes it. */
export function stagedSql(staged: StagedType): string {
  return 'length' in staged ? `${staged.type}(${staged.length ?? 'max'})` : staged.type;
}

/** Names of collations come from the database; one that is no plain word is not taken. */
function collation(column: Column, staged: StagedType): string {
  if (staged.type !== 'nvarchar' || column.collation === null || !/^\w+$/.test(column.collation)) return '';
  return ` COLLATE ${column.collation}`;
}

/** Whether two staging tables are made in the same way, so that one can serve as the other. */
export function sameShape(a: Pick<Staging, 'columns' | 'deletes'>, b: Pick<Staging, 'columns' | 'deletes'>): boolean {
  return (
    a.deletes === b.deletes &&
    a.columns.length === b.columns.length &&
    a.columns.every(({ column, key, optional }, place) => {
      const other = b.columns[place]!;
      return (
        column.name === other.column.name &&
        key === other.key &&
        optional === other.optional &&
        declaration(column) === declaration(other.column) &&
        column.collation === other.column.collation
      );
    })
  );
}
