import type { TableName } from './name.ts';

/** A column as the database describes it. */
export interface Column {
  readonly name: string;
  /** The type behind an alias, in lower case: `nvarchar`, `decimal`, `datetime2`. */
  readonly type: string;
  /** In bytes, -1 for `max`. */
  readonly maxLength: number;
  readonly precision: number;
  readonly scale: number;
  /** Of columns that hold text, else null. */
  readonly collation: string | null;
  /** Of `char` and `varchar`: 65001 is UTF-8. */
  readonly codePage: number | null;
  readonly nullable: boolean;
  readonly identity: boolean;
  /** Whether SQL Server alone says what is in it: computed, rowversion, generated always. */
  readonly generated: boolean;
  readonly hasDefault: boolean;
}

/** A table or a view as it was when it was looked at. */
export interface TableInfo {
  readonly name: TableName;
  readonly isView: boolean;
  readonly columns: readonly Column[];
  /** When its definition was last changed, as the server writes it. */
  readonly modified: string;
  /** The columns of the primary key, in its order. */
  readonly primaryKey: readonly string[];
}

/** A row of {@link columnsSql}, by the names of its columns. */
export type ColumnRow = Readonly<Record<string, unknown>>;

/** The system type of hierarchyid, geography, geometry and others: only their user type tells them apart. */
const CLR_TYPE = 240;

/** Asks for the columns of the table that `@table` names. No rows: there is no such table, or it may not be seen. */
export function columnsSql(databasePrefix: string): string {
  const sys = `${databasePrefix}sys`;
  return `SELECT o.[type] AS [object_type], CONVERT(nvarchar(30), o.[modify_date], 126) AS [modified], c.[name] AS [column_name],
  y.[name] AS [type_name],
  c.[max_length], c.[precision], c.[scale], c.[collation_name],
  CAST(COLLATIONPROPERTY(c.[collation_name], 'CodePage') AS int) AS [code_page],
  c.[is_nullable], c.[is_identity], c.[is_computed],
  CAST(ISNULL(COLUMNPROPERTY(c.[object_id], c.[name], 'GeneratedAlwaysType'), 0) AS int) AS [generated_always],
  c.[default_object_id], CAST(k.[key_ordinal] AS int) AS [key_ordinal]
FROM ${sys}.[columns] AS c
INNER JOIN ${sys}.[objects] AS o ON o.[object_id] = c.[object_id]
INNER JOIN ${sys}.[types] AS y ON y.[user_type_id] = CASE c.[system_type_id] WHEN ${CLR_TYPE} THEN c.[user_type_id] ELSE c.[system_type_id] END
LEFT JOIN (SELECT ic.[object_id], ic.[column_id], ic.[key_ordinal] FROM ${sys}.[index_columns] AS ic
  INNER JOIN ${sys}.[indexes] AS i ON i.[object_id] = ic.[object_id] AND i.[index_id] = ic.[index_id]
  WHERE i.[is_primary_key] = 1) AS k ON k.[object_id] = c.[object_id] AND k.[column_id] = c.[column_id]
WHERE c.[object_id] = OBJECT_ID(@table)
ORDER BY c.[column_id]`;
}

/** What the rows of {@link columnsSql} say; null if there are none. */
export function tableInfo(name: TableName, rows: readonly ColumnRow[]): TableInfo | null {
  const [first] = rows;
  if (!first) return null;
  return {
    name,
    modified: text(first['modified']),
    isView: text(first['object_type']).trim() === 'V',
    columns: rows.map(columnOf),
    primaryKey: rows
      .filter((row) => row['key_ordinal'] !== null)
      .sort((a, b) => Number(a['key_ordinal']) - Number(b['key_ordinal']))
      .map((row) => text(row['column_name'])),
  };
}

const text = (value: unknown): string => String(value ?? '');
const truth = (value: unknown): boolean => value === true || value === 1;

function columnOf(row: ColumnRow): Column {
  const type = text(row['type_name']).toLowerCase();
  return {
    name: text(row['column_name']),
    type,
    maxLength: Number(row['max_length']),
    precision: Number(row['precision']),
    scale: Number(row['scale']),
    collation: row['collation_name'] === null ? null : text(row['collation_name']),
    codePage: row['code_page'] === null ? null : Number(row['code_page']),
    nullable: truth(row['is_nullable']),
    identity: truth(row['is_identity']),
    generated: truth(row['is_computed']) || Number(row['generated_always'] ?? 0) !== 0 || type === 'timestamp',
    hasDefault: Number(row['default_object_id'] ?? 0) !== 0,
  };
}

const indexes = new WeakMap<TableInfo, { readonly exact: Map<string, number>; readonly folded: Map<string, number> }>();

/** The place of a column by its name, or by its name in other letters' case if there is none by exactly that name; -1 if there is none. */
export function columnIndex(table: TableInfo, name: string): number {
  let index = indexes.get(table);
  if (!index) {
    index = { exact: new Map(), folded: new Map() };
    for (const [i, column] of table.columns.entries()) {
      index.exact.set(column.name, i);
      index.folded.set(column.name.toLowerCase(), i);
    }
    indexes.set(table, index);
  }
  return index.exact.get(name) ?? index.folded.get(name.toLowerCase()) ?? -1;
}

/** How a type is written in SQL, with its length or its digits: `decimal(18,4)`, `nvarchar(max)`. */
export function declaration({ type, maxLength, precision, scale }: Column): string {
  switch (type) {
    case 'nvarchar':
    case 'nchar':
      return `${type}(${maxLength === -1 ? 'max' : maxLength / 2})`;
    case 'varchar':
    case 'char':
    case 'varbinary':
    case 'binary':
      return `${type}(${maxLength === -1 ? 'max' : maxLength})`;
    case 'decimal':
    case 'numeric':
      return `${type}(${precision},${scale})`;
    case 'datetime2':
    case 'datetimeoffset':
    case 'time':
      return `${type}(${scale})`;
    default:
      return type;
  }
}
