import type { Props } from '@tributary/api';
import { withPrefix } from '../config/worker-config.ts';

/** What the worker and the connector set of a sink's consumers, by Kafka's names; the connector's word counts. */
export function consumerOverrides(worker: Props, connector: Props): Readonly<Record<string, string>> {
  return { ...withPrefix(worker, 'consumer.'), ...withPrefix(connector, 'consumer.override.') };
}

/** The consumer group of a sink. */
export function sinkGroup(name: string, overrides: Readonly<Record<string, string>>): string {
  return overrides['group.id'] ?? `connect-${name}`;
}
