import { ConfigError } from '@tributary/api';

/** The longest name of a table or a column, in characters. */
const LONGEST = 128;

/** A table by its parts, as they are called in the database. */
export interface TableName {
  /** Null: the one that the connection is in. */
  readonly database: string | null;
  readonly schema: string;
  readonly table: string;
}

const DEFAULT_SCHEMA = 'dbo';
const PLACEHOLDER = '${topic}';

/** A name as it may stand in SQL: in brackets, with those in it doubled. @throws ConfigError for what can be no name */
export function quote(name: string): string {
  if (name === '' || name.length > LONGEST || name.includes('\0'))
    throw new ConfigError(
      `'${name.slice(0, LONGEST)}' cannot be a name in SQL Server: names have 1 to ${LONGEST} characters`,
    );
  return `[${name.replaceAll(']', ']]')}]`;
}

/** `[schema].[table]`, with the database in front if it is not that of the connection. */
export function quoteTable({ database, schema, table }: TableName): string {
  return `${database === null ? '' : `${quote(database)}.`}${quote(schema)}.${quote(table)}`;
}

/** Text as a literal of SQL. */
export const literal = (text: string): string => `N'${text.replaceAll("'", "''")}'`;

interface Part {
  readonly text: string;
  readonly bracketed: boolean;
}

/**
 * What tables a topic may mean, the first that exists being meant, and the last if none does. Dots in the format divide the schema and the
 * database from the table, unless they stand in brackets. Dots in a topic do so only if there is such a schema or such a table.
 * @throws ConfigError for a format that cannot be read
 */
export function tableNames(format: string, topic: string): readonly TableName[] {
  const parts = partsOf(format);
  const filled = parts.map(({ text }) => text.replaceAll(PLACEHOLDER, () => topic));
  const whole = tableOf(filled, format);
  const [only] = parts;
  if (parts.length > 1 || only!.bracketed) return [whole];
  const names = filled[0]!.split('.');
  return names.length === 1 || names.length > 3 || names.includes('') ? [whole] : [tableOf(names, format), whole];
}

function tableOf(names: readonly string[], format: string): TableName {
  if (names.length > 3 || names.includes(''))
    throw new ConfigError(
      `table.name.format '${format}' makes no table name: write a table, schema.table or database.schema.table; names with dots in brackets`,
    );
  const [table, schema = DEFAULT_SCHEMA, database = null] = [...names].reverse() as [string, string?, string?];
  return { database, schema, table };
}

const PART = /\[((?:[^\]]|\]\])*)\]|([^.[]*)/y;

function partsOf(format: string): readonly Part[] {
  const parts: Part[] = [];
  // The braces of the placeholder hold no dots and no brackets.
  for (let at = 0; ; at++) {
    PART.lastIndex = at;
    const match = PART.exec(format)!;
    parts.push({ text: match[1]?.replaceAll(']]', ']') ?? match[2]!, bracketed: match[1] !== undefined });
    at = PART.lastIndex;
    if (at === format.length) return parts;
    if (format[at] !== '.')
      throw new ConfigError(
        `table.name.format '${format}' cannot be read at character ${at + 1}: brackets enclose a whole name`,
      );
  }
}
