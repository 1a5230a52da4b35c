/** Ticks from a topic into SQL Server by its driver alone: a bulk load into a temporary table and one MERGE for each batch. */
import { Connection, type ConnectionAuthentication, type ConnectionOptions, Request, TYPES } from 'tedious';
import { type BareJob, consume, Gate } from './consume.ts';

const ROWS_PER_WRITE = 5_000;
const TYPE = { text: TYPES.NVarChar, integer: TYPES.BigInt, float: TYPES.Float } as const;
const COLUMNS = [
  ['symbol', 'text'],
  ['event_time_us', 'integer'],
  ['sequence', 'integer'],
  ['price', 'float'],
  ['size', 'float'],
  ['bid', 'float'],
  ['ask', 'float'],
  ['exchange', 'text'],
  ['event_time', 'integer'],
] as const;
const KEY = COLUMNS.slice(0, 3).map(([name]) => name);
const NAMES = COLUMNS.map(([name]) => `[${name}]`);
const OTHERS = COLUMNS.slice(3).map(([name]) => name);
const SQL_TYPE = { text: 'nvarchar(32)', integer: 'bigint', float: 'float' } as const;

interface Job extends BareJob {
  readonly connection: {
    readonly server: string;
    readonly authentication: ConnectionAuthentication;
    readonly options: ConnectionOptions;
  };
}

type Tick = Readonly<Record<string, string | number>>;

const job = JSON.parse(process.argv[2]!) as Job;
const connection = new Connection(job.connection);
await new Promise<void>((resolve, reject) => {
  connection.connect((error) => (error ? reject(error) : resolve()));
});

const run = (sql: string): Promise<void> =>
  new Promise((resolve, reject) => {
    connection.execSqlBatch(new Request(sql, (error) => (error ? reject(error) : resolve())));
  });

const load = (rows: readonly unknown[][]): Promise<void> =>
  new Promise((resolve, reject) => {
    const bulk = connection.newBulkLoad('#ticks', { keepNulls: true }, (error) => (error ? reject(error) : resolve()));
    for (const [name, type] of COLUMNS)
      bulk.addColumn(name, TYPE[type], { nullable: true, ...(type === 'text' && { length: 32 }) });
    connection.execBulkLoad(bulk, rows);
  });

const collation = 'COLLATE DATABASE_DEFAULT';
await run(
  `CREATE TABLE [#ticks] (${COLUMNS.map(([name, type]) => `[${name}] ${SQL_TYPE[type]} ${type === 'text' ? `${collation} ` : ''}NULL`).join(', ')})`,
);
const merge = `MERGE INTO [${job.table}] WITH (HOLDLOCK) AS target USING [#ticks] AS incoming
ON (${KEY.map((name) => `target.[${name}] = incoming.[${name}]`).join(' AND ')})
WHEN MATCHED THEN UPDATE SET ${OTHERS.map((name) => `[${name}] = incoming.[${name}]`).join(', ')}
WHEN NOT MATCHED BY TARGET THEN INSERT (${NAMES.join(', ')}) VALUES (${NAMES.map((name) => `incoming.${name}`).join(', ')});
TRUNCATE TABLE [#ticks];`;

// Temporary tables are of one session, which takes one statement at a time.
const gate = new Gate(1);

await consume(job, async (values) => {
  const rows = values.map((value) => {
    const tick = JSON.parse(value.toString()) as Tick;
    return COLUMNS.map(([name]) => tick[name]);
  });
  const sent: Promise<void>[] = [];
  for (let at = 0; at < rows.length; at += ROWS_PER_WRITE) {
    const some = rows.slice(at, at + ROWS_PER_WRITE);
    sent.push(
      gate.run(async () => {
        await load(some);
        await run(merge);
      }),
    );
  }
  await Promise.all(sent);
});
