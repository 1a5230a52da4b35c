import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from '@tributary/api';
import type { ConnectorFile } from './config/files.ts';
import { ConflictError, RequestTargetError } from './herder/errors.ts';
import type { Herder } from './herder/herder.ts';
import { sameConfig } from './herder/task-configs.ts';
import type { WorkerClient } from './rest/worker-client.ts';
import { TARGET_STATE } from './store/config-state.ts';
import { toJson } from './store/json.ts';

const RETRY_MS = 500;

/**
 * Creates the connector of a file, or gives it the config in it. Where this worker does not lead, the leader is asked.
 * @throws ConfigError if the config is invalid
 */
export async function deploy(file: ConnectorFile, herder: Herder, client: WorkerClient): Promise<void> {
  for (;;) {
    try {
      await attempt(file, herder, client);
      return;
    } catch (error) {
      // Workers that start together rebalance again and again at first.
      if (!(error instanceof ConflictError)) throw error;
    }
  }
}

async function attempt(file: ConnectorFile, herder: Herder, client: WorkerClient): Promise<void> {
  const { name, config, initialState } = file;
  // What is stored was checked when it came; a store that is down now must not keep the worker from starting.
  if (herder.names().includes(name) && sameConfig({ ...herder.config(name), name }, { ...config, name })) return;
  try {
    const { created } = await herder.putConfig(name, config);
    if (created && initialState !== null) await herder.setTargetState(name, TARGET_STATE[initialState]);
  } catch (error) {
    if (!(error instanceof RequestTargetError)) throw error;
    await askLeader(file, error.url, herder, client);
  }
}

async function askLeader(
  { name, config, initialState }: ConnectorFile,
  worker: string,
  herder: Herder,
  client: WorkerClient,
): Promise<void> {
  const send = (method: string, path: string, body: unknown) =>
    client.send({ method, worker, path, headers: { 'content-type': 'application/json' }, body: toJson(body) });
  const exists = herder.names().includes(name);
  const { status, body } =
    exists || initialState === null
      ? await send('PUT', `/connectors/${encodeURIComponent(name)}/config`, config)
      : await send('POST', '/connectors', { name, config, initial_state: initialState });
  if (status === 409) {
    await sleep(RETRY_MS);
    throw new ConflictError(String(body));
  }
  if (status >= 300) throw new ConfigError(`The leader of the workers, ${worker}, refuses connector ${name}: ${body}`);
}
