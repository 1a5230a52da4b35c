import { ConfigError } from '@tributary/api';
import { startSinkTask } from './sink-task.ts';
import { startSourceTask } from './source-task.ts';
import type { RunningTask, TaskEnvironment, TaskEvents, TaskSpec } from './task.ts';

/** Loads the connector of a task and starts its loop, in this thread. @throws ConfigError if the plugin is missing */
export async function startTask(
  spec: TaskSpec,
  environment: TaskEnvironment,
  events: TaskEvents,
): Promise<RunningTask> {
  const name = spec.connectorProps['connector.class'] ?? '';
  const plugin = environment.registry.find(['source', 'sink'], name, spec.connectorProps['connector.plugin.version']);
  if (!plugin) throw new ConfigError(`The connector class ${name} is not installed on this worker`);
  const definition = await plugin.load();
  return definition.kind === 'source'
    ? startSourceTask(spec, definition, environment, events)
    : startSinkTask(spec, definition, environment, events);
}
