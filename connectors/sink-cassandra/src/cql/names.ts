/** A name as CQL reads it, whatever is in it: always quoted, so that case is kept and no name can end the statement that it stands in. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The name of a table with that of its keyspace. */
export const quoteTable = (keyspace: string, table: string): string => `${quoteName(keyspace)}.${quoteName(table)}`;

/** A text literal. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A name in a config: as it stands, or in double quotes with those inside doubled. */
export const readName = (text: string): string =>
  text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
