/** The stores of the sink examples: each started for the tests, with what a test needs to know of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Props } from '@tributary/api';
import { cassandra, influxdb, sqlServer } from '@tributary/services';
import { Client } from 'cassandra-driver';
import type { Test } from 'tap';

/** A tick as a store has it, or a topic: `symbol sequence price bid ask`. */
export type TickText = string;

export interface ExampleStore {
  /** The file of the example, in `examples/`. */
  readonly file: string;
  /** The example's keys that say where the store is, as the test has it. */
  readonly place: Props;
  /** Changes to the example after which each tick has a row of its own, where the example keeps the latest of each symbol. */
  readonly eachTick: Props;
  /** Whether the example as it is keeps the latest tick of each symbol. */
  readonly latestOnly: boolean;
  /** A key that a wrong host is given to, and that host. */
  readonly wrongPlace: { readonly key: string; readonly value: string };
  /** The ticks that are in the table or measurement of a topic, sorted. */
  ticks(topic: string): Promise<readonly TickText[]>;
  kill(): Promise<void>;
  restart(): Promise<void>;
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

export async function cassandraStore(t: Test): Promise<ExampleStore> {
  const server = await cassandra({ jit: 'quick' });
  t.teardown(() => server.stop());
  const client = (): Client =>
    new Client({
      contactPoints: [server.address],
      localDataCenter: server.localDc,
      encoding: { useBigIntAsLong: true },
    });
  return {
    file: 'ticks-to-cassandra.json',
    place: { contactPoints: server.contactPoint, port: String(server.port), 'loadBalancing.localDc': server.localDc },
    eachTick: {},
    latestOnly: false,
    wrongPlace: { key: 'contactPoints', value: 'no-such-host.invalid' },
    async ticks(topic) {
      const session = client();
      try {
        const rows: Row[] = [];
        const result = await session.execute(`SELECT * FROM market.${topic}`, [], { fetchSize: 5_000 });
        for await (const row of result) rows.push(Object.fromEntries(row.keys().map((key) => [key, row.get(key)])));
        return sortedTicks(rows);
      } finally {
        await session.shutdown();
      }
    },
    kill: () => server.kill(),
    restart: () => server.restart(),
  };
}

export async function influxdbStore(t: Test): Promise<ExampleStore> {
  const server = await influxdb({ org: 'market', bucket: 'market', token: 'test-token' });
  t.teardown(() => server.stop());
  const headers = {
    authorization: `Token ${server.token}`,
    'content-type': 'application/vnd.flux',
    accept: 'application/csv',
  };
  return {
    file: 'ticks-to-influxdb.json',
    place: {
      'influxdb.url': server.url,
      'influxdb.org': server.org,
      'influxdb.bucket': server.bucket,
      'influxdb.token': server.token,
    },
    eachTick: {},
    latestOnly: false,
    wrongPlace: { key: 'influxdb.url', value: 'http://no-such-host.invalid:8086' },
    async ticks(topic) {
      const query = `from(bucket: "${server.bucket}") |> range(start: 0, stop: 2100-01-01T00:00:00Z)
        |> filter(fn: (r) => r._measurement == "${topic}" and contains(value: r._field, set: ["sequence", "price", "bid", "ask"]))
        |> toFloat() |> pivot(rowKey: ["_time"], columnKey: ["_field"], valueColumn: "_value") |> group()
        |> keep(columns: ["symbol", "sequence", "price", "bid", "ask"])`;
      const url = `${server.url}/api/v2/query?org=${encodeURIComponent(server.org)}`;
      const response = await fetch(url, { method: 'POST', headers, body: query });
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      return sortedTicks(csvRows(text));
    },
    kill: () => server.kill(),
    restart: () => server.restart(),
  };
}

/** The rows of an answer in CSV whose values hold neither commas nor quotes. */
function csvRows(text: string): Row[] {
  const [head, ...lines] = text.split('\r\n').filter((line) => line !== '');
  const names = head?.split(',') ?? [];
  return lines.map((line) => {
    const values = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, values[i]]));
  });
}

export async function sqlServerStore(t: Test): Promise<ExampleStore> {
  const server = await sqlServer({ databases: ['market'], user: 'tributary' });
  t.teardown(() => server.stop());
  return {
    file: 'ticks-to-sql-server.json',
    place: { 'connection.url': server.url, 'connection.user': server.user, 'connection.password': server.password },
    eachTick: { 'pk.mode': 'record_value', 'pk.fields': 'symbol,sequence' },
    latestOnly: true,
    wrongPlace: { key: 'connection.url', value: 'jdbc:sqlserver://no-such-host.invalid:1433;databaseName=market' },
    ticks: async (topic) => sortedTicks(server.table(`dbo.${topic}`).rows),
    kill: () => server.kill(),
    restart: () => server.restart(),
  };
}
