import type { ConnectionOptions, SecureContextOptions } from 'node:tls';
import { type ConfigKey, password, string } from '../config/keys.ts';
import type { Props } from '../config/parse.ts';
import type { Secret } from '../config/secret.ts';
import { identification, tlsMaterial } from './material.ts';

type TextName =
  | 'ssl.truststore.location'
  | 'ssl.truststore.certificates'
  | 'ssl.truststore.type'
  | 'ssl.keystore.location'
  | 'ssl.keystore.type'
  | 'ssl.keystore.certificate.chain'
  | 'ssl.enabled.protocols'
  | 'ssl.cipher.suites'
  | 'ssl.endpoint.identification.algorithm';
type SecretName = 'ssl.keystore.password' | 'ssl.keystore.key' | 'ssl.key.password';

/** The `ssl.*` keys of a connector that speaks to a server, behind a prefix. */
export type TlsKeys<P extends string> = { readonly [K in TextName as `${P}${K}`]: ConfigKey<string | null> } & {
  readonly [K in SecretName as `${P}${K}`]: ConfigKey<Secret | null>;
};

const GROUP = 'TLS';

/** Keys for the definition of a connector, named as those of Kafka's clients; stores are PEM unless their type says otherwise. */
export function tlsKeys<const P extends string>(prefix: P): TlsKeys<P> {
  const text = (doc: string): ConfigKey<string | null> =>
    string({ default: null, importance: 'low', group: GROUP, doc });
  const secret = (doc: string): ConfigKey<Secret | null> =>
    password({ default: null, importance: 'low', group: GROUP, doc });
  const keys: { readonly [K in TextName | SecretName]: ConfigKey } = {
    'ssl.truststore.location': text(
      'A file with the certificates of the authorities that are trusted. Default: those that Node.js knows.',
    ),
    'ssl.truststore.certificates': text('The trusted certificates themselves, as PEM, in place of a file.'),
    'ssl.truststore.type': text('The format of the truststore: PEM, the default.'),
    'ssl.keystore.location': text('A file with the certificate and the key that this client shows to the server.'),
    'ssl.keystore.type': text('The format of the keystore: PEM, the default, or PKCS12.'),
    'ssl.keystore.certificate.chain': text('The certificate of this client as PEM, in place of a file.'),
    'ssl.keystore.key': secret('The key of this client as PEM, in place of a file.'),
    'ssl.keystore.password': secret('The password of the keystore.'),
    'ssl.key.password': secret('The password of the key, if it is not that of the keystore.'),
    'ssl.enabled.protocols': text('The versions that may be spoken, separated by commas: TLSv1.2, TLSv1.3.'),
    'ssl.cipher.suites': text('The cipher suites that may be used, separated by commas, by the names of OpenSSL.'),
    'ssl.endpoint.identification.algorithm': text(
      'https, the default: the certificate must be for the name of the host. Empty: any name will do.',
    ),
  };
  return Object.fromEntries(Object.entries(keys).map(([name, key]) => [prefix + name, key])) as unknown as TlsKeys<P>;
}

/**
 * What the keys of {@link tlsKeys} say, in the terms of Node's tls.
 * @param props the connector's config as text (`context.props`)
 * @throws ConfigError for stores that cannot be read
 */
export function tlsOptions(
  props: Props,
  prefix: string,
): SecureContextOptions & Pick<ConnectionOptions, 'checkServerIdentity'> {
  const own: Record<string, string> = { 'ssl.truststore.type': 'PEM', 'ssl.keystore.type': 'PEM' };
  for (const [key, value] of Object.entries(props)) {
    if (key.startsWith(`${prefix}ssl.`)) own[key.slice(prefix.length)] = value;
  }
  return { ...tlsMaterial(own, prefix), ...identification(own, prefix) };
}
