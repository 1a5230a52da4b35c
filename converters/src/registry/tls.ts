import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { ConfigError, messageOf, type Secret } from '@tributary/api';
import type { ClientConfig } from './config.ts';

const PREFIX = 'schema.registry.ssl.';

/** What node:https needs of the `schema.registry.ssl.*` keys. */
export interface TlsSettings extends SecureContextOptions {
  checkServerIdentity?: () => undefined;
}

/** @throws ConfigError for stores that cannot be read, and for formats that Node cannot read */
export function tlsSettings(config: ClientConfig): TlsSettings {
  const settings: TlsSettings = { ...trusted(config), ...own(config) };
  if (config[`${PREFIX}endpoint.identification.algorithm`] === '') settings.checkServerIdentity = () => undefined;
  try {
    createSecureContext(settings);
  } catch (error) {
    throw new ConfigError(
      `The ${PREFIX}* configurations do not fit together: ${messageOf(error)}; check the stores' contents and passwords`,
      { cause: error },
    );
  }
  return settings;
}

function trusted(config: ClientConfig): SecureContextOptions {
  const certificates = config[`${PREFIX}truststore.certificates`];
  const location = config[`${PREFIX}truststore.location`];
  if (certificates === null && location === null) return {};
  const type = config[`${PREFIX}truststore.type`];
  if (type !== 'PEM')
    throw new ConfigError(
      `Truststores of type ${type} cannot be read (${PREFIX}truststore.type): export the certificates as PEM, with "keytool -exportcert -rfc -keystore ${location ?? '<truststore>'} -alias <alias>" for each, and set ${PREFIX}truststore.type=PEM`,
    );
  return { ca: certificates?.reveal() ?? read('truststore.location', location!) };
}

function own(config: ClientConfig): SecureContextOptions {
  const chain = config[`${PREFIX}keystore.certificate.chain`];
  const key = config[`${PREFIX}keystore.key`];
  const location = config[`${PREFIX}keystore.location`];
  if (chain === null && key === null && location === null) return {};
  const type = config[`${PREFIX}keystore.type`];
  const password = config[`${PREFIX}keystore.password`];
  if (type === 'PKCS12' && location !== null) {
    return { pfx: read('keystore.location', location), ...passphrase(password) };
  }
  if (type !== 'PEM')
    throw new ConfigError(
      `Keystores of type ${type} cannot be read (${PREFIX}keystore.type): convert it, with "keytool -importkeystore -srckeystore ${location ?? '<keystore>'} -destkeystore keystore.p12 -deststoretype PKCS12", and set ${PREFIX}keystore.type=PKCS12`,
    );
  const unlock = passphrase(config[`${PREFIX}key.password`] ?? password);
  if (chain !== null && key !== null) return { cert: chain.reveal(), key: key.reveal(), ...unlock };
  if (location === null)
    throw new ConfigError(
      `${PREFIX}keystore.key and ${PREFIX}keystore.certificate.chain belong together: set both, or ${PREFIX}keystore.location`,
    );
  const pem = read('keystore.location', location);
  return { cert: pem, key: pem, ...unlock };
}

const passphrase = (password: Secret | null): SecureContextOptions =>
  password === null ? {} : { passphrase: password.reveal() };

function read(key: string, location: string): Buffer {
  try {
    return readFileSync(location);
  } catch (error) {
    throw new ConfigError(`Invalid value ${location} for configuration ${PREFIX}${key}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
