import { ConnectError, DataError, type Schema } from '@tributary/api';
import type { SinkConfig } from '../config.ts';
import type { ResultRow, Session } from '../connection/session.ts';
import type { Zones } from '../convert/times.ts';
import { errorNumbers, MissingTableError } from '../errors.ts';
import type { Extracted } from '../record/extract.ts';
import { addColumnsSql, createTableSql, inferSchema, type NewColumn, newColumn } from './ddl.ts';
import { columnIndex, columnsSql, type TableInfo, tableInfo } from './info.ts';
import { quote, quoteTable, type TableName, tableNames } from './name.ts';

const TABLE_EXISTS = 2714;
/** There is such a column already, or it stands in the statement twice. */
const COLUMN_EXISTS = 2705;

type Query = Pick<Session, 'query'>;

/** Looks a table up. Null: there is none, or the login may not see it. */
export async function lookUp(session: Query, name: TableName): Promise<TableInfo | null> {
  const prefix = name.database === null ? '' : `${quote(name.database)}.`;
  return tableInfo(name, await session.query(columnsSql(prefix), { table: quoteTable(name) }));
}

/** The table that is meant by a topic, and how it is called; the last of its names if none is there. */
export async function find(
  session: Query,
  format: string,
  topic: string,
): Promise<{ readonly name: TableName; readonly info: TableInfo | null }> {
  const names = tableNames(format, topic);
  for (const name of names.slice(0, -1)) {
    const info = await lookUp(session, name);
    if (info !== null || (name.database === null && (await hasSchema(session, name.schema)))) return { name, info };
  }
  const name = names.at(-1)!;
  return { name, info: await lookUp(session, name) };
}

async function hasSchema(session: Query, schema: string): Promise<boolean> {
  const [row] = await session.query('SELECT SCHEMA_ID(@schema) AS [id]', { schema });
  return (row as ResultRow | undefined)?.['id'] != null;
}

/** Makes tables and columns for records, where the config says so. */
export class Catalog {
  readonly #config: SinkConfig;
  readonly #zones: Zones;

  constructor(config: SinkConfig, zones: Zones) {
    this.#config = config;
    this.#zones = zones;
  }

  /** @throws MissingTableError if there is no table and none may be made, DataError if none can be made for the records */
  async table(session: Query, topic: string, records: readonly Extracted[]): Promise<TableInfo> {
    const { name, info } = await find(session, this.#config['table.name.format'], topic);
    if (info !== null) return this.#checked(info);
    const quoted = quoteTable(name);
    if (!this.#config['auto.create'])
      throw new MissingTableError(
        `There is no table ${quoted} for topic ${topic}, or the login may not see it: create it, set auto.create=true, or see whether table.name.format=${this.#config['table.name.format']} is meant`,
      );
    const columns = this.#newColumns(records, () => true);
    if (columns.length === 0)
      throw new DataError(`Table ${quoted} cannot be created from records that have nothing but nulls`);
    // Another task may have been first.
    if ((await failure(session.query(createTableSql(name, columns)), TABLE_EXISTS, COLUMN_EXISTS)) === COLUMN_EXISTS)
      await failure(session.query(createTableSql(name, inOneCase(columns))), TABLE_EXISTS);
    return this.#existing(session, name);
  }

  /**
   * Adds the columns that are missing. Fields without a schema of which there is no value yet are left for later.
   * @returns the table as it is then
   * @throws DataError if a column is missing and may not or cannot be added
   */
  async evolve(session: Query, info: TableInfo, records: readonly Extracted[]): Promise<TableInfo> {
    const columns = this.#newColumns(records, (name) => columnIndex(info, name) < 0);
    if (columns.length === 0) return info;
    const table = quoteTable(info.name);
    const names = columns.map(({ name }) => name).join(', ');
    if (!this.#config['auto.evolve'] || info.isView)
      throw new DataError(
        `${info.isView ? 'View' : 'Table'} ${table} has no column for ${names}: add it, ${info.isView ? '' : 'set auto.evolve=true, '}or leave the field out by fields.whitelist or the transform ReplaceField`,
      );
    const strict = columns.find(({ key, nullable }) => key || !nullable);
    if (strict)
      throw new DataError(
        `Column ${strict.name} cannot be added to table ${table}, as ${strict.key ? 'it is part of the primary key' : 'the field is neither optional nor has it a default'}: add it by hand, or make the field optional`,
      );
    if ((await failure(session.query(addColumnsSql(info.name, columns)), COLUMN_EXISTS)) === undefined)
      return this.#existing(session, info.name);
    // None was added: another task has added some of them, or the server holds two names to be the same.
    let evolved = await this.#existing(session, info.name);
    for (const column of columns) {
      if (columnIndex(evolved, column.name) >= 0) continue;
      await failure(session.query(addColumnsSql(info.name, [column])), COLUMN_EXISTS);
      evolved = await this.#existing(session, info.name);
    }
    return evolved;
  }

  async #existing(session: Query, name: TableName): Promise<TableInfo> {
    const info = await lookUp(session, name);
    if (info !== null) return info;
    throw new ConnectError(`Table ${quoteTable(name)} was changed, and cannot be seen afterwards`);
  }

  #checked(info: TableInfo): TableInfo {
    const types = this.#config['table.types'];
    if (types.includes('VIEW') ? info.isView || types.length > 1 : !info.isView) return info;
    throw new ConnectError(
      `${quoteTable(info.name)} is a ${info.isView ? 'view' : 'table'}, and table.types=${types.join(',')} allows none: set table.types=TABLE,VIEW`,
    );
  }

  #newColumns(records: readonly Extracted[], isMissing: (name: string) => boolean): readonly NewColumn[] {
    const schemas = new Map<string, { readonly schema: Schema | null; readonly key: boolean }>();
    for (const plan of new Set(records.map(({ plan }) => plan))) {
      for (const { name, schema, key } of plan.fields) {
        if (!isMissing(name)) continue;
        const known = schemas.get(name);
        // Of two versions of a field the one that allows more.
        if (!known?.schema || (schema?.optional && !known.schema.optional)) schemas.set(name, { schema, key });
      }
    }
    const columns: NewColumn[] = [];
    for (const [name, { schema, key }] of schemas) {
      const found = schema ?? inferSchema(valuesOf(records, name), key);
      if (found !== null) columns.push(newColumn(name, found, key, this.#config, this.#zones));
    }
    return columns;
  }
}

function valuesOf(records: readonly Extracted[], name: string): readonly unknown[] {
  return records.flatMap(({ plan, values }) =>
    plan.fields.flatMap((field, i) => (field.name === name ? [values[i]] : [])),
  );
}

/** Of names that differ in case only the first, which takes what the others hold, too. */
const inOneCase = (columns: readonly NewColumn[]): readonly NewColumn[] =>
  [...Map.groupBy(columns, ({ name }) => name.toLowerCase()).values()].map(([first]) => first!);

/** Which of these errors a statement ended with; undefined if it did what it should. @throws any other */
async function failure(done: Promise<unknown>, ...numbers: readonly number[]): Promise<number | undefined> {
  try {
    await done;
    return undefined;
  } catch (error) {
    const number = errorNumbers(error).find((each) => numbers.includes(each));
    if (number === undefined) throw error;
    return number;
  }
}
