import { ConfigError } from '@tributary/api';
import { taskFailure } from '../pipeline/errors.ts';
import { startSinkTask } from './sink-task.ts';
import { startSourceTask } from './source-task.ts';
import type { RunningTask, TaskEnvironment, TaskEvents, TaskSpec } from './task.ts';

/** Loads the connector of a task and starts its loop, in this thread. @throws TaskFailure that names the task and what is wrong */
export async function startTask(
  spec: TaskSpec,
  environment: TaskEnvironment,
  events: TaskEvents,
): Promise<RunningTask> {
  try {
    return await start(spec, environment, events);
  } catch (error) {
    throw taskFailure(error, spec.id);
  }
}

async function start(spec: TaskSpec, environment: TaskEnvironment, events: TaskEvents): Promise<RunningTask> {
  const name = spec.connectorProps['connector.class'] ?? '';
  const plugin = environment.registry.find(['source', 'sink'], name, spec.connectorProps['connector.plugin.version']);
  if (!plugin) throw new ConfigError(`The connector class ${name} is not installed on this worker`);
  const definition = await plugin.load();
  return definition.kind === 'source'
    ? startSourceTask(spec, definition, environment, events)
    : startSinkTask(spec, definition, environment, events);
}
