import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { takesLogin } from './cql.ts';
import { type DataFolder, DataServer, type DataServerHandle, dataFolder, discard } from './data-server.ts';
import { jdkTool, SHORT_LIVED_ARGS } from './java.ts';
import { type JavaServerOptions, javaServerSettings } from './java-server.ts';
import { type KeyStores, makeKeyStores } from './key-stores.ts';
import { downloaded } from './maven.ts';
import { freePorts, isPortFree, LOOPBACK, retryWhenPortTaken } from './ports.ts';

const DEFAULT_HEAP_MB = 384;
const DIRECT_MEMORY_MB = 192;
const STOP_GRACE_MS = 30_000;
const START_TIMEOUT_MS = 120_000;
const FIRST_USER = { username: 'cassandra', password: 'cassandra' } as const;
const LOCAL_DC = 'datacenter1';
const CONFIG_FOLDER = join(import.meta.dirname, '..', 'cassandra');

/** Options of {@link cassandra}. */
export interface CassandraOptions extends JavaServerOptions {
  /** The client port. Default: a free one. */
  readonly port?: number;
  /** Whether clients log in with a password and roles need permissions; the first user is `credentials`. Default false. */
  readonly auth?: boolean;
  /**
   * Whether clients must use TLS; `mutual` asks for their certificate too. Default false: plain connections only.
   */
  readonly tls?: boolean | 'mutual';
  /** Settings of `cassandra.yaml` over ours. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Keeps the data here, also after `stop()`. Default: a temporary folder that `stop()` removes. */
  readonly dataDir?: string;
}

/** A running Cassandra with one node. */
export interface CassandraHandle extends DataServerHandle {
  readonly contactPoint: string;
  readonly port: number;
  readonly localDc: string;
  /** `contactPoint:port` */
  readonly address: string;
  /** The first user, a superuser; undefined without `auth`. */
  readonly credentials: { readonly username: string; readonly password: string } | undefined;
  /** What clients need for TLS; undefined without `tls`. */
  readonly tls: CassandraTls | undefined;
}

/** What clients need for TLS. */
export interface CassandraTls {
  /** Path of the authority's certificate, PEM. The server's is for `localhost` and `127.0.0.1`. */
  readonly ca: string;
  /** Path of a PKCS#12 store with a key and certificate of a client. */
  readonly clientStore: string;
  /** Of the store. */
  readonly password: string;
}

/**
 * Starts Apache Cassandra on loopback, one node, and resolves when a client can log in. What it has acknowledged survives
 * `kill()`: the commit log is synchronised with each batch of writes, where Cassandra's default is every 10 s.
 *
 * @throws ServiceStartError with the end of its log.
 */
export async function cassandra(options: CassandraOptions = {}): Promise<CassandraHandle> {
  const { port } = options;
  if (port && !(await isPortFree(port))) throw new Error(`Cassandra cannot listen on port ${port}: it is in use`);
  return retryWhenPortTaken(async () => {
    const [clientPort, ...internalPorts] = port ? [port, ...(await freePorts(2))] : await freePorts(3);
    return startCassandra(options, clientPort!, internalPorts);
  });
}

async function startCassandra(
  options: CassandraOptions,
  port: number,
  internalPorts: readonly number[],
): Promise<CassandraHandle> {
  const jars = await downloaded('cassandra');
  const folder = await dataFolder(options.dataDir, 'cassandra');
  let tls: KeyStores | undefined;
  try {
    tls = options.tls ? await makeKeyStores(folder.path) : undefined;
    const settings = { ...ownSettings(folder.path, port, internalPorts), ...(options.auth && LOGIN_SETTINGS) };
    const encryption = tls && { client_encryption_options: tlsSettings(tls, options.tls === 'mutual') };
    // YAML takes JSON.
    const text = JSON.stringify({ ...settings, ...encryption, ...options.settings }, null, 2);
    await writeFile(configFile(folder), text);
  } catch (error) {
    await discard(folder);
    throw error;
  }
  const credentials = options.auth ? FIRST_USER : undefined;
  const args = await javaArgs(options, jars, folder);
  return new Cassandra(args, folder, port, credentials, tls, options).untilStarted();
}

class Cassandra extends DataServer implements CassandraHandle {
  readonly contactPoint = LOOPBACK;
  readonly port: number;
  readonly localDc = LOCAL_DC;
  readonly address: string;
  readonly credentials: CassandraHandle['credentials'];
  readonly tls: CassandraTls | undefined;

  constructor(
    args: readonly string[],
    folder: DataFolder,
    port: number,
    credentials: CassandraHandle['credentials'],
    tls: KeyStores | undefined,
    options: CassandraOptions,
  ) {
    super({
      name: 'Cassandra',
      command: jdkTool('java'),
      args,
      folder,
      keepAlive: options.keepAlive ?? true,
      stopGraceMs: STOP_GRACE_MS,
      startTimeoutMs: options.startTimeoutMs ?? START_TIMEOUT_MS,
      ready: () => takesLogin({ port, credentials, tls }),
    });
    this.port = port;
    this.address = `${LOOPBACK}:${port}`;
    this.credentials = credentials;
    this.tls = tls && { ca: tls.ca, clientStore: tls.clientStore, password: tls.password };
  }
}

const configFile = (folder: DataFolder): string => join(folder.path, 'cassandra.yaml');

