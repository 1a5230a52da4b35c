import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, type ConfigProvider, type Logger, messageOf, type Props, parseConfig } from '@tributary/api';
import type { PluginRegistry } from '../plugins/registry.ts';
import { type Reference, referencesIn, replaceReferences } from './references.ts';
import { withPrefix } from './worker-config.ts';

/** How long a provider may take for one path, in milliseconds. */
const TIMEOUT_MS = 30_000;

/** A config whose references have been looked up. */
export interface Resolved {
  readonly props: Props;
  /** The values that were looked up, each with its reference. */
  readonly secrets: ReadonlyMap<string, string>;
  /** What could not be looked up, by key of the config; there the reference stands as it was. */
  readonly problems: ReadonlyMap<string, readonly string[]>;
  /** For how many milliseconds the values hold; null: for good. */
  readonly ttlMs: number | null;
}

const lookupKey = ({ provider, path }: Reference): string => `${provider}\u0000${path}`;

interface Lookup {
  readonly data: Readonly<Record<string, string>>;
  readonly ttlMs: number | null;
  readonly error: string | null;
}

/** The config providers of a worker (KIP-297), by the names that `config.providers` gives them. */
export class ConfigProviders {
  readonly #providers: ReadonlyMap<string, ConfigProvider>;

  constructor(providers: ReadonlyMap<string, ConfigProvider>) {
    this.#providers = providers;
  }

  get names(): readonly string[] {
    return [...this.#providers.keys()];
  }

  /** These and the others together. */
  and(others: ConfigProviders): ConfigProviders {
    return new ConfigProviders(new Map([...this.#providers, ...others.#providers]));
  }

  /**
   * Replaces `${provider:path:key}` in every value. References to providers that there are not stay as they are, as in Java;
   * keys that a provider does not have are problems.
   */
  async resolve(props: Props): Promise<Resolved> {
    const references = Object.values(props).flatMap((value) =>
      referencesIn(value).filter(({ provider }) => this.#providers.has(provider)),
    );
    const secrets = new Map<string, string>();
    const problems = new Map<string, readonly string[]>();
    if (references.length === 0) return { props, secrets, problems, ttlMs: null };
    const lookups = await this.#lookUp(references);
    const resolved = Object.entries(props).map(([name, value]): [string, string] => {
      const errors: string[] = [];
      const text = replaceReferences(value, (reference) => {
        const lookup = lookups.get(lookupKey(reference));
        if (!lookup) return undefined;
        if (lookup.error === null && Object.hasOwn(lookup.data, reference.key)) {
          const found = lookup.data[reference.key]!;
          secrets.set(found, reference.text);
          return found;
        }
        const why = lookup.error ?? `the config provider '${reference.provider}' has no value for it`;
        errors.push(`Invalid value ${reference.text} for configuration ${name}: ${why}`);
        return undefined;
      });
      if (errors.length > 0) problems.set(name, errors);
      return [name, text];
    });
    const ttls = [...lookups.values()].flatMap(({ ttlMs }) => (ttlMs === null ? [] : [ttlMs]));
    return {
      props: Object.fromEntries(resolved),
      secrets,
      problems,
      ttlMs: ttls.length === 0 ? null : Math.min(...ttls),
    };
  }

  async #lookUp(references: readonly Reference[]): Promise<ReadonlyMap<string, Lookup>> {
    const wanted = new Map<string, { readonly first: Reference; readonly keys: Set<string> }>();
    for (const reference of references) {
      const found = wanted.get(lookupKey(reference)) ?? { first: reference, keys: new Set() };
      wanted.set(lookupKey(reference), found);
      found.keys.add(reference.key);
    }
    const asked = [...wanted].map(async ([id, { first, keys }]) => [id, await this.#ask(first, [...keys])] as const);
    return new Map(await Promise.all(asked));
  }

  async #ask({ provider, path }: Reference, keys: readonly string[]): Promise<Lookup> {
    const over = new AbortController();
    try {
      const late = sleep(TIMEOUT_MS, null, { signal: over.signal, ref: false }).then(() => {
        throw new ConfigError(`the config provider '${provider}' has not answered within ${TIMEOUT_MS} ms`);
      });
      late.catch(() => {});
      const answer = this.#providers.get(provider)!.get(path, keys, over.signal);
      const { data, ttlMs } = await Promise.race([answer, late]);
      return { data, ttlMs: ttlMs !== undefined && ttlMs >= 0 ? ttlMs : null, error: null };
    } catch (error) {
      return { data: {}, ttlMs: null, error: messageOf(error) };
    } finally {
      over.abort();
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#providers.values()].map(async (provider) => provider.close?.()));
  }
}

/** A worker without config providers. */
export const NO_PROVIDERS = new ConfigProviders(new Map());

/** @throws ConfigError that lists what could not be looked up */
export async function resolveOrThrow(providers: ConfigProviders, props: Props): Promise<Resolved> {
  const resolved = await providers.resolve(props);
  if (resolved.problems.size > 0) throw new ConfigError([...resolved.problems.values()].flat().join('\n'));
  return resolved;
}

/** The names under `config.providers`. */
export function providerNames(workerProps: Props): readonly string[] {
  return (workerProps['config.providers'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/**
 * Opens providers of a worker's config.
 * @throws ConfigError that names the provider whose class is missing or whose parameters are wrong
 */
export async function openConfigProviders(
  registry: PluginRegistry,
  workerProps: Props,
  names: readonly string[],
  log: Logger,
): Promise<ConfigProviders> {
  const opened = new Map<string, ConfigProvider>();
  for (const name of names) opened.set(name, await open(registry, workerProps, name, log));
  return new ConfigProviders(opened);
}

async function open(registry: PluginRegistry, workerProps: Props, name: string, log: Logger): Promise<ConfigProvider> {
  const key = `config.providers.${name}.class`;
  const className = workerProps[key]?.trim();
  if (!className)
    throw new ConfigError(
      `Missing required configuration "${key}": it names the class of the config provider '${name}'`,
    );
  const plugin = registry.find(['config_provider'], className, workerProps[`config.providers.${name}.plugin.version`]);
  if (!plugin) {
    const known = registry.list('config_provider').map(({ class: known }) => known);
    throw new ConfigError(
      `Invalid value ${className} for configuration ${key}: Class ${className} could not be found. There are ${known.join(', ')}`,
    );
  }
  const definition = await plugin.load();
  const { config, errors } = parseConfig(definition.config, withPrefix(workerProps, `config.providers.${name}.param.`));
  const refuse = (problem: string): ConfigError => new ConfigError(`The config provider '${name}': ${problem}`);
  if (errors.size > 0) throw refuse([...errors.values()].flat().join('; '));
  try {
    return await definition.create(config, { name, log });
  } catch (error) {
    throw refuse(messageOf(error));
  }
}
