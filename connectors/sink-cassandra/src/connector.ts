import { ConfigError, defineSink, messageOf, type SinkRecord } from '@tributary/api';
import { storeTask, warnOfStrangeKeys } from '@tributary/sink-kit';
import { check } from './check.ts';
import { cassandraConfig } from './config.ts';
import { timeSources } from './rows/times.ts';
import { readSettings } from './settings/table-settings.ts';
import { CassandraStore } from './store/cassandra-store.ts';
import { faultOf } from './store/faults.ts';
import { Clocks } from './time/clocks.ts';
import { tolerating } from './tolerating.ts';

/** Writes records as rows of Cassandra tables. */
export const cassandraSink = defineSink({
  class: 'tributary.cassandra.CassandraSink',
  aliases: [
    'com.datastax.oss.kafka.sink.CassandraSinkConnector',
    'com.datastax.kafkaconnector.DseSinkConnector',
    'CassandraSink',
    'CassandraSinkConnector',
    'DseSinkConnector',
  ],
  version: '0.1.0',
  doc: 'Writes records as rows of tables of Apache Cassandra. A record that is late or comes again overwrites nothing newer.',
  config: cassandraConfig,
  validate: check,
  // The offsets of its group are all that it has.
  alterOffsets: () => true,
  async start(config, context) {
    const settings = readSettings(config, context.props, (_key, message) => {
      throw new ConfigError(message);
    });
    // Those of topics were all read, or refused.
    warnOfStrangeKeys(context, cassandraConfig, (key) => key.startsWith('topic.'));
    const clocks = new Clocks(context, timeSources(settings.tables));
    const store = new CassandraStore(config, settings, clocks, context.log);
    try {
      await store.connect();
    } catch (error) {
      // A cluster that is down is waited for with the first records.
      if (faultOf(error).kind === 'fatal' || faultOf(error).kind === 'unknown') {
        await store.close();
        throw error;
      }
      context.log.warn(`Cassandra cannot be reached yet: ${messageOf(error)}`);
    }
    const task = storeTask({ store, context: tolerating(config, context), config, label: 'Cassandra' });
    return {
      ...task,
      put(records: readonly SinkRecord[]) {
        clocks.assign(records);
        return task.put(records);
      },
      preCommit: (offsets) => clocks.commit(offsets),
      close(partitions) {
        clocks.close(partitions);
        task.close();
      },
    };
  },
});
