/** `ssl.*` configs in the terms of Node's tls. Secrets stay out of messages. */
import { readFileSync } from 'node:fs';
import { type ConnectionOptions, createSecureContext, type SecureContextOptions } from 'node:tls';
import { ConfigError, messageOf } from '../errors.ts';

type Configs = Readonly<Record<string, string>>;

export const TLS_KEYS = [
  'ssl.cipher.suites',
  'ssl.enabled.protocols',
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

/** Absent and empty values are undefined. */
function text(configs: Configs, key: string): string | undefined {
  const value = configs[key];
  return value === undefined || value === null || String(value).trim() === '' ? undefined : String(value);
}

/** The `ssl.*` of one client or listener. */
interface Store {
  readonly configs: Configs;
  readonly prefix: string;
}

/**
 * The certificates, keys, protocols and ciphers that the `ssl.*` configs name. They were found to fit together.
 * @param configs without the prefix
 * @param prefix what stands before the keys in the worker's config, for messages
 * @throws ConfigError for stores that cannot be read, and for those that Node cannot read
 */
export function tlsMaterial(configs: Configs, prefix = ''): SecureContextOptions {
  const store = { configs, prefix };
  const ciphers = text(configs, 'ssl.cipher.suites');
  const options = {
    ...trusted(store),
    ...own(store),
    ...versions(store),
    ...(ciphers !== undefined && { ciphers: ciphers.split(/\s*,\s*/).join(':') }),
  };
  try {
    createSecureContext(options);
  } catch (error) {
    throw new ConfigError(
      `The ${prefix}ssl.* configurations do not fit together: ${messageOf(error)}; check the stores' contents and passwords`,
      { cause: error },
    );
  }
  return options;
}

/** Whether a certificate of one's own is configured. */
export function hasOwnCertificate(configs: Configs): boolean {
  return OWN.some((key) => text(configs, key) !== undefined);
}

/** Whether a client compares the name of the server with its certificate. @throws ConfigError */
export function identification(configs: Configs, prefix = ''): Pick<ConnectionOptions, 'checkServerIdentity'> {
  const key = 'ssl.endpoint.identification.algorithm';
  const algorithm = configs[key]?.trim().toLowerCase() ?? 'https';
  if (algorithm !== 'https' && algorithm !== '')
    throw new ConfigError(
      `Invalid value ${algorithm} for configuration ${prefix}${key}: must be https, or empty for no check of host names`,
    );
  return algorithm === '' ? { checkServerIdentity: () => undefined } : {};
}

const OWN = ['ssl.keystore.certificate.chain', 'ssl.keystore.key', 'ssl.keystore.location'] as const;

function trusted(store: Store): SecureContextOptions {
  const { configs, prefix } = store;
  const certificates = text(configs, 'ssl.truststore.certificates');
  const location = text(configs, 'ssl.truststore.location');
  if (certificates === undefined && location === undefined) return {};
  const type = storeType(configs, 'ssl.truststore.type');
  if (type !== 'PEM')
    throw new ConfigError(
      `Truststores of type ${type} cannot be read (${prefix}ssl.truststore.type): export the certificates as PEM, with "keytool -exportcert -rfc -keystore ${location ?? '<truststore>'} -alias <alias>" for each, and set ${prefix}ssl.truststore.type=PEM`,
    );
  if (certificates !== undefined) return { ca: certificates };
  return { ca: readStore(store, 'ssl.truststore.location', location!).toString() };
}

function own(store: Store): SecureContextOptions {
  const { configs, prefix } = store;
  if (!hasOwnCertificate(configs)) return {};
  const [chain, key, location] = OWN.map((name) => text(configs, name));
  const type = storeType(configs, 'ssl.keystore.type');
  const password = text(configs, 'ssl.keystore.password');
  const keyPassword = text(configs, 'ssl.key.password') ?? password;
  const content = location === undefined ? undefined : readStore(store, 'ssl.keystore.location', location);
  // What Java calls JKS is a PKCS12 store as often as not: its keytool writes them since Java 9, and Java reads either under either name.
  if (content && (type === 'PKCS12' || (type === 'JKS' && content[0] === DER_SEQUENCE)))
    return { pfx: content, ...(password !== undefined && { passphrase: password }) };
  if (type !== 'PEM')
    throw new ConfigError(
      `Keystores of type ${type} cannot be read (${prefix}ssl.keystore.type): convert it, with "keytool -importkeystore -srckeystore ${location ?? '<keystore>'} -destkeystore keystore.p12 -deststoretype PKCS12", and set ${prefix}ssl.keystore.type=PKCS12`,
    );
  const passphrase = keyPassword === undefined ? {} : { passphrase: keyPassword };
  if (chain !== undefined && key !== undefined) return { cert: chain, key, ...passphrase };
  if (content === undefined)
    throw new ConfigError(
      `${prefix}ssl.keystore.key and ${prefix}ssl.keystore.certificate.chain belong together: set both, or ${prefix}ssl.keystore.location`,
    );
  const pem = content.toString();
  return { cert: pem, key: pem, ...passphrase };
}

/** The first byte of a PKCS12 store; a JKS store begins with FE ED FE ED. */
const DER_SEQUENCE = 0x30;

function storeType(configs: Configs, key: string): string {
  const type = (text(configs, key) ?? 'JKS').trim().toUpperCase();
  return type === 'PKCS#12' || type === 'P12' ? 'PKCS12' : type;
}

function readStore({ prefix }: Store, key: string, location: string): Buffer {
  try {
    return readFileSync(location);
  } catch (error) {
    throw new ConfigError(`Invalid value ${location} for configuration ${prefix}${key}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

function versions({ configs, prefix }: Store): SecureContextOptions {
  const enabled = text(configs, 'ssl.enabled.protocols');
  if (enabled === undefined) return {};
  const names = enabled.split(',').map((name) => name.trim());
  const known = VERSIONS.filter((version) => names.includes(version));
  if (known.length === 0)
    throw new ConfigError(
      `Invalid value ${enabled} for configuration ${prefix}ssl.enabled.protocols: must name TLSv1.2 or TLSv1.3`,
    );
  return { minVersion: known[0]!, maxVersion: known.at(-1)! };
}
