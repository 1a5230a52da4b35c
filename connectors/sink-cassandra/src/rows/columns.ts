import { ConfigError, type SinkRecord } from '@tributary/api';
import { quoteTable } from '../cql/names.ts';
import { type Column, primaryKey, type Table } from '../cql/table.ts';
import { typeName } from '../cql/types.ts';
import type { MappedSource } from '../mapping/parse.ts';
import type { TableSettings } from '../settings/table-settings.ts';
import { bucketReader, conventionReader, mappedReader, type ReadColumn } from './sources.ts';

/** The mapping names columns that the table does not have. */
export class MissingColumnError extends ConfigError {
  static override readonly kind: string = 'CassandraMissingColumnError';
}

/** The name of the column that `bucket` adds to the partition key. */
export const BUCKET_COLUMN = 'bucket';

/** Where the value of a column comes from. */
export interface ColumnSource {
  readonly column: Column;
  /** `value.price`, for messages. */
  readonly from: string;
  /** Null: a timeuuid of the record. */
  readonly read: ReadColumn | null;
}

/** The columns of a table that are written, in the order of the mapping or else of the table. @throws ConfigError if mapping and table do not fit together */
export function columnSources(settings: TableSettings, table: Table): readonly ColumnSource[] {
  const counter = table.columns.find(({ type }) => type.kind === 'native' && type.name === 'counter');
  if (counter !== undefined)
    throw new ConfigError(
      `${nameOf(table)} counts in column '${counter.name}': counters cannot be written, since a record that comes again would be counted twice. Write rows into another table and count those`,
    );
  return settings.mapping === null ? byConvention(settings, table) : byMapping(settings, table);
}

const nameOf = (table: Table): string => `Table ${quoteTable(table.keyspace, table.name)}`;

const isText = ({ type }: Column): boolean => type.kind === 'native' && (type.name === 'text' || type.name === 'ascii');

function byConvention(settings: TableSettings, table: Table): readonly ColumnSource[] {
  const key = primaryKey(table);
  return table.columns.map((column) =>
    isBucket(settings, table, column)
      ? bucketColumn(settings, table, column)
      : {
          column,
          from: column.name,
          read: conventionReader(column.name, key.length === 1 && key[0] === column.name),
        },
  );
}

function byMapping(settings: TableSettings, table: Table): readonly ColumnSource[] {
  const { columns: mapped } = settings.mapping!;
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const missing = mapped.filter(({ column }) => !byName.has(column)).map(({ column }) => column);
  if (missing.length > 0)
    throw new MissingColumnError(
      `${nameOf(table)} has no column ${list(missing)}${hint(missing, table)}. Its columns are ${list(table.columns.map(({ name }) => name))}; add what is missing with ALTER TABLE, or mend the mapping`,
    );
  const sources = mapped.map(({ column, source }) => mappedColumn(byName.get(column)!, source));
  const bucket = byName.get(BUCKET_COLUMN);
  if (bucket && isBucket(settings, table, bucket) && !mapped.some(({ column }) => column === BUCKET_COLUMN))
    sources.push(bucketColumn(settings, table, bucket));
  const written = new Set(sources.map(({ column }) => column.name));
  const open = primaryKey(table).filter((column) => !written.has(column));
  if (open.length > 0)
    throw new ConfigError(
      `The primary key of ${nameOf(table).replace('Table', 'table')} needs ${list(open)}, which the mapping does not give: add ${open.map((column) => `${column}=value.${column}`).join(', ')}`,
    );
  return sources;
}

function mappedColumn(column: Column, source: MappedSource): ColumnSource {
  if (source.kind !== 'now') {
    const from = source.kind === 'field' ? source.path : `${source.unit}(${source.path})`;
    return { column, from, read: mappedReader(source, isText(column)) };
  }
  if (column.type.kind !== 'native' || (column.type.name !== 'timeuuid' && column.type.name !== 'uuid'))
    throw new ConfigError(`now() is a timeuuid, and column '${column.name}' holds ${typeName(column.type)}`);
  return { column, from: 'now()', read: null };
}

const isBucket = (settings: TableSettings, table: Table, { name }: Column): boolean =>
  settings.bucket !== null && name === BUCKET_COLUMN && table.partitionKeys.includes(name);

/** Of the time that the rows are sorted by, if it is one; of the record's timestamp otherwise. */
function bucketColumn(settings: TableSettings, table: Table, column: Column): ColumnSource {
  const [first] = table.clusteringKeys;
  const sorted = table.columns.find(({ name }) => name === first);
  const isTime = sorted?.type.kind === 'native' && (sorted.type.name === 'timestamp' || sorted.type.name === 'date');
  const mapped = settings.mapping?.columns.find((own) => own.column === first)?.source;
  const time = !isTime
    ? null
    : mapped !== undefined && mapped.kind !== 'now'
      ? { from: mapped.path, read: mappedReader(mapped, false) }
      : settings.mapping === null
        ? { from: first!, read: conventionReader(first!, false) }
        : null;
  const { from, read } = time ?? { from: '__timestamp', read: ({ timestamp }: SinkRecord) => timestamp };
  const unit = settings.bucket!;
  return { column, from: `${from}, whose ${unit} it is`, read: bucketReader(read, unit, isText(column)) };
}

const list = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

/** Columns that differ in case only: CQL makes names without quotes lower case. */
function hint(missing: readonly string[], table: Table): string {
  const similar = table.columns.filter(({ name }) =>
    missing.some((column) => column !== name && column.toLowerCase() === name.toLowerCase()),
  );
  return similar.length === 0 ? '' : ` (but ${list(similar.map(({ name }) => name))}: the mapping minds the case)`;
}
