import { quoteName, quoteTable } from '../cql/names.ts';
import { frozen, type TypeText } from './infer.ts';
import type { TableShape } from './shape.ts';

/** @param replication a map of CQL */
export const createKeyspace = (keyspace: string, replication: string): string =>
  `CREATE KEYSPACE IF NOT EXISTS ${quoteName(keyspace)} WITH replication = ${replication}`;

export function createTable(keyspace: string, table: string, shape: TableShape): string {
  const { columns, partitionKeys, clusteringKeys } = shape;
  const keys = new Set([...partitionKeys, ...clusteringKeys.map(({ column }) => column)]);
  const definitions = [...columns].map(([name, type]) => `${quoteName(name)} ${keys.has(name) ? frozen(type) : type}`);
  const clustering = clusteringKeys.map(({ column }) => `, ${quoteName(column)}`).join('');
  const order = clusteringKeys.map(({ column, descending }) => `${quoteName(column)} ${descending ? 'DESC' : 'ASC'}`);
  return `CREATE TABLE IF NOT EXISTS ${quoteTable(keyspace, table)} (${definitions.join(', ')}, PRIMARY KEY ((${partitionKeys.map(quoteName).join(', ')})${clustering}))${order.length > 0 ? ` WITH CLUSTERING ORDER BY (${order.join(', ')})` : ''}`;
}

export const addColumn = (keyspace: string, table: string, name: string, type: TypeText): string =>
  `ALTER TABLE ${quoteTable(keyspace, table)} ADD ${quoteName(name)} ${type}`;
