import type { ConfigDef } from './config/keys.ts';
import { ConfigError } from './errors.ts';

/** Brands definitions across copies of this package. */
const BRAND = Symbol.for('tributary.definition');

/** The version of this plugin API; the runtime refuses a definition made for another major version. */
export const API_VERSION = 1;

/** Kinds as the REST API names them; config providers and REST extensions it does not list. */
export type PluginKind =
  | 'source'
  | 'sink'
  | 'transformation'
  | 'predicate'
  | 'converter'
  | 'header_converter'
  | 'config_provider'
  | 'rest_extension';

/** What a plugin of any kind tells of itself. */
export interface PluginInfo<D extends ConfigDef = ConfigDef> {
  /** The name that configs use, such as `tributary.simulator.MarketSimulatorSource`; by custom a Java-like full class name. */
  readonly class: string;
  /** Further names. The last part of `class`, with and without the kind's suffix, is one by itself. */
  readonly aliases?: readonly string[];
  readonly version: string;
  /** What it is for, in a sentence or two. */
  readonly doc?: string;
  readonly config: D;
}

/** A plugin of any kind, as the runtime holds it. */
export interface Definition {
  readonly kind: PluginKind;
  readonly apiVersion: number;
  readonly class: string;
  readonly aliases: readonly string[];
  readonly version: string;
  readonly doc: string;
  readonly config: ConfigDef;
}

/** Makes the branded, frozen definition. @throws ConfigError if the class is missing */
export function define<K extends PluginKind, T extends PluginInfo>(
  kind: K,
  plugin: T,
): T & Definition & { readonly kind: K } {
  if (typeof plugin.class !== 'string' || plugin.class === '')
    throw new ConfigError(`A ${kind} needs a 'class', the name that configs use`);
  const definition = { aliases: [], doc: '', ...plugin, kind, apiVersion: API_VERSION };
  Object.defineProperty(definition, BRAND, { value: true });
  return Object.freeze(definition) as T & Definition & { readonly kind: K };
}

/** Whether a value was made by one of the `define` functions, of this copy of the package or another. */
export function isDefinition(value: unknown): value is Definition {
  return typeof value === 'object' && value !== null && (value as { [BRAND]?: unknown })[BRAND] === true;
}
