import { ConnectError, DataError, type SinkRecord } from '@tributary/api';
import type { Fault, Refuse, Store } from '@tributary/sink-kit';
import type { SinkConfig } from '../config.ts';
import type { ServerOptions } from '../connection/options.ts';
import { Session } from '../connection/session.ts';
import { Misfit } from '../convert/misfit.ts';
import type { Zones } from '../convert/times.ts';
import {
  classify,
  DEADLOCK,
  errorNumbers,
  isStale,
  LoginError,
  leavesSessionWhole,
  OFFSETS_MOVED,
  remedyOf,
  serverMessage,
} from '../errors.ts';
import { type Extracted, Extractor } from '../record/extract.ts';
import type { Plan } from '../record/plan.ts';
import { Catalog, lookUp } from '../table/catalog.ts';
import { columnIndex, type TableInfo } from '../table/info.ts';
import { quoteTable } from '../table/name.ts';
import { foldRows, type Row } from './fold.ts';
import { keyColumnsOf } from './key-columns.ts';
import { type Loaded, Loader } from './loader.ts';
import type { OffsetTable } from './offsets.ts';
import { unchangedSql, VARIABLES, writeSql } from './sql.ts';
import { Target } from './target.ts';

export interface StoreOptions {
  readonly config: SinkConfig;
  readonly server: ServerOptions;
  readonly zones: Zones;
  /** Null without `delivery=exactly_once`. */
  readonly offsets: OffsetTable | null;
  /** Waits until the records that were refused are where they go. */
  flushErrant(): Promise<void>;
}

/** The rows of one table in a write. */
interface TableRows {
  readonly target: Target;
  readonly rows: readonly Row[];
}

/**
 * How often a write is tried before its error counts, if it began with a table, or an offset, that is not what it was, or was the victim
 * of a deadlock, whose other side is done by then: tasks that add rows beside each other meet in them often.
 */
const ATTEMPTS = 4;

/**
 * Writes batches to SQL Server: the rows of a batch are loaded into temporary tables of the session, then one round trip brings them
 * where they belong, in one transaction.
 */
