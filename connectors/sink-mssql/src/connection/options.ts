import { readFileSync } from 'node:fs';
import { messageOf, type Props } from '@tributary/api';
import { tlsOptions } from '@tributary/api/tls';
import type { ConnectionAuthentication, ConnectionOptions } from 'tedious';
import type { SinkConfig } from '../config.ts';
import { authentication } from './authentication.ts';
import { type JdbcUrl, parseJdbcUrl } from './jdbc-url.ts';
import { KeyError } from './key-error.ts';

/** What the driver is told, and what of the URL it cannot be told. */
export interface ServerOptions {
  readonly server: string;
  readonly authentication: ConnectionAuthentication;
  readonly options: ConnectionOptions;
  /** How long a statement waits for a lock, in milliseconds; null: as long as the statement may take. */
  readonly lockTimeout: number | null;
  /** Properties of the URL that have no meaning here. */
  readonly ignored: readonly string[];
}

const URL_KEY = 'connection.url';
const NO_URL: JdbcUrl = { host: null, instance: null, port: null, properties: new Map() };
/** Milliseconds. */
const DEFAULT_CONNECT_TIMEOUT = 15_000;
const DEFAULT_REQUEST_TIMEOUT = 60_000;
/** Bytes, twice the driver's own: rows are loaded in bulk. Servers take no more than 16,383 where the connection is encrypted. */
const DEFAULT_PACKET_SIZE = 8192;

/** The properties that are read here and in {@link authentication}; JDBC has more, which concern Java alone. */
const KNOWN = new Set([
  'servername',
  'server',
  'instancename',
  'instance',
  'portnumber',
  'port',
  'databasename',
  'database',
  'user',
  'username',
  'password',
  'domain',
  'domainname',
  'authentication',
  'authenticationscheme',
  'integratedsecurity',
  'usentlmv2',
  'accesstoken',
  'msiclientid',
  'tenantid',
  'aadsecureprincipalid',
  'aadsecureprincipalsecret',
  'encrypt',
  'trustservercertificate',
  'hostnameincertificate',
  'servercertificate',
  'logintimeout',
  'querytimeout',
  'sockettimeout',
  'locktimeout',
  'applicationname',
  'applicationintent',
  'multisubnetfailover',
  'packetsize',
  'workstationid',
]);

/** Properties that are about security, and must not be ignored in silence, with what to do instead. */
const REFUSED: Readonly<Record<string, string>> = {
  truststore: 'export the certificates as PEM and name the file by ssl.truststore.location',
  truststorepassword: 'export the certificates as PEM and name the file by ssl.truststore.location',
  clientcertificate: 'name the certificate by ssl.keystore.location',
  clientkey: 'name the key by ssl.keystore.key',
  columnencryptionsetting: 'Always Encrypted is not there; write to columns that are not encrypted',
};

/**
 * Puts together the URL and the keys beside it, which stand above it.
 * @throws KeyError that names the key
 */
