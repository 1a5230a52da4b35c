import type { ConfigDef, PluginKind, Props } from '@tributary/api';
import type { PluginRegistry } from '../plugins/registry.ts';
import { commonConfig } from './connector-config.ts';
import { referencesIn, replaceReferences } from './references.ts';
import { CONVERTER_KEYS, converterKinds } from './sections.ts';

/** Keys whose names say that they hold a secret, for where no definition does. */
const SOUNDS_SECRET =
  /pass(word|wd|phrase)|(^|[._-])(pass|pwd)$|secret|credential|jaas\.config|private[._-]?key|api[._-]?key|access[._-]?key|auth\.user\.info|(^|[._-])key\.pem|token$|token\.value/i;
/** Kafka's clients define these as passwords too. */
const CLIENT_SECRET =
  /(^|\.)(sasl\.jaas\.config|ssl\.key\.password|ssl\.keystore\.(key|password|certificate\.chain)|ssl\.truststore\.(password|certificates))$/;

/** Whether a key that no definition knows holds a secret, by its name. */
export function soundsSecret(key: string): boolean {
  return CLIENT_SECRET.test(key) || SOUNDS_SECRET.test(key);
}

const LOGIN_SECRET = /\b\w*(pass|secret|token|key|credential)\w*\s*=\s*["']?[^"'\s;]/i;

/** Whether a value of a secret key gives nothing away: it is empty, or holds references in all the places where secrets are. */
export function givesNothingAway(value: string): boolean {
  if (value === '') return true;
  if (referencesIn(value).length === 0) return false;
  const rest = replaceReferences(value, () => '').trim();
  // "...LoginModule required username="x" password="${env:PASSWORD}";"
  return rest === '' || (/LoginModule\s/.test(rest) && !LOGIN_SECRET.test(rest));
}

interface Defined {
  readonly prefix: string;
  readonly def: ConfigDef;
}

async function definitionAt(
  registry: PluginRegistry,
  kinds: readonly PluginKind[],
  props: Props,
  key: string,
  versionKey: string,
  prefix: string,
): Promise<Defined[]> {
  const name = props[key]?.trim();
  if (!name) return [];
  try {
    const plugin = registry.find(kinds, name, props[versionKey]);
    return plugin ? [{ prefix, def: (await plugin.load()).config }] : [];
  } catch {
    // What cannot be loaded has no definition: its keys are judged by their names.
    return [];
  }
}

const listOf = (text: string | undefined): readonly string[] => (text ?? '').split(',').map((item) => item.trim());

/** The definitions that a connector's config is made of. */
async function definitionsOf(registry: PluginRegistry, props: Props): Promise<readonly Defined[]> {
  const at = (kinds: readonly PluginKind[], key: string, prefix: string, versionPrefix = prefix) =>
    definitionAt(registry, kinds, props, key, `${versionPrefix}plugin.version`, prefix);
  const section = (kind: PluginKind, prefix: string) => at([kind], `${prefix}type`, prefix);
  const all = await Promise.all([
    at(['source', 'sink'], 'connector.class', '', 'connector.'),
    ...[...CONVERTER_KEYS].map((key) => at(converterKinds(key)!, key, `${key}.`)),
    ...listOf(props['transforms']).map((alias) => section('transformation', `transforms.${alias}.`)),
    ...listOf(props['predicates']).map((alias) => section('predicate', `predicates.${alias}.`)),
  ]);
  return [{ prefix: '', def: commonConfig }, ...all.flat()];
}

/**
 * Which keys of a connector's config hold secrets: those of type password, and those that no definition knows but whose names
 * say so.
 * @param tasks the configs of its tasks, whose keys are asked for too
 */
export async function secretKeys(
  registry: PluginRegistry,
  props: Props,
  tasks: readonly Props[] = [],
): Promise<ReadonlySet<string>> {
  const definitions = await definitionsOf(registry, props);
  const isSecret = (key: string): boolean => {
    const types = definitions.flatMap(({ prefix, def }) => {
      const own = key.slice(prefix.length);
      return key.startsWith(prefix) && Object.hasOwn(def, own) ? [def[own]!.type] : [];
    });
    return types.length === 0 ? soundsSecret(key) : types.includes('PASSWORD');
  };
  return new Set([props, ...tasks].flatMap((config) => Object.keys(config)).filter(isSecret));
}
