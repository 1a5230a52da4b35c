import type { Broker, BrokerOptions } from '../port.ts';
import { KafkaBroker } from './broker.ts';
import { Cluster } from './cluster.ts';
import { clientSettings } from './settings.ts';

export { CONSUMER_KEYS } from './consumer-settings.ts';
export { PRODUCER_KEYS } from './producer-settings.ts';
export { CLIENT_KEYS } from './settings.ts';

/**
 * Opens the way to a Kafka cluster, 2.8 or later.
 * @throws ConfigError for client configs that do not fit, BrokerUnavailableError if no broker answers within `default.api.timeout.ms`
 */
export async function openKafka(options: BrokerOptions): Promise<Broker> {
  const cluster = new Cluster(clientSettings(options.configs, options.clientId));
  try {
    await cluster.connect();
  } catch (error) {
    cluster.close();
    throw error;
  }
  return new KafkaBroker(cluster, options, openKafka);
}
