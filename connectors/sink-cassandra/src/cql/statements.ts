import { quoteName, quoteTable } from './names.ts';

/** What a table's statements are made of. */
export interface StatementParts {
  readonly keyspace: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly keys: readonly string[];
  readonly ttl: boolean;
}

/** Variables: the columns in their order, the write time, and the time to live if there is one. */
export const insertStatement = ({ keyspace, table, columns, ttl }: StatementParts): string =>
  `INSERT INTO ${quoteTable(keyspace, table)} (${columns.map(quoteName).join(', ')}) VALUES (${columns.map(() => '?').join(', ')}) USING TIMESTAMP ?${ttl ? ' AND TTL ?' : ''}`;

/** Variables: the write time, then the keys in their order. */
export const deleteStatement = ({ keyspace, table, keys }: StatementParts): string =>
  `DELETE FROM ${quoteTable(keyspace, table)} USING TIMESTAMP ? WHERE ${keys.map((key) => `${quoteName(key)} = ?`).join(' AND ')}`;
