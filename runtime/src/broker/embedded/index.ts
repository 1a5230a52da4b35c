import type { Broker, BrokerOptions } from '../port.ts';
import { EmbeddedBroker } from './broker.ts';
import { parseEmbedded } from './config.ts';
import { ownFolder } from './owner.ts';
import { Storage } from './storage.ts';

export { embeddedConfig, embeddedFolder } from './config.ts';

/**
 * Opens the log in a folder of this machine, which it makes if need be: the broker that needs no server. `configs` has
 * `bootstrap.servers=embedded:FOLDER` and the keys of {@link embeddedConfig}.
 * @throws ConfigError if a key is wrong
 * @throws BrokerError EMBEDDED_LOG_IN_USE if another process has the folder open
 */
export async function openEmbedded({ configs }: BrokerOptions): Promise<Broker> {
  const { folder, config } = parseEmbedded(configs);
  const ownership = await ownFolder(folder);
  try {
    return new EmbeddedBroker(new Storage(folder, config['embedded.flush'] === 'disk'), ownership, config);
  } catch (error) {
    await ownership.release();
    throw error;
  }
}
