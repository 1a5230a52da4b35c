import { quoteName, quoteTable } from './names.ts';
import type { Column } from './table.ts';

/** What a table's statements are made of. */
export interface StatementParts {
  readonly keyspace: string;
  readonly table: string;
  readonly columns: readonly Column[];
  readonly keys: readonly Column[];
  readonly ttl: boolean;
}

/** Variables: the columns in their order, the write time, and the time to live if there is one. */
export const insertStatement = ({ keyspace, table, columns, ttl }: StatementParts): string =>
  `INSERT INTO ${quoteTable(keyspace, table)} (${columns.map(({ name }) => quoteName(name)).join(', ')}) VALUES (${columns.map(variable).join(', ')}) USING TIMESTAMP ?${ttl ? ' AND TTL ?' : ''}`;

/** Variables: the write time, then the keys in their order. */
export const deleteStatement = ({ keyspace, table, keys }: StatementParts): string =>
  `DELETE FROM ${quoteTable(keyspace, table)} USING TIMESTAMP ? WHERE ${equal(keys)}`;

/** Takes away items that lists have. Variables: the write time, the lists, then the keys. It reads the row before it writes. */
export const discardStatement = ({
  keyspace,
  table,
  lists,
  keys,
}: Pick<StatementParts, 'keyspace' | 'table' | 'keys'> & { readonly lists: readonly Column[] }): string =>
  `UPDATE ${quoteTable(keyspace, table)} USING TIMESTAMP ? SET ${lists.map(({ name }) => `${quoteName(name)} = ${quoteName(name)} - ?`).join(', ')} WHERE ${equal(keys)}`;

const equal = (keys: readonly Column[]): string =>
  keys.map((key) => `${quoteName(key.name)} = ${variable(key)}`).join(' AND ');

/**
 * With its type. A table that is made anew with other types then refuses the statement, where it could else take the bytes of one type for
 * those of another.
 */
const variable = ({ type }: Column): string => (type.kind === 'native' ? `(${type.name})?` : '?');
