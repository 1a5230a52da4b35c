import { ConfigError } from '@tributary/api';
import { taskFailure } from '../pipeline/errors.ts';
import { turn } from '../pipeline/slices.ts';
import { openClients } from './clients.ts';
import { startRightful } from './rightful-task.ts';
import { startSinkTask } from './sink-task.ts';
import { startSourceTask } from './source-task.ts';
import { SupersededError } from './superseded.ts';
import type { HostEnvironment, RunningTask, TaskEvents } from './task.ts';
import type { TaskSpec } from './task-spec.ts';
import { untilAvailable } from './until-available.ts';

/**
 * Loads the connector of a task and starts its loop, in this thread. A worker's broker that is away is waited for.
 * @param signal ends the wait
 * @throws TaskFailure that names the task and what is wrong; SupersededError if the task is not to run any longer
 */
export async function startTask(
  spec: TaskSpec,
  environment: HostEnvironment,
  events: TaskEvents,
  signal?: AbortSignal,
): Promise<RunningTask> {
  try {
    return await start(spec, environment, events, signal);
  } catch (error) {
    throw error instanceof SupersededError ? error : taskFailure(error, spec.id);
  }
}

async function start(
  spec: TaskSpec,
  host: HostEnvironment,
  events: TaskEvents,
  signal: AbortSignal | undefined,
): Promise<RunningTask> {
  const name = spec.connectorProps['connector.class'] ?? '';
  const plugin = host.registry.find(['source', 'sink'], name, spec.connectorProps['connector.plugin.version']);
  if (!plugin) throw new ConfigError(`The connector class ${name} is not installed on this worker`);
  const definition = await plugin.load();
  // A worker that comes up starts hundreds of tasks at once.
  await turn();
  const clients = await openClients(host.broker, spec);
  const environment = { ...host, clients };
  try {
    const startOnce = (paused: boolean): Promise<RunningTask> =>
      definition.kind === 'source'
        ? startSourceTask({ ...spec, paused }, definition, environment, events)
        : startSinkTask({ ...spec, paused }, definition, environment, events);
    const task = await startRightful({
      start: (paused, again) => untilAvailable(() => startOnce(paused), host.log, again ?? signal),
      paused: spec.paused,
      mayWrite: () => events.mayWrite(),
      progress: () => host.metrics.data().counters['offset-commit-success-total'],
      log: host.log,
    });
    const close = (): Promise<void> => clients.close();
    task.done.then(close, close);
    return task;
  } catch (error) {
    await clients.close();
    throw error;
  }
}
