import type { Config, ConfigDef } from '../config/keys.ts';
import { type Props, parseConfig } from '../config/parse.ts';
import type { Connector, ReportError } from '../connector.ts';
import type { ConnectorContext } from '../context.ts';
import { ConfigError } from '../errors.ts';
import type { Definition, PluginInfo } from '../plugin.ts';
import { recordingLog } from './log.ts';

/** The name that the harness gives to connectors. */
export const CONNECTOR = 'test';

/** Parses the props as the runtime does. @throws ConfigError with every message, one a line */
export function parseOrThrow<D extends ConfigDef>(definition: PluginInfo<D>, props: Props): Config<D> {
  const { config, errors } = parseConfig(definition.config, props);
  throwAll(definition, [...errors.values()].flat());
  return config;
}

/** Parses the props and runs the connector's own `validate`. @throws ConfigError with every message, one a line */
export async function validateOrThrow<D extends ConfigDef>(connector: Connector<D>, props: Props): Promise<Config<D>> {
  const config = parseOrThrow(connector, props);
  throwAll(connector, Object.values(await reportedErrors(connector, config, props)).flat());
  return config;
}

async function reportedErrors<D extends ConfigDef>(
  connector: Connector<D>,
  config: Config<D>,
  props: Props,
): Promise<Record<string, string[]>> {
  const reported: Record<string, string[]> = {};
  const report: ReportError = (key, message) => {
    reported[key] = [...(reported[key] ?? []), message];
  };
  await connector.validate?.(config, report, new AbortController().signal, props);
  return reported;
}

/**
 * What is wrong with a config, by key: by the definition or, if that has nothing to say, by the connector's own `validate`.
 * Empty for one that is right.
 */
export async function configErrors<D extends ConfigDef>(
  connector: Connector<D>,
  props: Props,
): Promise<Readonly<Record<string, readonly string[]>>> {
  const { config, errors } = parseConfig(connector.config, props);
  return errors.size > 0 ? Object.fromEntries(errors) : reportedErrors(connector, config, props);
}

function throwAll(definition: PluginInfo, messages: readonly string[]): void {
  if (messages.length > 0)
    throw new ConfigError(`The config of ${definition.class} is invalid:\n${messages.join('\n')}`);
}

/**
 * The task configs that a connector makes of its config, complete: keys that it leaves out are taken from `props`.
 * @throws ConfigError if the config is invalid, or if there are more than `maxTasks`
 */
export async function connectorTasks<D extends ConfigDef>(
  connector: Connector<D> & Pick<Definition, 'kind'>,
  props: Props,
  maxTasks = 1,
): Promise<readonly Props[]> {
  const config = await validateOrThrow(connector, props);
  const context: ConnectorContext = { connector: CONNECTOR, props, log: recordingLog([]) };
  const own = await connector.taskConfigs?.(config, maxTasks, context);
  const tasks = own ?? Array.from({ length: connector.kind === 'sink' ? maxTasks : 1 }, () => ({}));
  if (tasks.length > maxTasks)
    throw new ConfigError(`${connector.class} made ${tasks.length} tasks; tasks.max allows ${maxTasks}`);
  return tasks.map((task) => ({ ...props, ...task }));
}
