import type { Broker } from '../broker/port.ts';
import { withPrefix } from '../config/worker-config.ts';
import type { TaskSpec } from './task-spec.ts';

/** The configs of a task's clients of one kind: the worker's `producer.*`, over which the connector's `producer.override.*` go. */
export function clientConfigs(
  { connectorProps, settings }: Pick<TaskSpec, 'connectorProps' | 'settings'>,
  client: 'producer' | 'consumer' | 'admin',
): Record<string, string> {
  return {
    ...withPrefix(settings.workerProps, `${client}.`),
    ...withPrefix(connectorProps, `${client}.override.`),
  };
}

/** The broker as each kind of a task's clients sees it, by connections of their own where their configs ask for that. */
export interface TaskClients {
  readonly producer: Broker;
  readonly consumer: Broker;
  /** For the creation of topics. */
  readonly admin: Broker;
  close(): Promise<void>;
}

/** @throws ConfigError for client configs that do not fit, BrokerUnavailableError */
export async function openClients(broker: Broker, spec: TaskSpec): Promise<TaskClients> {
  const opened: Broker[] = [];
  const close = async (): Promise<void> => {
    await Promise.allSettled(opened.map((own) => own.close()));
  };
  const open = async (client: 'producer' | 'consumer' | 'admin'): Promise<Broker> => {
    const own = await broker.withConfigs(clientConfigs(spec, client));
    if (own !== broker) opened.push(own);
    return own;
  };
  try {
    const consumer = spec.kind === 'sink' ? await open('consumer') : broker;
    return { producer: await open('producer'), consumer, admin: await open('admin'), close };
  } catch (error) {
    await close();
    throw error;
  }
}
