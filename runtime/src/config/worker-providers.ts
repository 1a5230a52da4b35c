import type { Logger, Props } from '@tributary/api';
import type { PluginRegistry } from '../plugins/registry.ts';
import {
  type ConfigProviders,
  NO_PROVIDERS,
  openConfigProviders,
  providerNames,
  resolveOrThrow,
} from './config-providers.ts';
import { MASK } from './mask.ts';
import { referencesIn } from './references.ts';
import { soundsSecret } from './secret-keys.ts';
import type { Secret } from './secrets.ts';
import { withPrefix } from './worker-config.ts';

export interface WorkerProviders {
  /** The worker's config with its own references looked up. */
  readonly props: Props;
  readonly providers: ConfigProviders;
  /** What of it must not be shown. */
  readonly secrets: readonly Secret[];
}

const secretsOf = (props: Props): readonly Secret[] =>
  Object.entries(props).flatMap(([key, value]) => (soundsSecret(key) ? [[value, MASK] as const] : []));

/**
 * Opens the config providers and looks up the references in the worker's own config, as Java does. The parameters of one
 * provider may refer to another one that has none itself, such as a vault's token in the environment.
 * @param registry opens the plugins; called only if there are providers
 * @throws ConfigError
 */
export async function openWorkerProviders(
  registry: () => Promise<PluginRegistry>,
  given: Props,
  log: Logger,
): Promise<WorkerProviders> {
  if (!given['config.providers']?.trim()) return { props: given, providers: NO_PROVIDERS, secrets: secretsOf(given) };
  const plugins = await registry();
  const names = providerNames(given);
  const ready = names.filter((name) =>
    Object.values(withPrefix(given, `config.providers.${name}.`)).every((value) => referencesIn(value).length === 0),
  );
  const first = await openConfigProviders(plugins, given, ready, log);
  const parameters = await resolveOrThrow(first, given);
  const rest = names.filter((name) => !ready.includes(name));
  const providers = first.and(await openConfigProviders(plugins, parameters.props, rest, log));
  const { props, secrets } = await resolveOrThrow(providers, given);
  return { props, providers, secrets: [...secretsOf(props), ...parameters.secrets, ...secrets] };
}
