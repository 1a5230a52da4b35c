import type { ConnectionOptions, SecureContextOptions } from 'node:tls';
import { Secret } from '@tributary/api';
import { identification, tlsMaterial } from '@tributary/api/tls';
import type { ClientConfig } from './config.ts';

const PREFIX = 'schema.registry.';

/** What node:https needs of the `schema.registry.ssl.*` keys. @throws ConfigError for stores that cannot be read, and for formats that Node cannot read */
export function tlsSettings(
  config: ClientConfig,
): SecureContextOptions & Pick<ConnectionOptions, 'checkServerIdentity'> {
  const own: Record<string, string> = {};
  for (const [key, value] of Object.entries(config)) {
    if (!key.startsWith(`${PREFIX}ssl.`) || value === null) continue;
    own[key.slice(PREFIX.length)] = value instanceof Secret ? value.reveal() : String(value);
  }
  return { ...tlsMaterial(own, PREFIX), ...identification(own, PREFIX) };
}
