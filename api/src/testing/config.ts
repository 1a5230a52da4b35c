import type { Config, ConfigDef } from '../config/keys.ts';
import { type Props, parseConfig } from '../config/parse.ts';
import type { Connector } from '../connector.ts';
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
  const messages: string[] = [];
  await connector.validate?.(config, (_key, message) => messages.push(message), new AbortController().signal);
  throwAll(connector, messages);
  return config;
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
