/** Client configs as users write them, turned once into what the adapter works with. */

import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type { SASLOptions } from '@platformatic/kafka';
import { ConfigError } from '@tributary/api';
import { integer, text } from '../../config/values.ts';
import type { Address } from './connection.ts';
import type { Backoff } from './retry.ts';
import { SASL_KEYS, SSL_KEYS, saslOptions, tlsOptions } from './security.ts';

export interface ClientSettings {
  readonly bootstrap: readonly Address[];
  readonly clientId: string;
  readonly tls: TlsOptions | undefined;
  readonly sasl: SASLOptions | undefined;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /** How long an operation without an own limit is retried. */
  readonly apiTimeoutMs: number;
  readonly metadataMaxAgeMs: number;
  readonly backoff: Backoff;
}

/** What every client understands, with Kafka's defaults (milliseconds). */
const DEFAULTS = {
  'socket.connection.setup.timeout.ms': 10_000,
  'request.timeout.ms': 30_000,
  'default.api.timeout.ms': 60_000,
  'metadata.max.age.ms': 300_000,
  'retry.backoff.ms': 100,
  'retry.backoff.max.ms': 1_000,
} as const;

/** The names of all client configs that are understood; others have no effect. */
export const CLIENT_KEYS: readonly string[] = [
  'bootstrap.servers',
  'client.id',
  'security.protocol',
  ...Object.keys(DEFAULTS),
  ...SASL_KEYS,
  ...SSL_KEYS,
].sort();

export function clientSettings(configs: Readonly<Record<string, string>>, clientId: string): ClientSettings {
  const number = (key: keyof typeof DEFAULTS, min: number) => integer(configs, key, min) ?? DEFAULTS[key];
  const protocol = (text(configs, 'security.protocol') ?? 'PLAINTEXT').toUpperCase();
  if (!['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'].includes(protocol)) {
    throw new ConfigError(
      `Invalid value ${configs['security.protocol']} for configuration security.protocol: must be PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL`,
    );
  }
  const firstMs = number('retry.backoff.ms', 0);
  return {
    bootstrap: bootstrapServers(configs),
    clientId: text(configs, 'client.id') ?? clientId,
    tls: protocol.endsWith('SSL') ? tlsOptions(configs) : undefined,
    sasl: protocol.startsWith('SASL_') ? saslOptions(configs) : undefined,
    connectTimeoutMs: number('socket.connection.setup.timeout.ms', 1),
    requestTimeoutMs: number('request.timeout.ms', 1),
    apiTimeoutMs: number('default.api.timeout.ms', 1),
    metadataMaxAgeMs: number('metadata.max.age.ms', 0),
    backoff: { firstMs, maxMs: Math.max(firstMs, number('retry.backoff.max.ms', 0)) },
  };
}

function bootstrapServers(configs: Readonly<Record<string, string>>): Address[] {
  const addresses = (text(configs, 'bootstrap.servers') ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (addresses.length === 0)
    throw new ConfigError('Missing required configuration bootstrap.servers: host:port[,...]');
  return addresses.map((address) => {
    const match = /^(?:[A-Z_]+:\/\/)?(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]/]+)):(\d{1,5})$/.exec(address);
    const port = Number(match?.[3]);
    if (!match || port < 1 || port > 65535)
      throw new ConfigError(`Invalid value ${address} for configuration bootstrap.servers: must be host:port`);
    return { host: match[1] ?? match[2]!, port };
  });
}
