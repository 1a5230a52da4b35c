import { type ConfigKey, double, int, type Props } from '@tributary/api';
import { tlsOptions } from '@tributary/api/tls';
import type { HttpClientOptions } from './client.ts';
import { type ProxyConfig, type ProxyKeys, proxyKeys, proxyOf } from './dispatcher.ts';

export interface ConnectionKeys extends ProxyKeys {
  readonly 'rate.per.second': ConfigKey<number>;
  readonly 'request.timeout.ms': ConfigKey<number>;
  readonly 'response.max.bytes': ConfigKey<number>;
  readonly 'retry.backoff.ms': ConfigKey<number>;
  readonly 'retry.backoff.max.ms': ConfigKey<number>;
}

/** A config with the keys of {@link connectionKeys}, parsed. */
export interface ConnectionConfig extends ProxyConfig {
  readonly 'rate.per.second': number;
  readonly 'request.timeout.ms': number;
  readonly 'response.max.bytes': number;
  readonly 'retry.backoff.ms': number;
  readonly 'retry.backoff.max.ms': number;
}

const GROUP = 'Connection';

/** How a source speaks to a server: its rate, its patience, its proxy. TLS comes beside it, by `tlsKeys` of the api. */
export const connectionKeys = (defaults: {
  readonly perSecond: number;
  readonly maxBytes: number;
}): ConnectionKeys => ({
  'rate.per.second': double({
    default: defaults.perSecond,
    min: 0.001,
    max: 10_000,
    importance: 'medium',
    group: GROUP,
    doc: 'The most requests a second, of all tasks together. The rate halves when the server throttles (status 429) and recovers while it does not. Tasks in one process share it; one in a process of its own, or on another worker, has its part.',
  }),
  'request.timeout.ms': int({
    default: 15_000,
    min: 1,
    importance: 'low',
    group: GROUP,
    doc: 'How long a request may take, its answer included. Milliseconds.',
  }),
  'response.max.bytes': int({
    default: defaults.maxBytes,
    min: 1024,
    importance: 'low',
    group: GROUP,
    doc: 'The longest answer that is read, in bytes, unpacked.',
  }),
  'retry.backoff.ms': int({
    default: 1000,
    min: 1,
    importance: 'low',
    group: GROUP,
    doc: 'The pause after a failure that may pass, in milliseconds. It doubles with each further failure, and is up to half shorter by chance. `Retry-After` is heeded.',
  }),
  'retry.backoff.max.ms': int({
    default: 60_000,
    min: 1,
    importance: 'low',
    group: GROUP,
    doc: 'The longest such pause, in milliseconds.',
  }),
  ...proxyKeys(),
});

/**
 * What a client needs of a config.
 * @param prefix of the TLS keys
 * @throws ConfigError for TLS stores that cannot be read
 */
export function connectionOf(
  config: ConnectionConfig,
  props: Props,
  prefix: string,
): Omit<HttpClientOptions, 'metrics'> {
  return {
    proxy: proxyOf(config),
    tls: tlsOptions(props, prefix),
    timeoutMs: config['request.timeout.ms'],
    maxBytes: config['response.max.bytes'],
    maxBytesKey: 'response.max.bytes',
  };
}
