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

/** A name that Cassandra would not take. */
export interface UnfitName {
  readonly of: 'keyspace' | 'table';
  readonly message: string;
}

/** Why Cassandra would not create a table, or its keyspace, of that name; undefined if it would. */
export function unfitName({ topic, keyspace, table, mapping }: TableSettings): UnfitName | undefined {
  if (!/^\w{1,48}$/.test(keyspace))
    return {
      of: 'keyspace',
      message: `Keyspace '${keyspace}' cannot be created: Cassandra wants at most 48 letters, digits and _ in its name`,
    };
  if (/^\w+$/.test(table)) return undefined;
  const remedy =
    mapping !== null
      ? 'name another one'
      : `name another one in table.name.format or topic.${topic}.${keyspace}.<table>.mapping, or have the transform RegexRouter rename the topic`;
  return {
    of: 'table',
    message: `Table ${quoteTable(keyspace, table)} for topic ${topic} cannot be created: Cassandra wants letters, digits and _ in its name. Instead ${remedy}`,
  };
}