export class SqlServerStore implements Store {
  readonly #options: StoreOptions;
  readonly #extractor: Extractor;
  readonly #catalog: Catalog;
  /** By topic; topics that share a table share its target. */
  readonly #targets = new Map<string, Target>();
  #session: { readonly session: Session; readonly loader: Loader } | undefined;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.#extractor = new Extractor(options.config);
    this.#catalog = new Catalog(options.config, options.zones);
  }

  classify(error: unknown): Fault {
    return classify(error);
  }

  async write(records: readonly SinkRecord[], refuse: Refuse): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(records, refuse);
      } catch (error) {
        await this.#recover(error);
        const numbers = errorNumbers(error);
        const moved = numbers.includes(OFFSETS_MOVED);
        const deadlocked = numbers.includes(DEADLOCK);
        if (attempt >= ATTEMPTS || !(isStale(error) || moved || deadlocked))
          throw await this.#explained(error, records);
        if (!deadlocked) this.#targets.clear();
        if (moved) await this.#options.offsets?.catchUp((await this.connected()).session, records);
      }
    }
  }

  /** The session, opened if there is none. @throws LoginError */
  async connected(): Promise<{ readonly session: Session; readonly loader: Loader }> {
    if (this.#session && !this.#session.session.ended) return this.#session;
    await this.close();
    const session = await Session.open(this.#options.server);
    this.#session = { session, loader: new Loader(session) };
    return this.#session;
  }

  async close(): Promise<void> {
    const open = this.#session;
    this.#session = undefined;
    await open?.session.close();
  }

  async #attempt(given: readonly SinkRecord[], refuse: Refuse): Promise<void> {
    const { offsets } = this.#options;
    const { session, loader } = await this.connected();
    const records = offsets === null ? given : await offsets.pending(session, given);
    if (records.length === 0) return;
    const tables: TableRows[] = [];
    for (const [topics, extracted] of await this.#byTable(session, records, refuse)) {
      const table = await this.#rows(session, topics, extracted, refuse);
      if (table.rows.length > 0) tables.push(table);
    }
    const loaded: Loaded[] = [];
    for (const { target, rows } of tables) loaded.push(await loader.load(target, rows));
    const advance = offsets?.advance(records);
    if (loaded.length === 0 && !advance) return;
    // Nobody gives them to us again, once the offsets in the database are behind them.
    if (advance) await this.#options.flushErrant();
    await session.query(this.#batchSql(loaded, advance?.sql ?? ''), advance?.parameters);
    advance?.done();
    loader.emptied();
  }

  #batchSql(loaded: readonly Loaded[], advance: string): string {
    const { config } = this.#options;
    const writes = loaded.map(({ target, staging, omitted }) =>
      writeSql({
        mode: config['insert.mode'],
        table: target.sqlName,
        staging,
        holdlock: config['mssql.use.merge.holdlock'],
        omitted,
      }),
    );
    return [
      'SET NOCOUNT ON;\n',
      VARIABLES,
      'BEGIN TRANSACTION;\n',
      advance,
      ...loaded.map(({ target }) => unchangedSql(target.info)),
      ...writes,
      'COMMIT TRANSACTION;\n',
      ...loaded.map(({ staging }) => `TRUNCATE TABLE [${staging.name}];\n`),
    ].join('');
  }

  /** The records of each table in their order, whatever topics they come from. */
  async #byTable(
    session: Session,
    records: readonly SinkRecord[],
    refuse: Refuse,
  ): Promise<ReadonlyMap<readonly string[], readonly Extracted[]>> {
    const byTopic = new Map<string, Extracted[]>();
    const extracted: Extracted[] = [];
    for (const record of records) {
      try {
        const each = this.#extractor.extract(record);
        extracted.push(each);
        const others = byTopic.get(record.topic);
        if (others) others.push(each);
        else byTopic.set(record.topic, [each]);
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        refuse(record, error);
      }
    }
    for (const [topic, each] of byTopic) await this.#targetOf(session, topic, each);
    const topics = Map.groupBy(byTopic.keys(), (topic) => this.#targets.get(topic)!);
    return new Map(
      [...topics.values()].map((names) => [
        names,
        names.length === 1 ? byTopic.get(names[0]!)! : extracted.filter(({ record }) => names.includes(record.topic)),
      ]),
    );
  }

  async #targetOf(session: Session, topic: string, records: readonly Extracted[]): Promise<void> {
    if (this.#targets.has(topic)) return;
    const info = await this.#catalog.table(session, topic, records);
    const name = quoteTable(info.name);
    const same = [...this.#targets.values()].find(({ sqlName }) => sqlName === name);
    this.#targets.set(topic, same ?? new Target(info, this.#options.zones));
  }

  /**
   * Makes rows. Before any record is refused because of what its table is like, the table is looked at again: it may have been changed
   * since.
   */
  async #rows(
    session: Session,
    topics: readonly string[],
    records: readonly Extracted[],
    refuse: Refuse,
  ): Promise<TableRows> {
    let target = this.#targets.get(topics[0]!)!;
    let made = rowsOf(target, records, this.#options.config);
    if (made.misfits.length > 0 || made.lacking.length > 0) {
      const current =
        (await lookUp(session, target.info.name)) ?? (await this.#catalog.table(session, topics[0]!, records));
      if (current.modified !== target.info.modified) {
        target = this.#replaced(topics, current);
        made = rowsOf(target, records, this.#options.config);
      }
    }
    if (made.lacking.length > 0) {
      const evolved = await this.#evolved(session, target.info, made.lacking, refuse);
      if (evolved !== null) target = this.#replaced(topics, evolved);
      const refused = new Set(evolved === null ? made.lacking : []);
      made = rowsOf(
        target,
        records.filter((each) => !refused.has(each)),
        this.#options.config,
      );
      for (const { record, plan } of made.lacking) refuse(record, notAdded(target, plan));
    }
    for (const [record, error] of made.misfits) refuse(record, error);
    const rows = this.#options.config['insert.mode'] === 'insert' ? made.rows : foldRows(made.rows, target.keys);
    target.noteOptional(rows);
    return { target, rows };
  }

  #replaced(topics: readonly string[], info: TableInfo): Target {
    const target = new Target(info, this.#options.zones);
    for (const topic of topics) this.#targets.set(topic, target);
    return target;
  }

  /** Null: it must not be changed, and the records have been refused. */
  async #evolved(
    session: Session,
    info: TableInfo,
    lacking: readonly Extracted[],
    refuse: Refuse,
  ): Promise<TableInfo | null> {
    try {
      return await this.#catalog.evolve(session, info, lacking);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      for (const { record } of lacking) refuse(record, error);
      return null;
    }
  }

  /** A session that may hold something of the write is not used again. */
  async #recover(error: unknown): Promise<void> {
    if (leavesSessionWhole(error) && !this.#session?.session.ended && this.#session?.loader.canEmpty) return;
    await this.close();
  }

  /** The error with its number and what to do. */
  async #explained(error: unknown, records: readonly SinkRecord[]): Promise<unknown> {
    const [number] = errorNumbers(error);
    if (number === undefined || error instanceof LoginError || error instanceof ConnectError) return error;
    const { kind } = classify(error);
    if (kind !== 'data' && kind !== 'fatal') return error;
    const trim = this.#options.config['trim.sensitive.log'];
    const message = serverMessage(error, trim);
    // Without its cause if that shows what is not to be seen.
    const cause = trim ? {} : { cause: error };
    if (kind === 'fatal') return Object.assign(new ConnectError(`${message}${remedyOf(number)}`, cause), { number });
    const columns =
      records.length === 1 && this.#session
        ? await keyColumnsOf(this.#session.session, this.#targets.get(records[0]!.topic)?.info, error)
        : '';
    return new DataError(message + columns, cause);
  }
}

function notAdded(target: Target, plan: Plan): DataError {
  const names = target.missing(plan).map(({ name }) => name);
  return new DataError(
    `Table ${target.sqlName} has no column for ${names.join(', ')}, and SQL Server adds none, since it holds the name to be that of another column: rename the field with ReplaceField`,
  );
}

interface Made {
  readonly rows: readonly Row[];
  readonly misfits: ReadonlyArray<readonly [SinkRecord, Misfit]>;
  /** Those with a field for which there is no column. */
  readonly lacking: readonly Extracted[];
}

function rowsOf(target: Target, records: readonly Extracted[], config: SinkConfig): Made {
  const rows: Row[] = [];
  const misfits: Array<readonly [SinkRecord, Misfit]> = [];
  const lacking: Extracted[] = [];
  for (const each of records) {
    if (lacksColumn(target, each)) {
      lacking.push(each);
      continue;
    }
    try {
      rows.push(target.row(each, config['insert.mode'] === 'insert'));
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      misfits.push([each.record, error]);
    }
  }
  // Which columns are the key is known when all records have been looked at, if their keys are structs of different forms.
  const { keys } = target;
  const whole = rows.filter(({ record, values }) => {
    const place = keys.find((key) => values[key] === undefined);
    if (place === undefined) return true;
    const { name } = target.columns[place]!.column;
    misfits.push([
      record,
      new Misfit(
        `The key has no field ${name}, by which other records of table ${target.sqlName} are found; set pk.fields`,
      ),
    ]);
    return false;
  });
  return { rows: whole, misfits, lacking };
}

/** A field without a schema that is null says nothing, so that it needs no column. */
function lacksColumn(target: Target, { plan, values }: Extracted): boolean {
  const { fields } = plan;
  for (let i = 0; i < fields.length; i++) {
    const { name, schema } = fields[i]!;
    if ((schema !== null || values[i] !== null) && columnIndex(target.info, name) < 0) return true;
  }
  return false;
}
