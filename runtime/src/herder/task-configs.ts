import { ConnectError, type Logger, type Props, parseConfig } from '@tributary/api';
import type { ConnectorPlugin } from '../config/validation.ts';

/** The class that task configs name: given by the plugin, or Java's custom of `...Connector` and `...Task`. */
function taskClass(className: string, given: string | undefined): string {
  return given ?? `${className.replace(/Connector$/, '')}Task`;
}

/** More tasks than this of one connector are taken for a slip: their configs alone would fill the memory of a worker. */
const MOST_TASKS = 10_000;

/** @throws ConnectError */
function refuseTooMany(name: string, tasks: number): void {
  if (tasks <= MOST_TASKS) return;
  throw new ConnectError(
    `The connector ${name} would have ${tasks} tasks; ${MOST_TASKS} are the most that a connector may have. Set tasks.max to what its topics have partitions for`,
  );
}

/**
 * Divides a connector's work: the configs of its tasks, each with the connector's keys and `task.class`.
 * @throws ConnectError if the connector makes more tasks than it may
 */
export async function taskConfigs(
  plugin: ConnectorPlugin,
  name: string,
  props: Props,
  log: Logger,
): Promise<readonly Props[]> {
  const definition = await plugin.load();
  const maxTasks = Number(props['tasks.max'] ?? 1);
  const { config } = parseConfig(definition.config, props);
  if (definition.kind === 'sink' && !definition.taskConfigs) refuseTooMany(name, maxTasks);
  const own: readonly Props[] = definition.taskConfigs
    ? await definition.taskConfigs(config, maxTasks, { connector: name, props, log })
    : Array.from({ length: definition.kind === 'sink' ? maxTasks : 1 }, () => ({}));
  refuseTooMany(name, own.length);
  if (own.length > maxTasks) {
    const message = `The connector ${name} has generated ${own.length} tasks, which is greater than ${maxTasks}, the maximum number of tasks it is configured to create (tasks.max).`;
    if (props['tasks.max.enforce']?.trim().toLowerCase() !== 'false')
      throw new ConnectError(`${message} This is a mistake of the connector, and is not allowed.`);
    log.warn(message);
  }
  return own.map((config) => ({
    ...props,
    ...config,
    'task.class': taskClass(plugin.class, definition.taskClass),
    name,
  }));
}

/** Whether two configs say the same. */
export function sameConfig(a: Props, b: Props): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}

/** Whether two sets of task configs say the same. */
export function sameConfigs(a: readonly Props[], b: readonly Props[]): boolean {
  return a.length === b.length && a.every((left, i) => sameConfig(left, b[i]!));
}
