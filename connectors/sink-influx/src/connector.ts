import { ConfigError, defineSink } from '@tributary/api';
import { storeTask, warnOfStrangeKeys } from '@tributary/sink-kit';
import { checkConnection } from './check.ts';
import { config as influxConfig } from './config.ts';
import { settingsOf } from './settings.ts';
import { InfluxStore } from './store.ts';

/** Writes records as points to InfluxDB 2, to InfluxDB 1, and to stores that take writes as they do. */
export const influxSink = defineSink({
  class: 'tributary.influx.InfluxSink',
  aliases: ['InfluxSink', 'InfluxDBSink', 'InfluxDBSinkConnector'],
  taskClass: 'tributary.influx.InfluxSinkTask',
  version: '0.1.0',
  doc: 'Writes each record as a point to InfluxDB, or to a store that speaks as InfluxDB does; a batch is done when the server has answered for all of it.',
  config: influxConfig,
  // Points are written over when their records come again, so that any offset will do.
  alterOffsets: () => true,
  async validate(config, report, _signal, props) {
    const settings = settingsOf(config, props, report);
    if (settings) await checkConnection(settings, props, report);
  },
  async start(config, context) {
    const settings = settingsOf(config, context.props, (key, message) => {
      throw new ConfigError(`${key}: ${message}`);
    });
    warnOfStrangeKeys(context, influxConfig);
    // One write for all requests that may be under way: they are put together from what it is given.
    const records = config['batch.size'] * config['max.concurrent.requests'];
    return storeTask({
      store: new InfluxStore(settings!),
      context,
      config: { ...config, 'batch.size': records },
      label: 'InfluxDB',
    });
  },
});
