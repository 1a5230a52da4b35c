import {
  type ConfigDef,
  ConfigError,
  type ConfigKey,
  messageOf,
  type PluginKind,
  type Props,
  parseConfig,
  recommendedValues,
} from '@tributary/api';
import { javaRegExp } from '@tributary/api/text';
import type { Plugin, PluginRegistry } from '../plugins/registry.ts';
import { commonConfig, sinkConfig, sourceConfig } from './connector-config.ts';
import { type ConfigKeyInfo, describeKey, valueText } from './describe.ts';
import { CONVERTER_KEYS, chainSections, converterKinds, type Section } from './sections.ts';

/** The answer of `config/validate` (Connect's ConfigInfos). */
export interface ConfigInfos {
  readonly name: string;
  readonly error_count: number;
  readonly groups: readonly string[];
  readonly configs: readonly ConfigInfo[];
}

export interface ConfigInfo {
  readonly definition: ConfigKeyInfo;
  readonly value: ConfigValueInfo;
}

export interface ConfigValueInfo {
  readonly name: string;
  readonly value: string | null;
  readonly recommended_values: readonly string[];
  readonly errors: readonly string[];
  readonly visible: boolean;
}

export type ConnectorPlugin = Plugin<'source' | 'sink'>;

/** How long a connector's own checks may take, in milliseconds. */
const OWN_CHECKS_TIMEOUT_MS = 15_000;

