import { cassandra } from '@tributary/services';
import { Client } from 'cassandra-driver';
import type { BenchStore } from './store.ts';
import { COLUMNS } from './ticks.ts';

const KEYSPACE = 'bench';
const HEAP_MB = 1_024;
const POLL_MS = 5;
const COUNT_TIMEOUT_MS = 120_000;
const PAGE_ROWS = 5_000;

/** Cassandra as users run it on a small machine: optimised, and with the commit log of its default config. */
const SETTINGS = {
  commitlog_sync: 'periodic',
  commitlog_sync_period: '10000ms',
  concurrent_writes: 32,
  concurrent_reads: 16,
  memtable_heap_space: '256MiB',
  memtable_offheap_space: '256MiB',
  commitlog_total_space: '1024MiB',
  // A machine under full load need not answer at once.
  write_request_timeout: '20000ms',
  range_request_timeout: '120000ms',
  read_request_timeout: '120000ms',
};

export async function cassandraStore(): Promise<BenchStore> {
  const server = await cassandra({ jit: 'full', heapMb: HEAP_MB, settings: SETTINGS });
  const { contactPoint, port, localDc, address } = server;
  const client = new Client({
    contactPoints: [address],
    localDataCenter: localDc,
    socketOptions: { readTimeout: COUNT_TIMEOUT_MS },
  });
  await client.connect();
  await client.execute(
    `CREATE KEYSPACE ${KEYSPACE} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
  );
  return {
    name: 'cassandra',
    pollMs: POLL_MS,
    usage: () => server.usage(),
    async createTable(table) {
      await client.execute(
        `CREATE TABLE ${KEYSPACE}.${table} (symbol text, event_time timestamp, sequence bigint, price double, size double,
         bid double, ask double, exchange text, event_time_us bigint, PRIMARY KEY (symbol, event_time, sequence))`,
      );
    },
    sinkConfig: (topic, table) => ({
      'connector.class': 'CassandraSink',
      contactPoints: contactPoint,
      port,
      'loadBalancing.localDc': localDc,
      [`topic.${topic}.${KEYSPACE}.${table}.mapping`]: COLUMNS.map((name) => `${name}=value.${name}`).join(', '),
    }),
    bare: { file: 'cassandra.ts', args: { address, localDc, keyspace: KEYSPACE } },
    async readable(table, symbol, sinceMicros) {
      const since = new Date(Math.floor(sinceMicros / 1000));
      const query = `SELECT event_time_us FROM ${KEYSPACE}.${table} WHERE symbol = ? AND event_time >= ?`;
      const { rows } = await client.execute(query, [symbol, since], { prepare: true });
      return rows.map((row) => Number(row['event_time_us']));
    },
    async count(table) {
      let rows = 0;
      const query = `SELECT sequence FROM ${KEYSPACE}.${table}`;
      const result = await client.execute(query, [], { prepare: true, fetchSize: PAGE_ROWS });
      for await (const _ of result) rows++;
      return rows;
    },
    async dropTable(table) {
      await client.execute(`DROP TABLE ${KEYSPACE}.${table}`);
    },
    async stop() {
      await client.shutdown();
      await server.stop();
    },
  };
}