export function serverOptions(config: SinkConfig, props: Props): ServerOptions {
  const url = config['connection.url'] === null ? NO_URL : parsedUrl(config['connection.url']);
  for (const [name, remedy] of Object.entries(REFUSED)) {
    const value = url.properties.get(name);
    if (value !== undefined && value.toLowerCase() !== 'disabled')
      throw new KeyError(URL_KEY, `The property '${name}' cannot be followed: ${remedy}`);
  }
  const [host, instance = url.instance] = (config['connection.host'] ?? url.host ?? '').split('\\') as [
    string,
    (string | null)?,
  ];
  if (host === '')
    throw new KeyError(
      config['connection.url'] === null ? 'connection.host' : URL_KEY,
      'No server is named: set connection.host, or connection.url=jdbc:sqlserver://host:1433;databaseName=...',
    );
  const port = config['connection.port'] ?? url.port;
  const text = (name: string): string | undefined => url.properties.get(name) || undefined;
  return {
    server: host,
    authentication: authentication(config, url),
    options: {
      // A port says more than the name of an instance, as in JDBC.
      ...(port !== null ? { port } : instance !== null && { instanceName: instance }),
      database: config['connection.database'] ?? text('databasename') ?? text('database'),
      appName: text('applicationname') ?? 'Tributary',
      workstationId: text('workstationid'),
      readOnlyIntent: text('applicationintent')?.toLowerCase() === 'readonly',
      multiSubnetFailover: flag(url, 'multisubnetfailover') ?? false,
      packetSize: number(url, 'packetsize', 512) ?? DEFAULT_PACKET_SIZE,
      connectTimeout: seconds(url, 'logintimeout') ?? DEFAULT_CONNECT_TIMEOUT,
      requestTimeout: requestTimeout(url),
      maxRetriesOnTransientErrors: config['connection.attempts'] - 1,
      connectionRetryInterval: config['connection.backoff.ms'],
      // A statement that fails takes its transaction with it.
      abortTransactionOnError: true,
      enableArithAbort: true,
      useUTC: true,
      ...encryption(config, props, url),
    },
    lockTimeout: number(url, 'locktimeout', 0) ?? null,
    ignored: [...url.properties.keys()].filter((name) => !KNOWN.has(name)),
  };
}

function parsedUrl(text: string): JdbcUrl {
  try {
    return parseJdbcUrl(text);
  } catch (error) {
    throw new KeyError(URL_KEY, `Invalid value for configuration ${URL_KEY}: ${messageOf(error)}`, { cause: error });
  }
}

function encryption(config: SinkConfig, props: Props, url: JdbcUrl): ConnectionOptions {
  const encrypt = url.properties.get('encrypt')?.toLowerCase() ?? 'true';
  if (!['true', 'false', 'strict', 'yes', 'no', 'mandatory', 'optional'].includes(encrypt))
    throw new KeyError(URL_KEY, `encrypt=${encrypt} is none of true, false and strict`);
  if (config['ssl.endpoint.identification.algorithm'] === '')
    throw new KeyError(
      'ssl.endpoint.identification.algorithm',
      'The check of the name in the certificate cannot be left out: say what the name is by hostNameInCertificate in connection.url',
    );
  const { checkServerIdentity: _, ...material } = tlsOptions(props, '');
  const certificate = url.properties.get('servercertificate');
  return {
    encrypt: encrypt === 'strict' ? 'strict' : ['true', 'yes', 'mandatory'].includes(encrypt),
    trustServerCertificate: flag(url, 'trustservercertificate') ?? false,
    ...(url.properties.get('hostnameincertificate') && { serverName: url.properties.get('hostnameincertificate') }),
    cryptoCredentialsDetails: { ...material, ...(certificate && { ca: readCertificate(certificate) }) },
  };
}

function readCertificate(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new KeyError(URL_KEY, `serverCertificate cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function flag(url: JdbcUrl, name: string): boolean | undefined {
  const value = url.properties.get(name)?.toLowerCase();
  if (value === undefined || value === '') return undefined;
  if (value === 'true' || value === 'yes') return true;
  if (value === 'false' || value === 'no') return false;
  throw new KeyError(URL_KEY, `${name}=${value} is neither true nor false`);
}

function number(url: JdbcUrl, name: string, min: number): number | undefined {
  const value = url.properties.get(name);
  if (value === undefined || value === '' || value === '-1') return undefined;
  if (!/^\d+$/.test(value) || Number(value) < min)
    throw new KeyError(URL_KEY, `${name}=${value} is not a whole number from ${min} on`);
  return Number(value);
}

function seconds(url: JdbcUrl, name: string): number | undefined {
  const value = number(url, name, 0);
  return value === undefined || value === 0 ? undefined : value * 1000;
}

/** JDBC waits for ever by default; a server that has vanished without a word would then hold up the task for ever. */
function requestTimeout(url: JdbcUrl): number {
  return seconds(url, 'querytimeout') ?? (number(url, 'sockettimeout', 0) || DEFAULT_REQUEST_TIMEOUT);
}
