import type { Config, ConfigDef } from './config/keys.ts';
import type { Logger } from './context.ts';
import { type Definition, define, type PluginInfo } from './plugin.ts';

/** What a config provider knows of the keys that it was asked for. */
export interface ProvidedValues {
  /** The values by key; keys that it does not have are missing. */
  readonly data: Readonly<Record<string, string>>;
  /** For how many milliseconds the values hold; then connectors that use them are restarted. Default: for good. */
  readonly ttlMs?: number;
}

/** Looks values up for `${provider:path:key}` in configs. What it returns is never logged or shown. */
export interface ConfigProvider {
  /**
   * @param path what stands before the key, empty for `${provider:key}`
   * @param signal aborts when the answer is no longer waited for
   * @throws ConfigError that says what is wrong with the path; it is shown to whoever sent the config
   */
  get(path: string, keys: readonly string[], signal: AbortSignal): ProvidedValues | Promise<ProvidedValues>;
  /** Called when the worker stops. */
  close?(): void | Promise<void>;
}

export interface ConfigProviderContext {
  /** The name that references call it by. */
  readonly name: string;
  readonly log: Logger;
}

/** A kind of config provider; its `config` are the keys under `config.providers.<name>.param.`. */
export interface ConfigProviderPlugin<D extends ConfigDef = ConfigDef> extends PluginInfo<D> {
  create(config: Config<D>, context: ConfigProviderContext): ConfigProvider | Promise<ConfigProvider>;
}

export type ConfigProviderDefinition = Definition & { readonly kind: 'config_provider' } & ConfigProviderPlugin;

/** Defines a source of values for `${provider:path:key}`, such as a vault (KIP-297). */
export function defineConfigProvider<const D extends ConfigDef>(
  provider: ConfigProviderPlugin<D>,
): ConfigProviderPlugin<D> & Definition & { readonly kind: 'config_provider' } {
  return define('config_provider', provider);
}
