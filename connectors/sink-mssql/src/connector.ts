import { ConnectError, defineSink, type SinkTask } from '@tributary/api';
import { timeZone } from '@tributary/api/text';
import { storeTask, warnOfStrangeKeys } from '@tributary/sink-kit';
import { checkConfig } from './check.ts';
import { sinkConfig } from './config.ts';
import { serverOptions } from './connection/options.ts';
import { classify } from './errors.ts';
import { tableNames } from './table/name.ts';
import { OffsetTable } from './write/offsets.ts';
import { SqlServerStore } from './write/store.ts';

/** Writes records to tables of SQL Server and Azure SQL. */
export const sqlServerSink = defineSink({
  class: 'tributary.mssql.SqlServerSink',
  aliases: ['io.confluent.connect.jdbc.JdbcSinkConnector', 'JdbcSinkConnector', 'SqlServerSink', 'MssqlSink'],
  taskClass: 'tributary.mssql.SqlServerSinkTask',
  version: '0.1.0',
  doc: "Writes records to tables of SQL Server and Azure SQL: inserts, upserts, updates and deletes by sets, with the keys of Confluent's JDBC sink.",
  config: sinkConfig,
  validate: checkConfig,
  alterOffsets(config) {
    if (config.delivery === 'at_least_once') return true;
    throw new ConnectError(
      `With delivery=exactly_once the offsets that count are in table ${config['offsets.table.name']} of the database: change or delete the connector's rows there`,
    );
  },
  async start(config, context): Promise<SinkTask> {
    warnOfStrangeKeys(context, sinkConfig);
    const server = serverOptions(config, context.props);
    if (server.ignored.length > 0)
      context.log.info(`Properties of connection.url that have no meaning here: ${server.ignored.join(', ')}`);
    const offsets =
      config.delivery === 'exactly_once'
        ? new OffsetTable(tableNames(config['offsets.table.name'], '')[0]!, context.connector)
        : null;
    const database = timeZone(config['db.timezone']);
    const zones = { database, date: config['date.timezone'] === 'utc' ? timeZone('UTC') : database };
    const store = new SqlServerStore({ config, server, zones, offsets, flushErrant: () => context.flushErrant() });
    const task = storeTask({ store, context, config, label: 'SQL Server' });
    if (offsets === null) return task;
    return {
      ...task,
      async open(partitions) {
        try {
          const { session } = await store.connected();
          context.seek(await offsets.claim(session, partitions));
        } catch (error) {
          // Claimed with the first write instead, which then leaves out what is written already.
          const { kind } = classify(error);
          if (kind !== 'down' && kind !== 'transient') throw error;
        }
      },
      close(partitions) {
        offsets.release(partitions);
        task.close();
      },
    };
  },
});
