import type { Logger, Props } from '@tributary/api';
import type { PluginRegistry } from '../plugins/registry.ts';
import { type ConfigProviders, type Resolved, resolveOrThrow } from './config-providers.ts';
import { referencesIn } from './references.ts';
import { redactor, type SecretsInUse } from './secrets.ts';
import { secretsOf } from './validate.ts';

/** Looks up the references in the configs of what runs here, and remembers what must not be shown. */
export class ConnectorSecrets {
  readonly #registry: PluginRegistry;
  readonly #providers: ConfigProviders;
  readonly #inUse: SecretsInUse;
  readonly #log: Logger;

  constructor(registry: PluginRegistry, providers: ConfigProviders, inUse: SecretsInUse, log: Logger) {
    this.#registry = registry;
    this.#providers = providers;
    this.#inUse = inUse;
    this.#log = log;
  }

  /** @throws ConfigError that lists the references that cannot be looked up */
  async resolve(connector: string, props: Props): Promise<Resolved> {
    const resolved = await resolveOrThrow(this.#providers, props);
    this.#inUse.remember(connector, await secretsOf(this.#registry, resolved));
    return resolved;
  }

  /** Tells of references that stand as they are because there is no such provider, as in Java. */
  warnOfStrangers(connector: string, props: Props): void {
    for (const [key, value] of Object.entries(props)) {
      for (const { text, provider } of referencesIn(value)) {
        if (!this.#providers.names.includes(provider))
          this.#log.warn(
            `${text} in '${key}' is taken as it stands: config.providers names no provider '${provider}'`,
            { connector },
          );
      }
    }
  }

  forget(connector: string): void {
    this.#inUse.forget(connector);
  }

  redact(text: string): string {
    return this.#inUse.redact(text);
  }
}

/**
 * A task's config as it is stored: references stand where the connector put the values that they stand for, alone or inside of a
 * longer text.
 */
export function withReferences(task: Props, connector: Props, resolved: Resolved): Props {
  if (resolved.secrets.size === 0) return task;
  const back = redactor(resolved.secrets, (value) => [value]);
  return Object.fromEntries(
    Object.entries(task).map(([key, value]) => {
      const given = connector[key];
      return [key, given !== undefined && value === resolved.props[key] ? given : back(value)];
    }),
  );
}

/** The milliseconds after which a connector is to be restarted for new values; null: never (config.action.reload). */
export function reloadAfterMs({ props, ttlMs }: Resolved): number | null {
  return (props['config.action.reload'] ?? 'restart').trim().toLowerCase() === 'restart' ? ttlMs : null;
}
