import { DataError, type Logger, type SinkRecord } from '@tributary/api';
import { concurrently, type Fault, type Refuse, type Store } from '@tributary/sink-kit';
import { RowWriter } from '../codec/row-writer.ts';
import { PartitionedRows, type WriteBatch } from '../rows/partitioned-rows.ts';
import type { TablePlan } from '../rows/plan.ts';
import type { CassandraConfig, Settings } from '../settings/table-settings.ts';
import type { Clocks } from '../time/clocks.ts';
import { faultOf, hintsAtSchema } from './faults.ts';
import { Plans } from './plans.ts';
import { send } from './send.ts';
import { Session } from './session.ts';

type Records = readonly SinkRecord[];

/** Writes records as rows. */
export class CassandraStore implements Store {
  readonly #config: CassandraConfig;
  readonly #clocks: Clocks;
  readonly #session: Session;
  readonly #plans: Plans;
  readonly #writer = new RowWriter();

  constructor(config: CassandraConfig, settings: Settings, clocks: Clocks, log: Logger) {
    this.#config = config;
    this.#clocks = clocks;
    this.#session = new Session(config, log);
    this.#plans = new Plans(config, settings, this.#session, log);
  }

  /** @throws what the driver does */
  connect(): Promise<void> {
    return this.#session.connect();
  }

  async write(records: Records, refuse: Refuse): Promise<void> {
    await this.#session.connect();
    await this.#plans.prepare(records);
    try {
      await this.#send(records, refuse);
    } catch (error) {
      // A column that was dropped, a table that was made anew, a type that has changed: then the rows are made anew as well.
      if (!hintsAtSchema(error) || !(await this.#plans.refresh(records))) throw error;
      await this.#send(records, refuse);
    }
  }

  classify(error: unknown): Fault {
    return faultOf(error);
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  async #send(records: Records, refuse: Refuse): Promise<void> {
    const batches = this.#batches(this.#rows(records, refuse), refuse);
    const { client } = this.#session;
    const { maxConcurrentRequests: count, maxConcurrentRows: size } = this.#config;
    const limits = { count, size, sizeOf: ({ rows }: WriteBatch) => rows };
    await concurrently(batches, limits, (batch) => send(client, batch));
  }

  *#batches(tables: Iterable<PartitionedRows>, refuse: Refuse): Generator<WriteBatch> {
    const limits = { count: this.#config.maxNumberOfRecordsInBatch, bytes: this.#config['batch.bytes'] };
    for (const rows of tables) yield* rows.batches(limits, refuse);
  }

  /** The rows of each table. */
  #rows(records: Records, refuse: Refuse): Iterable<PartitionedRows> {
    const tables = new Map<TablePlan, PartitionedRows>();
    let topic: string | undefined;
    let targets: ReadonlyArray<readonly [TablePlan, PartitionedRows]> = [];
    for (const record of records) {
      if (record.topic !== topic) {
        topic = record.topic;
        targets = this.#plans.of(topic).map((plan) => [plan, rowsOf(tables, plan)]);
      }
      try {
        if (targets.length === 1) this.#add(record, ...targets[0]!);
        else this.#addToAll(record, targets);
      } catch (error) {
        refuse(record, error);
      }
    }
    return tables.values();
  }

  #add(record: SinkRecord, plan: TablePlan, rows: PartitionedRows): void {
    const row = plan.rowOf(record, this.#timeOf(plan, record));
    rows.add(row, plan.partitionOf(row));
  }

  /** Each row is made before any is taken: a record of which one row cannot be made gives none. */
  #addToAll(record: SinkRecord, targets: ReadonlyArray<readonly [TablePlan, PartitionedRows]>): void {
    const made = targets.map(([plan, rows]) => {
      const row = plan.rowOf(record, this.#timeOf(plan, record));
      row.encoded = plan.encode(row, this.#writer);
      return { row, rows, partition: plan.partitionOf(row) };
    });
    for (const { row, rows, partition } of made) rows.add(row, partition);
  }

  #timeOf(plan: TablePlan, record: SinkRecord): number {
    const time = this.#clocks.timeOf(plan.timeSource, record);
    if (time !== undefined) return time;
    const { mapping, timestampTimeUnit } = plan.settings;
    throw new DataError(
      mapping?.timestamp == null
        ? `the record's timestamp ${record.timestamp} is too large for a write time: it must be in milliseconds`
        : `__timestamp (${mapping.timestamp}) must be a whole number of ${timestampTimeUnit.toLowerCase()}`,
    );
  }
}

function rowsOf(tables: Map<TablePlan, PartitionedRows>, plan: TablePlan): PartitionedRows {
  const rows = tables.get(plan) ?? new PartitionedRows(plan);
  tables.set(plan, rows);
  return rows;
}
