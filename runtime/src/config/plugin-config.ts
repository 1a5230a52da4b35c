import type { ConfigKey } from '@tributary/api';
import type { Plugin } from '../plugins/registry.ts';
import { commonConfig, sinkConfig, sourceConfig } from './connector-config.ts';
import { type ConfigKeyInfo, describeKey } from './describe.ts';

const FRAMEWORK: Readonly<Record<string, Readonly<Record<string, ConfigKey>>>> = {
  source: { ...commonConfig, ...sourceConfig },
  sink: { ...commonConfig, ...sinkConfig },
};

/** The keys of a plugin: its own first, then those that all connectors of its kind have. @throws ConfigError if it cannot be loaded */
export async function pluginConfig(plugin: Plugin): Promise<readonly ConfigKeyInfo[]> {
  const { config } = await plugin.load();
  const framework = FRAMEWORK[plugin.kind] ?? {};
  return Object.entries({ ...config, ...framework, ...config }).map(([name, key]) =>
    describeKey(name, name === 'connector.plugin.version' ? { ...key, default: plugin.version } : key),
  );
}
