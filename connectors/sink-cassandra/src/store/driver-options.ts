import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, type PeerCertificate } from 'node:tls';
import { ConfigError, messageOf } from '@tributary/api';
import { tlsMaterial } from '@tributary/api/tls';
import { auth, type ClientOptions, policies, types } from 'cassandra-driver';
import type { CassandraConfig } from '../settings/table-settings.ts';

const CONNECT_TIMEOUT_MS = 5000;
const RECONNECT_MS = [200, 2000] as const;

/** The options of the driver. @throws ConfigError for stores that cannot be read and what the driver cannot do */
export function driverOptions(config: CassandraConfig): ClientOptions {
  const { local, remote } = types.distance;
  const bundle = config['cloud.secureConnectBundle'];
  const localDc = config['loadBalancing.localDc'];
  const { loadBalancing, reconnection } = policies;
  return {
    ...(bundle === ''
      ? {
          contactPoints: config.contactPoints.length > 0 ? [...config.contactPoints] : ['127.0.0.1'],
          protocolOptions: { port: config.port },
          ...(localDc !== '' && { localDataCenter: localDc }),
          ...tls(config),
        }
      : { cloud: { secureConnectBundle: bundle } }),
    ...login(config),
    policies: {
      reconnection: new reconnection.ExponentialReconnectionPolicy(...RECONNECT_MS, false),
      ...(bundle === '' &&
        localDc === '' && {
          loadBalancing: new loadBalancing.TokenAwarePolicy(new loadBalancing.RoundRobinPolicy()),
        }),
    },
    pooling: { coreConnectionsPerHost: { [local]: config.connectionPoolLocalSize, [remote]: 1 } },
    socketOptions: { connectTimeout: CONNECT_TIMEOUT_MS, readTimeout: config.queryExecutionTimeout * 1000 },
    // A write says its own time, so that to write it twice is to write it once.
    queryOptions: { isIdempotent: true, prepare: true },
  };
}

function login(config: CassandraConfig): Pick<ClientOptions, 'authProvider'> {
  const username = config['auth.username'];
  const password = config['auth.password']?.reveal() ?? '';
  if (config['auth.provider'] === 'GSSAPI')
    throw new ConfigError(
      'auth.provider=GSSAPI cannot be had: the driver speaks no Kerberos. Use PLAIN with a role and a password',
    );
  if (config['auth.provider'] === 'None' && username === '' && password === '') return {};
  if (username === '') throw new ConfigError('auth.password is set without auth.username');
  return { authProvider: new auth.PlainTextAuthProvider(username, password) };
}

function tls(config: CassandraConfig): Pick<ClientOptions, 'sslOptions'> {
  if (config['ssl.provider'] === 'None') return {};
  const truststore = config['ssl.truststore.path'];
  const ciphers = config['ssl.cipherSuites'];
  const material = tlsMaterial({
    ...(truststore !== '' && {
      'ssl.truststore.location': truststore,
      'ssl.truststore.type': typeOf('ssl.truststore.path', truststore),
    }),
    ...(ciphers.length > 0 && { 'ssl.cipher.suites': ciphers.join(',') }),
    ...ownCertificate(config),
  });
  return { sslOptions: { ...material, rejectUnauthorized: true, ...identity(config) } };
}

function ownCertificate(config: CassandraConfig): Record<string, string> {
  if (config['ssl.provider'] === 'OpenSSL') {
    const [chain, key] = [config['ssl.openssl.keyCertChain'], config['ssl.openssl.privateKey']];
    if ((chain === '') !== (key === ''))
      throw new ConfigError('ssl.openssl.keyCertChain and ssl.openssl.privateKey belong together: set both or none');
    if (chain === '') return {};
    return {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.certificate.chain': read('ssl.openssl.keyCertChain', chain).toString(),
      'ssl.keystore.key': read('ssl.openssl.privateKey', key).toString(),
    };
  }
  const keystore = config['ssl.keystore.path'];
  if (keystore === '') return {};
  const password = config['ssl.keystore.password'];
  return {
    'ssl.keystore.location': keystore,
    'ssl.keystore.type': typeOf('ssl.keystore.path', keystore),
    ...(password && { 'ssl.keystore.password': password.reveal() }),
  };
}

/** The keys say nothing of the format; the files do. */
function typeOf(key: string, path: string): string {
  const content = read(key, path);
  return content.includes('-----BEGIN ') ? 'PEM' : content[0] === 0x30 ? 'PKCS12' : 'JKS';
}

function read(key: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ConfigError(`Invalid value ${path} for configuration ${key}: ${messageOf(error)}`, { cause: error });
  }
}

/** The driver connects to addresses, also where the contact points are names: a certificate for one of the names will do. */
function identity(config: CassandraConfig): Pick<ConnectionOptions, 'checkServerIdentity'> {
  if (!config['ssl.hostnameValidation']) return { checkServerIdentity: () => undefined };
  const names = config.contactPoints.map((point) => point.replace(/:\d+$/, '')).filter((name) => isIP(name) === 0);
  return {
    checkServerIdentity(host: string, certificate: PeerCertificate) {
      const error = checkServerIdentity(host, certificate);
      const known = error === undefined || names.some((name) => checkServerIdentity(name, certificate) === undefined);
      return known ? undefined : error;
    },
  };
}
