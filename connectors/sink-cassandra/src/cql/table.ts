import type { CqlType } from './types.ts';

export interface Column {
  readonly name: string;
  readonly type: CqlType;
  /** Shared by the rows of a partition. */
  readonly isStatic: boolean;
  /** Whether it is a list that is not frozen, whose items Cassandra keeps one by one. */
  readonly isOpenList: boolean;
}

/** A table as it is in the store. */
export interface Table {
  readonly keyspace: string;
  readonly name: string;
  readonly columns: readonly Column[];
  readonly partitionKeys: readonly string[];
  readonly clusteringKeys: readonly string[];
}

export const primaryKey = ({ partitionKeys, clusteringKeys }: Table): readonly string[] => [
  ...partitionKeys,
  ...clusteringKeys,
];
