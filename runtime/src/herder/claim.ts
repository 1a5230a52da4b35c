import { ConfigError } from '@tributary/api';
import { BrokerError } from '../broker/errors.ts';
import type { Broker, Claim } from '../broker/port.ts';
import type { WorkerConfig } from '../config/worker-config.ts';

/** Until workers share the work, each set of internal topics has one. @throws ConfigError that names the other worker */
export async function claimTopics(
  broker: Broker,
  config: WorkerConfig,
  workerId: string,
  onFatal: (reason: string) => void,
): Promise<Claim> {
  const groupId = config['group.id'];
  try {
    return await broker.claim({ groupId, owner: workerId, clientId: `${groupId}-worker`, onLost: onFatal });
  } catch (error) {
    if (!(error instanceof BrokerError) || error.code !== 'ALREADY_CLAIMED') throw error;
    throw new ConfigError(
      `${error.message}. One worker at a time can run on the config topic ${config['config.storage.topic']}: stop the other one, or give this one its own group.id, config.storage.topic, offset.storage.topic and status.storage.topic`,
      { cause: error },
    );
  }
}
