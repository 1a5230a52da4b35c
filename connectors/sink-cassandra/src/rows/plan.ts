import { DataError, describeValue, isContainer, messageOf, type SinkRecord } from '@tributary/api';
import { types } from 'cassandra-driver';
import type { Codecs } from '../codec/codec.ts';
import { timeuuidOf } from '../codec/identifiers.ts';
import type { Encode } from '../codec/misfit.ts';
import { long } from '../codec/numbers.ts';
import { quoteTable } from '../cql/names.ts';
import { deleteStatement, insertStatement } from '../cql/statements.ts';
import { primaryKey, type Table } from '../cql/table.ts';
import { typeName } from '../cql/types.ts';
import type { TableSettings } from '../settings/table-settings.ts';
import { type ColumnSource, columnSources } from './columns.ts';
import { type Identity, identityOf, identityPart } from './identity.ts';
import { opened } from './opened.ts';
import { timeSourceName } from './times.ts';
import { ttlReader } from './ttl.ts';

/** A value of a statement: encoded, null, or not to be touched. */
export type Param = Buffer | null | typeof types.unset;

/** One write: a row, or the deletion of one. */
export interface Row {
  readonly record: SinkRecord;
  readonly plan: TablePlan;
  readonly deletes: boolean;
  /** Microseconds since the epoch. */
  readonly time: number;
  /**
   * For the statement, in its order; null: not made yet. Most are made when they are sent: ten buffers for each of thousands of rows that wait
   * for their turn would keep the garbage collector busy.
   */
  params: readonly Param[] | null;
}

const MOST_KEY_BYTES = 65_535;

interface PlannedColumn extends ColumnSource {
  readonly encode: Encode;
  readonly isKey: boolean;
}

/** How records of a topic become rows of a table: made once, for as long as the table stays as it is. */
export class TablePlan {
  readonly settings: TableSettings;
  readonly table: Table;
  /** The name of what gives the write times. */
  readonly timeSource: string;
  readonly insert: string;
  readonly delete: string;
  /** How many of the parameters of an insert are columns. */
  readonly width: number;
  /** Whether a deletion of a row leaves nothing of it that this plan writes. */
  readonly deletesAll: boolean;
  readonly #columns: readonly PlannedColumn[];
  readonly #partition: readonly PlannedColumn[];
  readonly #clustering: readonly PlannedColumn[];
  readonly #onlyKeys: boolean;
  readonly #nullsDelete: boolean;
  /** Whether values must have fields. */
  readonly #takesFields: boolean;
  readonly #ttl: ((record: SinkRecord) => Param) | null;
  readonly #empty: null | typeof types.unset;