/** Java's way of writing a map, for messages. Values of keys that sound like secrets are hidden. */
export function showProps(props: Props): string {
  const hide = /pass|secret|token|credential|jaas|key\.pem|private/i;
  return `{${Object.entries(props)
    .map(([key, value]) => `${key}=${hide.test(key) ? '[hidden]' : value}`)
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
        `PluginDesc{klass=class ${p.class}, name='${p.class}', version='${p.version}', type=${p.kind}, location='${p.location}'}`,
    );
  throw new ConfigError(
    `Failed to find any class that implements Connector and which name matches ${name}, available connectors are: ${known.join(', ')}`,
  );
}

interface Checked {
  readonly name: string;
  readonly key: ConfigKey;
  /** Null where the class that it names is missing. */
  value: unknown;
  readonly errors: string[];
  readonly config: Readonly<Record<string, unknown>>;
}

function check(def: ConfigDef, props: Props): Checked[] {
  const { config, errors } = parseConfig(def, props);
  return Object.entries(def).map(([name, key]) => ({
    name,
    key,
    value: (config as Record<string, unknown>)[name],
    errors: [...(errors.get(name) ?? [])],
    config,
  }));
}

function fail(item: Checked, problem: string): void {
  item.errors.push(problem);
  if (item.key.type === 'CLASS') item.value = null;
}

/** Whether the class of a CLASS key is there; if not, what to say. */
function classProblem(
  registry: PluginRegistry,
  kinds: readonly PluginKind[],
  name: string,
  value: unknown,
): string | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return registry.find(kinds, value)
      ? undefined
      : `Invalid value ${value} for configuration ${name}: Class ${value} could not be found.`;
  } catch (error) {
    return `Invalid value ${value} for configuration ${name}: ${messageOf(error)}`;
  }
}

function checkSink(checked: readonly Checked[]): void {
  const of = (name: string): Checked => checked.find((c) => c.name === name)!;
  const [topics, regex, dlq] = [of('topics'), of('topics.regex'), of('errors.deadletterqueue.topic.name')];
  const names = (topics.value as readonly string[] | undefined) ?? [];
  const pattern = (regex.value as string | undefined) ?? '';
  const report = (message: string): void => {
    topics.errors.push(message);
    regex.errors.push(message);
  };
  if (names.length > 0 && pattern !== '')
    report('topics and topics.regex are mutually exclusive options, but both are set.');
  else if (names.length === 0 && pattern === '' && regex.errors.length === 0)
    report('Must configure one of topics or topics.regex');
  const letters = dlq.value as string | undefined;
  if (!letters) return;
  if (names.includes(letters)) {
    dlq.errors.push(
      `The DLQ topic '${letters}' may not be included in the list of topics ("topics=${names.join(',')}") consumed by the connector`,
    );
  } else if (pattern !== '' && regex.errors.length === 0 && javaRegExp(pattern).matches(letters)) {
    dlq.errors.push(
      `The DLQ topic '${letters}' may not be included in the regex matching the topics ("topics.regex=${pattern}") consumed by the connector`,
    );
  }
}

async function runOwnChecks(plugin: ConnectorPlugin, own: readonly Checked[]): Promise<void> {
  const definition = await plugin.load();
  if (!definition.validate || own.some((c) => c.errors.length > 0)) return;
  const report = (key: string, message: string): void => {
    const target = own.find((c) => c.name === key);
    if (!target)
      throw new ConfigError(
        `${plugin.class} reported an error on the key '${key}', which is not in its definition: ${message}`,
      );
    target.errors.push(message);
  };
  const config = Object.fromEntries(own.map((c) => [c.name, c.value]));
  await definition.validate(config, report, AbortSignal.timeout(OWN_CHECKS_TIMEOUT_MS));
}

/**
 * The keys that all connectors have, with the defaults that this worker gives them: its converters, and the versions of the
 * plugins that the config names.
 */
function commonKeys(registry: PluginRegistry, plugin: ConnectorPlugin, props: Props, worker: Props): ConfigDef {
  const keys: Record<string, ConfigKey> = {
    ...commonConfig,
    ...(plugin.kind === 'source' ? sourceConfig : sinkConfig),
  };
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

function infoOf(c: Checked, recommended?: readonly unknown[]): ConfigInfo {
  return {
    definition: describeKey(c.name, c.key),
    value: {
      name: c.name,
      value: valueText(c.key, c.value),
      recommended_values: (recommended ?? recommendedValues(c.key, c.config)).map(String),
      errors: c.errors,
      visible: c.key.visible?.(c.config) ?? true,
    },
  };
}

/**
 * Checks a connector's config as a whole: the keys that all connectors have, the converters, each transform and
 * predicate, and the connector's own, every error at once.
 * @param worker the worker's config, for the converters that a connector does not name
 * @throws ConfigError if the connector's class is missing or unknown
 */
export async function validateConnector(registry: PluginRegistry, props: Props, worker: Props): Promise<ConfigInfos> {
  const plugin = connectorPlugin(registry, props);
  const definition = await plugin.load();
  const common = check(commonKeys(registry, plugin, props, worker), props);
  for (const item of common) {
    const kinds = converterKinds(item.name);
    const problem = kinds && classProblem(registry, kinds, item.name, item.value);
    if (problem) fail(item, problem);
  }
  if (plugin.kind === 'sink') checkSink(common);

  const sections: Section[] = await chainSections(registry, props);
  const chain = sections.flatMap((section) => {
    const items = check(section.def, props);
    for (const item of items) for (const problem of section.problems.get(item.name) ?? []) fail(item, problem);
    return items.map((item) => ({ item, recommended: section.recommended.get(item.name) }));
  });
  const own = check(
    Object.fromEntries(Object.entries(definition.config).filter(([name]) => !Object.hasOwn(commonConfig, name))),
    props,
  );
  await runOwnChecks(plugin, own);

  const configs = [
    ...common.map((item) =>
      infoOf(
        item,
        CONVERTER_KEYS.has(item.name) ? registry.list(...converterKinds(item.name)!).map((p) => p.class) : undefined,
      ),
    ),
    ...chain.map(({ item, recommended }) => infoOf(item, recommended)),
    ...own.map((item) => infoOf(item)),
  ];
  const groups = new Set(configs.flatMap(({ definition: { group } }) => (group === null ? [] : [group])));
  return {
    name: props['connector.class']!,
    error_count: configs.reduce((sum, { value }) => sum + value.errors.length, 0),
    groups: [...groups],
    configs,
  };
}

/** @throws ConfigError that lists every error, in Java's words */
export function assertValid(infos: ConfigInfos): void {
  if (infos.error_count === 0) return;
  const errors = infos.configs.flatMap(({ value }) => value.errors);
  throw new ConfigError(
    `Connector configuration is invalid and contains the following ${errors.length} error(s):\n${errors.join('\n')}\nYou can also find the above list of errors at the endpoint \`/connector-plugins/{connectorType}/config/validate\``,
  );
}
