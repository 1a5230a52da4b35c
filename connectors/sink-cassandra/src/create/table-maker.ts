import { ConfigError, type Logger, type SinkRecord } from '@tributary/api';
import { quoteTable } from '../cql/names.ts';
import type { Table } from '../cql/table.ts';
import type { CassandraConfig, TableSettings } from '../settings/table-settings.ts';
import { missing, unfitName } from '../store/schema-error.ts';
import type { Session } from '../store/session.ts';
import { addColumn, createKeyspace, createTable } from './ddl.ts';
import { columnsFor, shapeFor } from './shape.ts';

type Records = readonly SinkRecord[];

/** Finds tables, and makes what is missing of them where the config allows it. */
export class TableMaker {
  readonly #config: CassandraConfig;
  readonly #session: Session;
  readonly #log: Logger;

  constructor(config: CassandraConfig, session: Session, log: Logger) {
    this.#config = config;
    this.#session = session;
    this.#log = log;
  }

  /**
   * The table as it is, once everything is there that the records need. Null: it is not there, and the records tell nothing of it, since
   * all of them are tombstones.
   * @throws SchemaError if something is missing and may not be made, ConfigError if it cannot be for its name, DataError if none of the records
   * could be a row of it
   */
  async table(settings: TableSettings, records: Records): Promise<Table | null> {
    const { keyspace, table } = settings;
    const found = await this.#session.table(keyspace, table);
    if (typeof found === 'object') return this.#config['auto.evolve'] ? this.#evolved(settings, found, records) : found;
    if (!this.#config['auto.create']) throw missing(settings, found, this.#session.keyspaces());
    const unfit = unfitName(settings);
    if (unfit) throw new ConfigError(unfit.message);
    if (columnsFor(settings, records).size === 0) return null;
    if (found === 'no keyspace') await this.#createKeyspace(keyspace);
    await this.#createTable(settings, records);
    const created = await this.#session.table(keyspace, table);
    if (typeof created === 'string') throw missing(settings, created, this.#session.keyspaces());
    // Another task may have been faster, with records of other fields.
    return this.#evolved(settings, created, records);
  }

  async #createKeyspace(keyspace: string): Promise<void> {
    const replication = this.#config['keyspace.replication'];
    this.#log.warn(
      `Keyspace '${keyspace}' is created with replication ${replication}: keyspace.replication says how many copies of each row there are`,
    );
    await this.#session.run(createKeyspace(keyspace, replication));
  }

  async #createTable(settings: TableSettings, records: Records): Promise<void> {
    const { keyspace, table } = settings;
    const cql = createTable(keyspace, table, shapeFor(settings, records));
    this.#log.info(`Table ${quoteTable(keyspace, table)} is created: ${cql}`);
    await this.#session.run(cql);
  }

  async #evolved(settings: TableSettings, table: Table, records: Records): Promise<Table> {
    const known = new Set(table.columns.map(({ name }) => name));
    const fresh = [...columnsFor(settings, records)].filter(
      // The record's key is a column only if the table was made so.
      ([name]) => !known.has(name) && !(settings.mapping === null && name === 'key') && name !== 'bucket',
    );
    if (fresh.length === 0) return table;
    for (const [name, type] of fresh) {
      this.#log.info(`Column '${name}' (${type}) is added to ${quoteTable(table.keyspace, table.name)}`);
      try {
        await this.#session.run(addColumn(table.keyspace, table.name, name, type));
      } catch (error) {
        // Another task may have been faster.
        const now = await this.#session.table(table.keyspace, table.name);
        if (typeof now === 'string' || !now.columns.some((column) => column.name === name)) throw error;
      }
    }
    const evolved = await this.#session.table(table.keyspace, table.name);
    if (typeof evolved === 'string') throw missing(settings, evolved, this.#session.keyspaces());
    return evolved;
  }
}
