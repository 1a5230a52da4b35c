import type { Props } from '@tributary/api';
import { type ConnectorPlugin, connectorPlugin } from '../config/validation.ts';
import type { PluginRegistry } from '../plugins/registry.ts';
import type { ConnectorType } from './entities.ts';

/** The connector's plugin, or undefined where the config names none that is there. */
export function knownPlugin(registry: PluginRegistry, config: Props | undefined): ConnectorPlugin | undefined {
  if (!config) return undefined;
  try {
    return connectorPlugin(registry, config);
  } catch {
    return undefined;
  }
}

/** As the REST API tells it. */
export function typeOf(registry: PluginRegistry, config: Props | undefined): ConnectorType {
  return knownPlugin(registry, config)?.kind ?? 'unknown';
}

/** The full class name of the connector, or as its config names it where there is no such plugin. */
export function classOf(registry: PluginRegistry, config: Props): string {
  return knownPlugin(registry, config)?.class ?? config['connector.class'] ?? '';
}
