import { type ConfigDef, ConfigError, type ConfigKey, type Props } from '@tributary/api';
import type { Plugin, PluginRegistry } from '../plugins/registry.ts';
import { type Checked, type ConfigInfo, type ConfigInfos, check, infoOf } from './checked.ts';
import { connectorChecks } from './connector-checks.ts';
import { commonConfig, deadLetterConfig, sinkConfig, sourceConfig } from './connector-config.ts';
import { checkExactlyOnce } from './exactly-once.ts';
import { checkSink } from './kind-checks.ts';
import { overridePolicy } from './override-policy.ts';
import { checkOverrides } from './overrides.ts';
import { checkOwn, ownKeys } from './own-keys.ts';
import { checkChain, checkConverterClasses, checkConverters, classProblem } from './pipeline-checks.ts';
import { versionProblem } from './plugin-versions.ts';
import { soundsSecret } from './secret-keys.ts';
import { CONVERTER_KEYS, converterKinds } from './sections.ts';
import { unknownKey } from './unknown-key.ts';

export type ConnectorPlugin = Plugin<'source' | 'sink'>;

/** Java's way of writing a map, for messages. Values of keys that sound like secrets are hidden. */
export function showProps(props: Props): string {
  return `{${Object.entries(props)
    .map(([key, value]) => `${key}=${soundsSecret(key) ? '[hidden]' : value}`)
    .join(', ')}}`;
}

/** Finds the connector's plugin. @throws ConfigError with Java's messages */
export function connectorPlugin(registry: PluginRegistry, props: Props): ConnectorPlugin {
  const name = props['connector.class']?.trim();
  if (!name) throw new ConfigError(`Connector config ${showProps(props)} contains no connector type`);
  const plugin = registry.find(['source', 'sink'], name, props['connector.plugin.version']);
  if (plugin) return plugin;
  const known = registry
    .list('source', 'sink')
    .map(
      (p) =>
        `PluginDesc{klass=class ${p.class}, name='${p.class}', version='${p.version}', encodedVersion=${p.version}, type=${p.kind}, typeName='${p.kind}', location='${p.location}'}`,
    );
  throw new ConfigError(
    `Failed to find any class that implements Connector and which name matches ${name}, available connectors are: ${known.join(', ')}`,
  );
}

/**
 * The keys that all connectors have, with the defaults that this worker gives them: its converters, and the versions of the
 * plugins that the config names.
 */
function commonKeys(registry: PluginRegistry, plugin: Plugin, def: ConfigDef, props: Props, worker: Props): ConfigDef {
  const keys: Record<string, ConfigKey> = { ...def };
  const version = (name: string, found: Plugin | undefined): void => {
    const { [name]: key } = keys;
    keys[name] = {
      ...key!,
      default: found?.version ?? null,
      recommended: () => (found ? [found.version] : []),
      visible: () => found !== undefined,
    };
  };
  version('connector.plugin.version', plugin);
  for (const name of CONVERTER_KEYS) {
    const kinds = converterKinds(name)!;
    const fallback = worker[name] === undefined ? undefined : registry.find(kinds, worker[name]);
    keys[name] = { ...keys[name]!, default: fallback?.class ?? null };
    const chosen = props[name]?.trim();
    version(
      `${name}.plugin.version`,
      chosen === undefined || classProblem(registry, kinds, name, chosen)
        ? chosen === undefined
          ? fallback
          : undefined
        : registry.find(kinds, chosen),
    );
  }
  return keys;
}

/** Where no version of the connector will do: the keys that do not depend on it, with that error. */
function checkVersion(registry: PluginRegistry, props: Props): readonly Checked[] | undefined {
  const [name, range] = [props['connector.class']?.trim(), props['connector.plugin.version']];
  const problem = versionProblem(registry, ['source', 'sink'], name, range);
  if (problem === undefined) return undefined;
  const common = check(commonKeys(registry, registry.find(['source', 'sink'], name!)!, commonConfig, props, {}), props);
  for (const item of common)
    if (['connector.class', 'connector.plugin.version'].includes(item.name)) item.errors.push(problem);
  return common;
}

