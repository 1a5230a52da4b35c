import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type { SASLOptions } from '@platformatic/kafka';

export function tlsOptions(_configs: Readonly<Record<string, string>>): TlsOptions {
  return {};
}

export function saslOptions(_configs: Readonly<Record<string, string>>): SASLOptions {
  return { mechanism: 'PLAIN' };
}