  /** @throws ConfigError if mapping and table do not fit together */
  constructor(settings: TableSettings, table: Table, codecs: Codecs) {
    this.settings = settings;
    this.table = table;
    this.timeSource = timeSourceName(settings);
    const keys = primaryKey(table);
    const sources = columnSources(settings, table);
    this.#columns = sources.map((source) => ({
      ...source,
      encode: codecs.encoderOf(source.column.type),
      isKey: keys.includes(source.column.name),
    }));
    const columnOf = (name: string): PlannedColumn => this.#columns.find(({ column }) => column.name === name)!;
    this.#partition = table.partitionKeys.map(columnOf);
    this.#clustering = table.clusteringKeys.map(columnOf);
    this.deletesAll = !sources.some(({ column }) => column.isStatic);
    this.#onlyKeys = sources.length === keys.length;
    this.#nullsDelete = settings.mapping !== null && sources.length === table.columns.length;
    this.#takesFields =
      settings.mapping?.columns.some(({ source }) => source.kind !== 'now' && source.path.startsWith('value.')) ??
      !this.#onlyKeys;
    this.#ttl = ttlReader(settings);
    this.#empty = settings.nullToUnset ? types.unset : null;
    const columns = sources.map(({ column }) => column);
    this.width = columns.length;
    const keyColumns = keys.map((name) => table.columns.find((column) => column.name === name)!);
    const parts = { keyspace: table.keyspace, table: table.name, columns, keys: keyColumns, ttl: this.#ttl !== null };
    this.insert = insertStatement(parts);
    this.delete = deleteStatement(parts);
  }

  /** A row of which nothing is encoded yet. @param time the write time, in microseconds @throws DataError that names the column */
  rowOf(record: SinkRecord, time: number): Row {
    return { record, plan: this, deletes: this.#deletes(record), time, params: null };
  }

  /** Tells the partition of a row from others of the table. @throws DataError that names the column */
  partitionOf({ record, time }: Row): Identity {
    return this.#identity(this.#partition, record, time);
  }

  /** Tells a row from others of its partition. @throws DataError that names the column */
  clusteringOf({ record, time }: Row): Identity {
    return this.#identity(this.#clustering, record, time);
  }

  /** What the row's statement takes. @throws DataError that names the column */
  paramsOf({ record, deletes, time }: Row): readonly Param[] {
    if (this.#takesFields) this.#checkFields(record);
    const params: Param[] = [];
    if (deletes) {
      params.push(long(time));
      for (const column of this.#partition) params.push(this.#encode(column, record, time)!);
      for (const column of this.#clustering) params.push(this.#encode(column, record, time)!);
      return params;
    }
    for (const column of this.#columns) params.push(this.#encode(column, record, time) ?? this.#empty);
    params.push(long(time));
    if (this.#ttl) params.push(this.#ttl(record));
    return params;
  }

  /**
   * A tombstone does, also where columns beside the primary key are taken from its key. With a mapping of all columns a record does in which all of
   * them but the keys are null, as with the DataStax sink; one that lacks fields says nothing of the kind.
   */
  #deletes(record: SinkRecord): boolean {
    if (!this.settings.deletesEnabled || this.#onlyKeys) return false;
    return (
      record.value === null || (this.#nullsDelete && this.#columns.every((column) => this.#isNullOrKey(column, record)))
    );
  }

  #isNullOrKey({ isKey, read }: PlannedColumn, record: SinkRecord): boolean {
    return isKey || (read !== null && read(record) === null);
  }

  #checkFields(record: SinkRecord): void {
    if (record.value === null) return;
    const { value } = opened(record);
    if (!isContainer(value))
      throw new DataError(
        `The columns of ${this.#name} are fields of the value, and the value is ${describeValue(value)}`,
      );
  }

  #encode(column: PlannedColumn, record: SinkRecord, time: number): Buffer | null | undefined {
    try {
      const value = this.#read(column, record, time);
      if (value !== undefined && value !== null) {
        const bytes = column.encode(value);
        return column.isKey ? this.#checkedKey(bytes, column) : bytes;
      }
      if (!column.isKey) return value;
      throw new DataError(value === null ? `${column.from} is null` : `the record has no ${column.from}`);
    } catch (error) {
      throw this.#named(column, error);
    }
  }

  #identity(columns: readonly PlannedColumn[], record: SinkRecord, time: number): Identity {
    let text = '';
    for (const column of columns) {
      try {
        const value = this.#read(column, record, time);
        if (columns.length === 1) return identityOf(value, column.encode);
        text += identityPart(value, column.encode);
      } catch (error) {
        throw this.#named(column, error);
      }
    }
    return text;
  }

  #read(column: PlannedColumn, record: SinkRecord, time: number): unknown {
    if (column.read !== null) return column.read(record);
    return timeuuidOf(time, record.originalTopic, record.originalPartition, record.originalOffset);
  }

  #checkedKey(bytes: Buffer, column: PlannedColumn): Buffer {
    if (bytes.length > MOST_KEY_BYTES)
      throw new DataError(`${bytes.length} bytes are more than the ${MOST_KEY_BYTES} that a key may have`);
    if (bytes.length === 0 && this.#partition.length === 1 && this.#partition[0] === column)
      throw new DataError('a partition key may not be empty');
    return bytes;
  }

  #named({ column: { name, type }, isKey }: PlannedColumn, error: unknown): DataError {
    const kind = isKey ? 'Key column' : 'Column';
    return new DataError(`${kind} '${name}' (${typeName(type)}) of ${this.#name}: ${messageOf(error)}`, {
      cause: error,
    });
  }

  get #name(): string {
    return quoteTable(this.table.keyspace, this.table.name);
  }
}
