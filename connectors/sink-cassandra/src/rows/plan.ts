import { DataError, describeValue, isContainer, messageOf, type SinkRecord } from '@tributary/api';
import type { Codecs } from '../codec/codec.ts';
import { timeuuidOf } from '../codec/identifiers.ts';
import type { InPlace } from '../codec/in-place.ts';
import type { Encode } from '../codec/misfit.ts';
import type { RowWriter } from '../codec/row-writer.ts';
import { quoteTable } from '../cql/names.ts';
import { deleteStatement, insertStatement } from '../cql/statements.ts';
import { primaryKey, type Table } from '../cql/table.ts';
import { typeName } from '../cql/types.ts';
import type { TableSettings } from '../settings/table-settings.ts';
import { type ColumnSource, columnSources } from './columns.ts';
import { type Identity, identityOf, identityPart } from './identity.ts';
import { ListItems } from './list-items.ts';
import { opened } from './opened.ts';
import { timeSourceName } from './times.ts';
import { ttlReader } from './ttl.ts';

/** One write: a row, or the deletion of one. */
export interface Row {
  readonly record: SinkRecord;
  readonly plan: TablePlan;
  readonly deletes: boolean;
  /** Microseconds since the epoch. */
  readonly time: number;
  /**
   * The values that its statement takes, as a {@link RowWriter} writes them; null: not made yet. Most are made when they are sent: buffers
   * for each of thousands of rows that wait for their turn would keep the garbage collector busy.
   */
  encoded: Buffer | null;
}

const MOST_KEY_BYTES = 65_535;

interface PlannedColumn extends ColumnSource {
  readonly encode: Encode;
  readonly inPlace: InPlace | null;
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
  /** Null: the table has none that need it. */
  readonly listItems: ListItems | null;
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
  readonly #ttl: ((record: SinkRecord) => number | undefined) | null;

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
      inPlace: codecs.inPlaceOf(source.column.type),
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
    const columns = sources.map(({ column }) => column);
    this.width = columns.length;
    const keyColumns = keys.map((name) => table.columns.find((column) => column.name === name)!);
    const parts = { keyspace: table.keyspace, table: table.name, columns, keys: keyColumns, ttl: this.#ttl !== null };
    this.insert = insertStatement(parts);
    this.delete = deleteStatement(parts);
    this.listItems = ListItems.of(table, columns);
  }

  /** A row of which nothing is encoded yet. @param time the write time, in microseconds @throws DataError that names the column */
  rowOf(record: SinkRecord, time: number): Row {
    return { record, plan: this, deletes: this.#deletes(record), time, encoded: null };
  }

  /** Tells the partition of a row from others of the table. @throws DataError that names the column */
  partitionOf({ record, time }: Row): Identity {
    return this.#identity(this.#partition, record, time);
  }

  /** Tells a row from others of its partition. @throws DataError that names the column */
  clusteringOf({ record, time }: Row): Identity {
    return this.#identity(this.#clustering, record, time);
  }

  /** The key that a row's partition is found by, for the driver: the columns' values. @throws DataError that names the column */
  routingKeyOf({ record, time }: Row): Buffer[] {
    return this.#partition.map((column) => {
      try {
        return this.#keyBytes(column, this.#read(column, record, time));
      } catch (error) {
        throw this.#named(column, error);
      }
    });
  }

  /** What the row's statement takes. @throws DataError that names the column */
  encode({ record, deletes, time }: Row, writer: RowWriter): Buffer {
    if (this.#takesFields) this.#checkFields(record);
    if (deletes) {
      writer.begin(1 + this.#partition.length + this.#clustering.length);
      writer.int64(time);
      for (const column of this.#partition) this.#write(column, record, time, writer);
      for (const column of this.#clustering) this.#write(column, record, time, writer);
      return writer.take();
    }
    writer.begin(this.width + (this.#ttl ? 2 : 1));
    for (const column of this.#columns) this.#write(column, record, time, writer);
    writer.int64(time);
    if (this.#ttl) this.#writeTtl(this.#ttl(record), writer);
    return writer.take();
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

  #write(column: PlannedColumn, record: SinkRecord, time: number, writer: RowWriter): void {
    try {
      const value = this.#read(column, record, time);
      if (!(column.isKey && isOddKey(value)) && column.inPlace?.(value, writer)) return;
      if (column.isKey) writer.bytes(this.#keyBytes(column, value));
      else if (value !== undefined && value !== null) writer.bytes(column.encode(value));
      else if (this.settings.nullToUnset) writer.unset();
      else writer.null();
    } catch (error) {
      throw this.#named(column, error);
    }
  }

  #writeTtl(seconds: number | undefined, writer: RowWriter): void {
    if (seconds === undefined) writer.unset();
    else writer.int32(seconds);
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

  #keyBytes(column: PlannedColumn, value: unknown): Buffer {
    if (value === undefined || value === null)
      throw new DataError(value === null ? `${column.from} is null` : `the record has no ${column.from}`);
    const bytes = column.encode(value);
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

/** Whether a text may be too short or too long for a key. */
const isOddKey = (value: unknown): boolean =>
  typeof value === 'string' && (value.length === 0 || value.length > MOST_KEY_BYTES / 3);
