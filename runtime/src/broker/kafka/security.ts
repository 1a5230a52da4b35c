/** `ssl.*` and `sasl.*` client configs, in the terms of Node's tls and the client library. Secrets stay out of messages. */

import { createSecureContext, type ConnectionOptions as TlsOptions } from 'node:tls';
import type { SASLOptions } from '@platformatic/kafka';
import { ConfigError } from '@tributary/api';
import { identification, TLS_KEYS, tlsMaterial } from '@tributary/api/tls';
import { type LoginModule, parseJaas } from '../../config/jaas.ts';
import { text } from '../../config/values.ts';
import { tokenProvider } from './oauth.ts';

type Configs = Readonly<Record<string, string>>;

export const SSL_KEYS = [...TLS_KEYS, 'ssl.endpoint.identification.algorithm'] as const;

export const SASL_KEYS = ['sasl.jaas.config', 'sasl.mechanism', 'sasl.oauthbearer.token.endpoint.url'] as const;

/** @throws ConfigError for stores that cannot be read, and for those that Node cannot read */
export function tlsOptions(configs: Configs): TlsOptions {
  return { ...identification(configs), secureContext: createSecureContext(tlsMaterial(configs)) };
}

type Mechanism = 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER';

const MODULES: Readonly<Record<Mechanism, string>> = {
  PLAIN: 'org.apache.kafka.common.security.plain.PlainLoginModule',
  'SCRAM-SHA-256': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  'SCRAM-SHA-512': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  OAUTHBEARER: 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule',
};

export function saslOptions(configs: Configs): SASLOptions {
  const mechanism = (text(configs, 'sasl.mechanism') ?? 'GSSAPI').trim().toUpperCase();
  if (!Object.hasOwn(MODULES, mechanism))
    throw new ConfigError(
      `Invalid value ${mechanism} for configuration sasl.mechanism: must be one of ${Object.keys(MODULES).join(', ')}`,
    );
  const jaas = text(configs, 'sasl.jaas.config');
  if (jaas === undefined)
    throw new ConfigError(`Missing required configuration sasl.jaas.config for sasl.mechanism ${mechanism}`);
  const login = parseJaas(jaas);
  const expected = MODULES[mechanism as Mechanism];
  if (login.module !== expected)
    throw new ConfigError(
      `Invalid value for configuration sasl.jaas.config (not shown): sasl.mechanism ${mechanism} goes with the login module ${expected}`,
    );
  if (mechanism === 'OAUTHBEARER') return { mechanism, token: tokenProvider(configs, login) };
  return {
    mechanism: mechanism as Mechanism,
    username: credential(login, 'username'),
    password: credential(login, 'password'),
  };
}

function credential(login: LoginModule, name: string): string {
  const value = login.options.get(name);
  if (value === undefined)
    throw new ConfigError(`Invalid value for configuration sasl.jaas.config (not shown): ${name} is missing`);
  return value;
}
