import { parseConfig } from '@tributary/api';
import { sinkConfig } from '../../../connectors/sink-mssql/src/config.ts';
import { serverOptions } from '../../../connectors/sink-mssql/src/connection/options.ts';
import { type ResultRow, Session } from '../../../connectors/sink-mssql/src/connection/session.ts';
import type { BenchStore } from './store.ts';

const POLL_MS = 10;

/** Names the server to use: none can be had without Docker. */
export const SQL_SERVER_URL = 'MSSQL_URL';

/** SQL Server at `MSSQL_URL`, with user and password, as in `jdbc:sqlserver://host;databaseName=bench;user=...;password=...`. */
export async function sqlServerStore(): Promise<BenchStore> {
  const url = process.env[SQL_SERVER_URL];
  if (!url) throw new Error(`There is no SQL Server to measure: ${SQL_SERVER_URL} names none`);
  const props = { 'connection.url': url };
  const {
    ignored: _ignored,
    lockTimeout: _lockTimeout,
    ...connection
  } = serverOptions(parseConfig(sinkConfig, props).config, props);
  let open: Promise<Session> | undefined;
  // One statement after the other: a session takes no more.
  const ask = (
    sql: string,
    parameters: Readonly<Record<string, string | bigint>> = {},
  ): Promise<readonly ResultRow[]> => {
    open ??= Session.open({ ...connection, ignored: [], lockTimeout: null });
    const session = open;
    const answer = session.then((one) => one.query(sql, parameters));
    open = answer.then(
      () => session,
      () => session,
    );
    return answer;
  };
  return {
    name: 'sqlserver',
    pollMs: POLL_MS,
    // Its server may be anywhere.
    usage: () => undefined,
    async createTable(table) {
      await ask(
        `CREATE TABLE [${table}] ([symbol] nvarchar(32) NOT NULL, [event_time_us] bigint NOT NULL, [sequence] bigint NOT NULL,
         [price] float NULL, [size] float NULL, [bid] float NULL, [ask] float NULL, [exchange] nvarchar(32) NULL, [event_time] bigint NULL,
         PRIMARY KEY ([symbol], [event_time_us], [sequence]))`,
      );
    },
    sinkConfig: (_topic, table) => ({
      'connector.class': 'SqlServerSink',
      'connection.url': url,
      'table.name.format': table,
      'insert.mode': 'upsert',
      'pk.mode': 'record_value',
      'pk.fields': 'symbol,event_time_us,sequence',
      'fields.whitelist': 'price,size,bid,ask,exchange,event_time',
    }),
    bare: { file: 'sql-server.ts', args: { connection } },
    async readable(table, symbol, sinceMicros) {
      const sql = `SELECT [event_time_us] FROM [${table}] WHERE [symbol] = @symbol AND [event_time_us] >= @since`;
      const rows = await ask(sql, { symbol, since: BigInt(sinceMicros) });
      return rows.map((row) => Number(row['event_time_us']));
    },
    async count(table) {
      const [row] = await ask(`SELECT COUNT(*) AS [rows] FROM [${table}]`);
      return Number(row!['rows']);
    },
    async dropTable(table) {
      await ask(`DROP TABLE [${table}]`);
    },
    async stop() {
      await (await open)?.close();
    },
  };
}
