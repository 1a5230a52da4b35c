import { ConfigError } from '@tributary/api';
import { quoteTable } from '../cql/names.ts';
import type { TableSettings } from '../settings/table-settings.ts';

/** A table, a keyspace or a column is not there, or not any more. It may come back: somebody is changing the schema. */
export class SchemaError extends ConfigError {
  static override readonly kind: string = 'CassandraSchemaError';
}

/** What is wrong if a table is not there. */
export function missing(
  settings: TableSettings,
  what: 'no keyspace' | 'no table',
  keyspaces: readonly string[],
): SchemaError {
  const { keyspace, table } = settings;
  if (what === 'no table')
    return new SchemaError(
      `Table ${quoteTable(keyspace, table)} does not exist: create it, or set auto.create=true to have it created`,
    );
  const own = keyspaces.filter((name) => !/^(?:system|dse)(?:_|$)/.test(name));
  return new SchemaError(
    `Keyspace '${keyspace}' does not exist${own.length > 0 ? ` (but ${own.map((name) => `'${name}'`).join(', ')})` : ''}: create it, or set auto.create=true to have it created`,
  );
}