/** One node for few clients: small caches and memtables, and whatever it has acknowledged is on the disk. */
function ownSettings(folder: string, port: number, [storagePort, secureStoragePort]: readonly number[]) {
  return {
    cluster_name: 'tributary',
    num_tokens: 1,
    partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
    endpoint_snitch: 'SimpleSnitch',
    dynamic_snitch: false,
    listen_address: LOOPBACK,
    rpc_address: LOOPBACK,
    native_transport_port: port,
    storage_port: storagePort,
    ssl_storage_port: secureStoragePort,
    seed_provider: [
      {
        class_name: 'org.apache.cassandra.locator.SimpleSeedProvider',
        parameters: [{ seeds: `${LOOPBACK}:${storagePort}` }],
      },
    ],
    data_file_directories: [join(folder, 'data')],
    commitlog_directory: join(folder, 'commitlog'),
    saved_caches_directory: join(folder, 'saved_caches'),
    hints_directory: join(folder, 'hints'),
    cdc_raw_directory: join(folder, 'cdc_raw'),
    commitlog_sync: 'batch',
    // Holds a mutation of up to half its size: a value of 10 MB fits.
    commitlog_segment_size: '32MiB',
    commitlog_total_space: '128MiB',
    // A table that is dropped while the log is cleared of its rows would stop the server (Unknown CF, Cassandra 5.0).
    commit_failure_policy: 'ignore',
    auto_snapshot: false,
    concurrent_reads: 8,
    concurrent_writes: 8,
    concurrent_counter_writes: 4,
    memtable_heap_space: '96MiB',
    memtable_offheap_space: '96MiB',
    file_cache_size: '32MiB',
    key_cache_size: '8MiB',
    compaction_throughput: '0MiB/s',
  };
}

const LOGIN_SETTINGS = {
  authenticator: 'PasswordAuthenticator',
  authorizer: 'CassandraAuthorizer',
  role_manager: 'CassandraRoleManager',
  // A permission granted or revoked holds at once.
  permissions_validity: '0ms',
};

function tlsSettings(tls: KeyStores, mutual: boolean) {
  return {
    enabled: true,
    optional: false,
    keystore: tls.serverStore,
    keystore_password: tls.password,
    require_client_auth: mutual,
    truststore: tls.trustStore,
    truststore_password: tls.password,
    store_type: 'PKCS12',
  };
}

/** Packages of the JDK that Cassandra 5 reaches into: from its `jvm17-server.options`. */
const EXPORTS = [
  'java.base/jdk.internal.misc',
  'java.management.rmi/com.sun.jmx.remote.internal.rmi',
  'java.rmi/sun.rmi.registry',
  'java.rmi/sun.rmi.server',
  'java.sql/java.sql',
  'java.base/java.lang.ref',
  'java.base/java.lang.reflect',
  'jdk.unsupported/sun.misc',
];
const OPENS = [
  'java.base/java.lang.module',
  'java.base/java.lang',
  'java.base/java.io',
  'java.base/java.net',
  'java.base/java.nio',
  'java.base/java.util',
  'java.base/java.util.concurrent',
  'java.base/java.util.concurrent.atomic',
  'java.base/jdk.internal.loader',
  'java.base/jdk.internal.ref',
  'java.base/jdk.internal.reflect',
  'java.base/jdk.internal.math',
  'java.base/jdk.internal.module',
  'java.base/jdk.internal.util.jar',
  'java.base/sun.nio.ch',
  'jdk.management/com.sun.management.internal',
  'jdk.compiler/com.sun.tools.javac.file',
];

/** Alone on loopback it need not wait for others: for gossip to settle, for the ring, for another to make the first user. */
const WITHOUT_WAITING = [
  '-Dcassandra.ring_delay_ms=0',
  '-Dcassandra.skip_wait_for_gossip_to_settle=0',
  '-Dcassandra.superuser_setup_delay_ms=0',
];

async function javaArgs(options: CassandraOptions, jars: string, folder: DataFolder): Promise<string[]> {
  const java = javaServerSettings(options, DEFAULT_HEAP_MB);
  const jamm = (await readdir(jars)).find((name) => /^jamm-.*\.jar$/.test(name));
  if (jamm === undefined) throw new Error(`${jars} holds no jamm jar; delete it to download it again`);
  return [
    `-Xmx${java.heapMb}m`,
    '-Xss512k',
    `-XX:MaxDirectMemorySize=${DIRECT_MEMORY_MB}m`,
    '-XX:-UsePerfData',
    ...(java.jit === 'quick' ? SHORT_LIVED_ARGS : []),
    `-javaagent:${join(jars, jamm)}`,
    ...EXPORTS.flatMap((name) => ['--add-exports', `${name}=ALL-UNNAMED`]),
    ...OPENS.flatMap((name) => ['--add-opens', `${name}=ALL-UNNAMED`]),
    '-Djdk.attach.allowAttachSelf=true',
    '-Djava.security.manager=allow',
    '-Djava.net.preferIPv4Stack=true',
    '-Djava.awt.headless=true',
    '-Dio.netty.tryReflectionSetAccessible=true',
    `-Djava.io.tmpdir=${folder.path}`,
    `-Djna.tmpdir=${folder.path}`,
    `-Dlogback.configurationFile=${join(CONFIG_FOLDER, 'logback.xml')}`,
    `-Dtributary.log.level=${java.logLevel}`,
    `-Dcassandra.config=${pathToFileURL(configFile(folder))}`,
    `-Dcassandra.storagedir=${folder.path}`,
    '-Dcassandra-foreground=yes',
    ...WITHOUT_WAITING,
    ...java.jvmArgs,
    '-cp',
    join(jars, '*'),
    'org.apache.cassandra.service.CassandraDaemon',
  ];
}
