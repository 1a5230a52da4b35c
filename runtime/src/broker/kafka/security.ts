/** `ssl.*` and `sasl.*` client configs, in the terms of Node's tls and the client library. Secrets stay out of messages. */

import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions, type ConnectionOptions as TlsOptions } from 'node:tls';
import type { SASLOptions } from '@platformatic/kafka';
import { ConfigError, messageOf } from '@tributary/api';
import { type LoginModule, parseJaas } from './jaas.ts';
import { tokenProvider } from './oauth.ts';
import { text } from './values.ts';

type Configs = Readonly<Record<string, string>>;

export const SSL_KEYS = [
  'ssl.cipher.suites',
  'ssl.enabled.protocols',
  'ssl.endpoint.identification.algorithm',
  'ssl.key.password',
  'ssl.keystore.certificate.chain',
  'ssl.keystore.key',
  'ssl.keystore.location',
  'ssl.keystore.password',
  'ssl.keystore.type',
  'ssl.truststore.certificates',
  'ssl.truststore.location',
  'ssl.truststore.type',
] as const;

export const SASL_KEYS = ['sasl.jaas.config', 'sasl.mechanism', 'sasl.oauthbearer.token.endpoint.url'] as const;

/** @throws ConfigError for stores that cannot be read, and for those that Node cannot read */
export function tlsOptions(configs: Configs): TlsOptions {
  const options: SecureContextOptions = { ...trusted(configs), ...own(configs), ...versions(configs) };
  const ciphers = text(configs, 'ssl.cipher.suites');
  if (ciphers !== undefined) options.ciphers = ciphers.split(/\s*,\s*/).join(':');
  const algorithm = configs['ssl.endpoint.identification.algorithm']?.trim().toLowerCase() ?? 'https';
  if (algorithm !== 'https' && algorithm !== '')
    throw new ConfigError(
      `Invalid value ${algorithm} for configuration ssl.endpoint.identification.algorithm: must be https, or empty for no check of host names`,
    );
  try {
    const secureContext = createSecureContext(options);
    return algorithm === '' ? { secureContext, checkServerIdentity: () => undefined } : { secureContext };
  } catch (error) {
    throw new ConfigError(
      `The ssl.* configurations do not fit together: ${messageOf(error)}; check the stores' contents and passwords`,
      { cause: error },
    );
  }
}

function trusted(configs: Configs): SecureContextOptions {
  const certificates = text(configs, 'ssl.truststore.certificates');
  const location = text(configs, 'ssl.truststore.location');
  if (certificates === undefined && location === undefined) return {};
  const type = storeType(configs, 'ssl.truststore.type');
  if (type !== 'PEM')
    throw new ConfigError(
      `Truststores of type ${type} cannot be read (ssl.truststore.type): export the certificates as PEM, with "keytool -exportcert -rfc -keystore ${location ?? '<truststore>'} -alias <alias>" for each, and set ssl.truststore.type=PEM`,
    );
  if (certificates !== undefined) return { ca: certificates };
  return { ca: readStore('ssl.truststore.location', location!).toString() };
}

function own(configs: Configs): SecureContextOptions {
  const chain = text(configs, 'ssl.keystore.certificate.chain');
  const key = text(configs, 'ssl.keystore.key');
  const location = text(configs, 'ssl.keystore.location');
  if (chain === undefined && key === undefined && location === undefined) return {};
  const type = storeType(configs, 'ssl.keystore.type');
  const password = text(configs, 'ssl.keystore.password');
  const keyPassword = text(configs, 'ssl.key.password') ?? password;
  if (type === 'PKCS12' && location !== undefined)
    return {
      pfx: readStore('ssl.keystore.location', location),
      ...(password !== undefined && { passphrase: password }),
    };
  if (type !== 'PEM')
    throw new ConfigError(
      `Keystores of type ${type} cannot be read (ssl.keystore.type): convert it, with "keytool -importkeystore -srckeystore ${location ?? '<keystore>'} -destkeystore keystore.p12 -deststoretype PKCS12", and set ssl.keystore.type=PKCS12`,
    );
  const passphrase = keyPassword === undefined ? {} : { passphrase: keyPassword };
  if (chain !== undefined && key !== undefined) return { cert: chain, key, ...passphrase };
  if (location === undefined)
    throw new ConfigError(
      'ssl.keystore.key and ssl.keystore.certificate.chain belong together: set both, or ssl.keystore.location',
    );
  const pem = readStore('ssl.keystore.location', location).toString();
  return { cert: pem, key: pem, ...passphrase };
}

function storeType(configs: Configs, key: string): string {
  const type = (text(configs, key) ?? 'JKS').trim().toUpperCase();
  return type === 'PKCS#12' || type === 'P12' ? 'PKCS12' : type;
}

function readStore(key: string, location: string): Buffer {
  try {
    return readFileSync(location);
  } catch (error) {
    throw new ConfigError(`Invalid value ${location} for configuration ${key}: ${messageOf(error)}`, { cause: error });
  }
}

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

function versions(configs: Configs): SecureContextOptions {
  const enabled = text(configs, 'ssl.enabled.protocols');
  if (enabled === undefined) return {};
  const names = enabled.split(',').map((name) => name.trim());
  const known = VERSIONS.filter((version) => names.includes(version));
  if (known.length === 0)
    throw new ConfigError(
      `Invalid value ${enabled} for configuration ssl.enabled.protocols: must name TLSv1.2 or TLSv1.3`,
    );
  return { minVersion: known[0]!, maxVersion: known.at(-1)! };
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
