/** The stores of the sink examples, with what a test needs to know of each. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Props } from '@tributary/api';
import {
  cassandra,
  type InfluxdbAddress,
  influxdb,
  type SqlServerHandle,
  sharedCassandra,
  sharedInfluxdb,
  skipUnlessAvailable,
  sqlServer,
} from '@tributary/services';
import { Client } from 'cassandra-driver';
import type { Test } from 'tap';

/** A tick as a store has it, or a topic: `symbol sequence price bid ask`. */
export type TickText = string;

export interface ExampleStore {
  /** The file of the example, in `examples/`. */
  readonly file: string;
  /** The example's keys that say where the store is, as the test has it. */
  readonly place: Props;
  /** What the example keeps apart: of ticks that have these in common it has the last. */
  readonly key: readonly string[];
  /** Changes to the example after which it keeps each tick. */
  readonly eachTick: Props;
  /** A key that a wrong host is given to, and that host. */
  readonly wrongPlace: { readonly key: string; readonly value: string };
  /** The ticks that are in the table or measurement of a topic, sorted. */
  ticks(topic: string): Promise<readonly TickText[]>;
}

/** A server of a test's own. */
export interface Server {
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface StoreKind {
  readonly name: string;
  /** Why it cannot be had here; false if it can. */
  readonly skip: string | false;
  /** On a server that others may use too; one that nobody shares ends with the test. */
  shared(t: Test): Promise<ExampleStore>;
  /** On a server that the test may kill. */
  own(): Promise<{ readonly store: ExampleStore; readonly server: Server }>;
}

type Row = Readonly<Record<string, unknown>>;

const number = (value: unknown): string =>
  value === null || value === undefined || value === '' ? '-' : String(Number(value));

export function tickText(row: Row): TickText {
  return [row['symbol'], ...['sequence', 'price', 'bid', 'ask'].map((name) => number(row[name]))].join(' ');
}

export const sortedTicks = (rows: readonly Row[]): readonly TickText[] => rows.map(tickText).sort();

/** The config of an example, its topic replaced by another. */
export function example(file: string, topic: string): Props {
  const text = readFileSync(join(import.meta.dirname, '..', '..', file), 'utf8');
  const { config } = JSON.parse(text) as { readonly config: Readonly<Record<string, string>> };
  return Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      key.replace(/^topic\.ticks\./, `topic.${topic}.`),
      key === 'topics' ? topic : value,
    ]),
  );
}

type Cassandra = Awaited<ReturnType<typeof sharedCassandra>>;

const cassandraStore = ({ contactPoint, port, localDc }: Cassandra): ExampleStore => ({
  file: 'ticks-to-cassandra.json',
  place: { contactPoints: contactPoint, port: String(port), 'loadBalancing.localDc': localDc },
  key: ['symbol', 'sequence'],
  eachTick: {},
  wrongPlace: { key: 'contactPoints', value: 'no-such-host.invalid' },
  async ticks(topic) {
    const client = new Client({ contactPoints: [`${contactPoint}:${port}`], localDataCenter: localDc });
    try {
      const rows: Row[] = [];
      const result = await client.execute(`SELECT * FROM market.${topic}`, [], { fetchSize: 5_000 });
      for await (const row of result) rows.push(Object.fromEntries(row.keys().map((key) => [key, row.get(key)])));
      return sortedTicks(rows);
    } finally {
      await client.shutdown();
    }
  },
});

const influxdbStore = ({ url, org, bucket, token }: InfluxdbAddress): ExampleStore => ({
  file: 'ticks-to-influxdb.json',
  place: { 'influxdb.url': url, 'influxdb.org': org, 'influxdb.bucket': bucket, 'influxdb.token': token },
  key: ['symbol', 'exchange', 'event_time_us'],
  eachTick: { 'points.unique': 'time' },
  wrongPlace: { key: 'influxdb.url', value: 'http://no-such-host.invalid:8086' },
  async ticks(topic) {
    const query = `from(bucket: "${bucket}") |> range(start: 0, stop: 2100-01-01T00:00:00Z)
      |> filter(fn: (r) => r._measurement == "${topic}" and contains(value: r._field, set: ["sequence", "price", "bid", "ask"]))
      |> toFloat() |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value") |> group()
      |> keep(columns: ["symbol", "sequence", "price", "bid", "ask"])`;
    const response = await fetch(`${url}/api/v2/query?org=${encodeURIComponent(org)}`, {
      method: 'POST',
      headers: { authorization: `Token ${token}`, 'content-type': 'application/vnd.flux', accept: 'application/csv' },
      body: query,
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return sortedTicks(csvRows(text));
  },
});

/** The rows of an answer in CSV whose values hold neither commas nor quotes. */
function csvRows(text: string): Row[] {
  const [head, ...lines] = text.split('\r\n').filter((line) => line !== '');
  const names = head?.split(',') ?? [];
  return lines.map((line) => {
    const values = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, values[i]]));
  });
}

const sqlServerStore = (server: SqlServerHandle): ExampleStore => ({
  file: 'ticks-to-sql-server.json',
  place: { 'connection.url': server.url, 'connection.user': server.user, 'connection.password': server.password },
  key: ['symbol'],
  eachTick: { 'pk.mode': 'record_value', 'pk.fields': 'symbol,sequence' },
  wrongPlace: { key: 'connection.url', value: 'jdbc:sqlserver://no-such-host.invalid:1433;databaseName=market' },
  ticks: async (topic) => sortedTicks(server.table(`dbo.${topic}`).rows),
});

export const STORES: readonly StoreKind[] = [
  {
    name: 'Cassandra',
    skip: await skipUnlessAvailable('cassandra'),
    shared: async () => cassandraStore(await sharedCassandra()),
    async own() {
      const server = await cassandra({ jit: 'quick', keepAlive: false });
      return { store: cassandraStore(server), server };
    },
  },
  {
    name: 'InfluxDB',
    skip: await skipUnlessAvailable('influxdb'),
    shared: async () => influxdbStore(await sharedInfluxdb()),
    async own() {
      const server = await influxdb({ keepAlive: false });
      return { store: influxdbStore(server), server };
    },
  },
  {
    name: 'SQL Server',
    skip: false,
    async shared(t) {
      const server = await sqlServer({ databases: ['market'], user: 'tributary' });
      t.teardown(() => server.stop());
      return sqlServerStore(server);
    },
    async own() {
      const server = await sqlServer({ databases: ['market'], user: 'tributary' });
      return { store: sqlServerStore(server), server };
    },
  },
];
