import { ConfigError, type Props } from '@tributary/api';
import { givesNothingAway } from './secret-keys.ts';

/** Stands for every secret in what is shown. */
export const MASK = '[hidden]';

/** A config as it is shown: secrets are masked, references to config providers are not. */
export function masked(props: Props, secret: ReadonlySet<string>): Props {
  return Object.fromEntries(
    Object.entries(props).map(([key, value]) => [key, secret.has(key) && !givesNothingAway(value) ? MASK : value]),
  );
}

/** A config with stored values in the places of masks. */
export interface Unmasked {
  readonly config: Props;
  /** The keys that had a mask. */
  readonly kept: readonly string[];
}

/**
 * A config that was sent, with the stored values in the places of masks: who reads a config, changes it and sends it back keeps
 * its secrets.
 * @param stored the config that the connector has; null if there is none
 * @throws ConfigError that names the keys for which nothing is stored
 */
export function unmasked(given: Props, stored: Props | null): Unmasked {
  const kept = Object.keys(given).filter((key) => given[key] === MASK);
  const unknown = kept.filter((key) => !Object.hasOwn(stored ?? {}, key));
  if (unknown.length > 0)
    throw new ConfigError(
      `${MASK} stands for a value that is kept, but nothing is stored for ${unknown.join(', ')}: send the value itself, or a reference to a config provider`,
    );
  const values = kept.map((key) => [key, stored![key]!] as const);
  return { config: { ...given, ...Object.fromEntries(values) }, kept };
}

/**
 * Refuses to keep values that would no longer be masked, as under another class of connector that has the key for something else.
 * @param kept keys whose value was kept
 * @param secret the keys that hold secrets in the new config
 * @throws ConfigError that names them
 */
export function assertStaysMasked(kept: readonly string[], secret: ReadonlySet<string>): void {
  const shown = kept.filter((key) => !secret.has(key));
  if (shown.length > 0)
    throw new ConfigError(
      `${MASK} cannot stand for ${shown.join(', ')}: with this config the value would be shown. Send the value itself`,
    );
}

/** A JSON merge patch of a config (KIP-477): values take the place of the old ones, null removes. */
export function patched(config: Props, patch: Readonly<Record<string, string | null>>): Props {
  const kept = Object.entries(config).filter(([key]) => !Object.hasOwn(patch, key));
  const set = Object.entries(patch).flatMap(([key, value]) => (value === null ? [] : [[key, value] as const]));
  return Object.fromEntries([...kept, ...set]);
}
