/** Ticks from a topic into Cassandra by the driver alone: prepared, unlogged batches of one partition each, several at once. */
import { Client } from 'cassandra-driver';
import { COLUMNS } from '../ticks.ts';
import { type BareJob, consume, Gate } from './consume.ts';

const ROWS_PER_BATCH = 64;
const BATCHES_AT_ONCE = 64;

interface Job extends BareJob {
  readonly address: string;
  readonly localDc: string;
  readonly keyspace: string;
}

type Tick = Readonly<Record<(typeof COLUMNS)[number], string | number>>;

const job = JSON.parse(process.argv[2]!) as Job;
const client = new Client({ contactPoints: [job.address], localDataCenter: job.localDc, keyspace: job.keyspace });
await client.connect();
const marks = COLUMNS.map(() => '?').join(', ');
const query = `INSERT INTO ${job.table} (${COLUMNS.join(', ')}) VALUES (${marks}) USING TIMESTAMP ?`;
const gate = new Gate(BATCHES_AT_ONCE);

await consume(job, async (values) => {
  const bySymbol = new Map<string, { query: string; params: unknown[] }[]>();
  for (const value of values) {
    const tick = JSON.parse(value.toString()) as Tick;
    const params: unknown[] = COLUMNS.map((name) => tick[name]);
    params.push(tick.event_time_us);
    const rows = bySymbol.get(tick.symbol as string);
    if (rows) rows.push({ query, params });
    else bySymbol.set(tick.symbol as string, [{ query, params }]);
  }
  const sent: Promise<unknown>[] = [];
  for (const rows of bySymbol.values())
    for (let at = 0; at < rows.length; at += ROWS_PER_BATCH) {
      const batch = rows.slice(at, at + ROWS_PER_BATCH);
      sent.push(gate.run(() => client.batch(batch, { prepare: true, logged: false })));
    }
  await Promise.all(sent);
});
