import type { Session } from '../connection/session.ts';
import { errorNumbers } from '../errors.ts';
import type { TableInfo } from '../table/info.ts';
import { quote, quoteTable } from '../table/name.ts';

/** A key that is there already: the server names its constraint, or its index, but not the columns. */
const DUPLICATES = new Set([2601, 2627]);
const QUOTED = /'([^']+)'/g;

/** ` (its columns: a, b)` for an error about a key that is there already; empty for any other. */
export async function keyColumnsOf(session: Session, info: TableInfo | undefined, error: unknown): Promise<string> {
  if (!info || !errorNumbers(error).some((number) => DUPLICATES.has(number))) return '';
  const sys = `${info.name.database === null ? '' : `${quote(info.name.database)}.`}[sys]`;
  const message = error instanceof Error ? error.message : '';
  for (const [, index] of message.matchAll(QUOTED)) {
    const rows = await session.query(
      `SELECT c.[name] AS [column_name] FROM ${sys}.[indexes] AS i
INNER JOIN ${sys}.[index_columns] AS ic ON ic.[object_id] = i.[object_id] AND ic.[index_id] = i.[index_id]
INNER JOIN ${sys}.[columns] AS c ON c.[object_id] = ic.[object_id] AND c.[column_id] = ic.[column_id]
WHERE i.[object_id] = OBJECT_ID(@table) AND i.[name] = @index AND ic.[key_ordinal] > 0
ORDER BY ic.[key_ordinal]`,
      { table: quoteTable(info.name), index: index! },
    );
    if (rows.length > 0) return ` (its columns: ${rows.map((row) => String(row['column_name'])).join(', ')})`;
  }
  return '';
}
