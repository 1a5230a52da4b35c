import { DataError, type Logger, type SinkRecord } from '@tributary/api';
import { concurrently, type Fault, type Refuse, type Store } from '@tributary/sink-kit';
import { batchesOf, type WriteBatch } from '../rows/batches.ts';
import type { Complete } from '../rows/fold.ts';
import type { Row, TablePlan } from '../rows/plan.ts';
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
    const complete = (row: Row): boolean => completed(row, refuse);
    const rows = this.#rows(records, refuse);
    const { client } = this.#session;
    const { maxConcurrentRequests: count, maxConcurrentRows: size } = this.#config;
    const limits = { count, size, sizeOf: ({ writes }: WriteBatch) => writes.length };
    await concurrently(this.#batches(rows, complete), limits, (batch) => send(client, batch));
  }

  *#batches(rowsOf: ReadonlyMap<TablePlan, readonly Row[]>, complete: Complete): Generator<WriteBatch> {
    const limits = { count: this.#config.maxNumberOfRecordsInBatch, bytes: this.#config['batch.bytes'] };
    for (const [plan, rows] of rowsOf) yield* batchesOf(plan, rows, limits, complete);
  }

  /** The rows of each table. */
  #rows(records: Records, refuse: Refuse): ReadonlyMap<TablePlan, readonly Row[]> {
    const byPlan = new Map<TablePlan, Row[]>();
    let topic: string | undefined;
    let targets: ReadonlyArray<readonly [TablePlan, Row[]]> = [];
    for (const record of records) {
      if (record.topic !== topic) {
        topic = record.topic;
        targets = this.#plans.of(topic).map((plan) => [plan, rowsOf(byPlan, plan)]);
      }
      try {
        const rows = targets.map(([plan]) => plan.rowOf(record, this.#timeOf(plan, record)));
        // All of them before any is taken: a record of which one row cannot be made gives none.
        if (rows.length > 1) for (const row of rows) row.params = row.plan.paramsOf(row);
        for (let i = 0; i < rows.length; i++) targets[i]![1].push(rows[i]!);
      } catch (error) {
        refuse(record, error);
      }
    }
    return byPlan;
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

function rowsOf(byPlan: Map<TablePlan, Row[]>, plan: TablePlan): Row[] {
  const rows = byPlan.get(plan) ?? [];
  byPlan.set(plan, rows);
  return rows;
}

function completed(row: Row, refuse: Refuse): boolean {
  try {
    row.params ??= row.plan.paramsOf(row);
    return true;
  } catch (error) {
    refuse(row.record, error);
    return false;
  }
}