function infosOf(props: Props, configs: readonly ConfigInfo[]): ConfigInfos {
  const groups = new Set(configs.flatMap(({ definition: { group } }) => (group === null ? [] : [group])));
  return {
    name: props['connector.class']!,
    error_count: configs.reduce((sum, { value }) => sum + value.errors.length, 0),
    groups: [...groups],
    configs,
  };
}

/**
 * Keys that connectors have not in Java, such as the dead letter queue of sources: they are shown where a config has them, so that
 * the others look as in Java.
 */
function checkGiven(def: ConfigDef, props: Props): readonly Checked[] {
  return check(Object.fromEntries(Object.entries(def).filter(([name]) => props[name] !== undefined)), props);
}

/**
 * Checks a connector's config as a whole: the keys that all connectors have, the converters, each transform and
 * predicate, and the connector's own, every error at once.
 * @param worker the worker's config, for the converters that a connector does not name
 * @param complete whether each reference in the config has been looked up: if not, the connector is not asked, which could log in with one
 * @throws ConfigError if the connector's class is missing or unknown
 */
export async function validateConnector(
  registry: PluginRegistry,
  props: Props,
  worker: Props,
  complete = true,
): Promise<ConfigInfos> {
  const wrongVersion = checkVersion(registry, props);
  if (wrongVersion)
    return infosOf(
      props,
      wrongVersion.map((item) => infoOf(item)),
    );
  const plugin = connectorPlugin(registry, props);
  const definition = await plugin.load();
  const kindConfig = plugin.kind === 'source' ? sourceConfig : sinkConfig;
  const common = check(commonKeys(registry, plugin, { ...commonConfig, ...kindConfig }, props, worker), props);
  checkConverterClasses(registry, common);
  if (plugin.kind === 'sink') checkSink(common, props, worker);

  const chain = await checkChain(registry, props);
  const own = check(
    Object.fromEntries(Object.entries(definition.config).filter(([name]) => !Object.hasOwn(commonConfig, name))),
    props,
  );
  const reported = complete ? await connectorChecks(definition, own, props) : new Map<string, readonly string[]>();
  if (definition.kind === 'source' && reported.size === 0 && own.every((item) => item.errors.length === 0))
    checkExactlyOnce(definition, common, Object.fromEntries(own.map((item) => [item.name, item.value])), worker);
  const embedded = [
    ...(plugin.kind === 'source' ? checkGiven(deadLetterConfig, props) : []),
    ...checkOwn(checkGiven(ownKeys, props), worker),
    ...(await checkConverters(registry, common, props)),
    ...checkOverrides(plugin.kind, props, overridePolicy(worker['connector.client.config.override.policy'] ?? 'All')!),
  ];

  const items = new Map(
    [...common, ...chain.map(({ item }) => item), ...own, ...embedded].map((item) => [item.name, item]),
  );
  const strange: ConfigInfo[] = [];
  for (const [key, errors] of reported) {
    const item = items.get(key);
    if (item) item.errors.push(...errors);
    else strange.push(unknownKey(key, props, errors));
  }

  const configs = [
    ...common.map((item) =>
      infoOf(
        item,
        CONVERTER_KEYS.has(item.name) ? registry.list(...converterKinds(item.name)!).map((p) => p.class) : undefined,
      ),
    ),
    ...chain.map(({ item, recommended }) => infoOf(item, recommended)),
    ...[...own, ...embedded].map((item) => infoOf(item)),
    ...strange,
  ];
  return infosOf(props, configs);
}

/** @throws ConfigError that lists every error, in Java's words */
export function assertValid(infos: ConfigInfos): void {
  if (infos.error_count === 0) return;
  const errors = infos.configs.flatMap(({ value }) => value.errors);
  throw new ConfigError(
    `Connector configuration is invalid and contains the following ${errors.length} error(s):\n${errors.join('\n')}\nYou can also find the above list of errors at the endpoint \`/connector-plugins/{connectorType}/config/validate\``,
  );
}
