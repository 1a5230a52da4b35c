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
  /** For the statement, in its order. */
  readonly params: readonly Param[];
  /** The same for rows of one partition, and of no other. */
  readonly partition: string;
  /** The same for writes to one row. */
  readonly key: string;
  /** Microseconds since the epoch. */
  readonly time: number;
  /** Of the values. */
  readonly bytes: number;
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
  readonly #partition: readonly number[];
  readonly #clustering: readonly number[];
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
    const indexOf = (name: string): number => sources.findIndex(({ column }) => column.name === name);
    this.#partition = table.partitionKeys.map(indexOf);
    this.#clustering = table.clusteringKeys.map(indexOf);
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

  /** Names of the columns with their sources, of those that are not keys and had no value in any of the records. */
  neverSet(rows: readonly Row[]): readonly string[] {
    return this.#columns
      .filter(({ isKey }, i) => !isKey && rows.every(({ deletes, params }) => deletes || !Buffer.isBuffer(params[i])))
      .map(({ column, from }) => `${column.name} (${from})`);
  }

  /** @param time the write time, in microseconds @throws DataError that names the column */
  rowOf(record: SinkRecord, time: number): Row {
    const columns = this.#columns;
    const params: Param[] = new Array(columns.length);
    if (this.#takesFields) this.#checkFields(record);
    let bytes = 0;
    let values = 0;
    let lacking = false;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!;
      const encoded = this.#encode(column, record, time);
      params[i] = encoded ?? this.#empty;
      if (encoded === undefined) lacking = true;
      if (encoded == null) continue;
      bytes += encoded.length;
      if (!column.isKey) values++;
    }
    const partition = this.#keyText(params, this.#partition);
    const key = this.#clustering.length === 0 ? partition : `${partition}|${this.#keyText(params, this.#clustering)}`;
    const deletes = this.#deletes(record, values === 0 && !lacking);
    if (deletes) {
      const keys = [...this.#partition, ...this.#clustering].map((i) => params[i]!);
      return { record, plan: this, deletes, params: [long(time), ...keys], partition, key, time, bytes };
    }
    params.push(long(time));
    if (this.#ttl) params.push(this.#ttl(record));
    return { record, plan: this, deletes, params, partition, key, time, bytes };
  }

  /**
   * A tombstone does, also where columns beside the primary key are taken from its key. With a mapping of all columns a record does in which all of
   * them but the keys are null, as with the DataStax sink; one that lacks fields says nothing of the kind.
   */
  #deletes(record: SinkRecord, isAllNull: boolean): boolean {
    return (
      this.settings.deletesEnabled && !this.#onlyKeys && (record.value === null || (this.#nullsDelete && isAllNull))
    );
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
      if (column.read === null)
        return timeuuidOf(time, record.originalTopic, record.originalPartition, record.originalOffset);
      const value = column.read(record);
      if (value !== undefined && value !== null) return column.encode(value);
      if (!column.isKey) return value;
      throw new DataError(value === null ? `${column.from} is null` : `the record has no ${column.from}`);
    } catch (error) {
      const { name, type } = column.column;
      const kind = column.isKey ? 'Key column' : 'Column';
      throw new DataError(`${kind} '${name}' (${typeName(type)}) of ${this.#name}: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  /** Text that is the same for equal values only. */
  #keyText(params: readonly Param[], columns: readonly number[]): string {
    let text = '';
    for (const i of columns) {
      const value = params[i] as Buffer;
      if (value.length === 0 || value.length > MOST_KEY_BYTES) this.#checkKey(value, i, columns.length);
      text += columns.length === 1 ? value.toString('latin1') : `${value.length}:${value.toString('latin1')}`;
    }
    return text;
  }

  #checkKey(value: Buffer, i: number, parts: number): void {
    const { name } = this.#columns[i]!.column;
    if (value.length > MOST_KEY_BYTES)
      throw new DataError(
        `Key column '${name}' of ${this.#name}: ${value.length} bytes are more than the ${MOST_KEY_BYTES} that a key may have`,
      );
    if (parts === 1 && this.#partition[0] === i)
      throw new DataError(`Key column '${name}' of ${this.#name}: a partition key may not be empty`);
  }

  get #name(): string {
    return quoteTable(this.table.keyspace, this.table.name);
  }
}
