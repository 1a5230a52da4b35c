import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  type JavaServerOptions,
  type JavaServerSettings,
  javaServerSettings,
  serverLog,
  startJavaServer,
} from './java-server.ts';
import { freePorts, LOOPBACK, retryWhenPortTaken } from './ports.ts';
import { type Properties, writeProperties } from './properties.ts';
import type { ServerHandle } from './server-handle.ts';
import type { ServerProcess } from './server-process.ts';
import type { ProcessUsage } from './usage.ts';

const DEFAULT_HEAP_MB = 512;
const STOP_GRACE_MS = 30_000;
const REQUEST_TIMEOUT_MS = 10_000;

const MAIN_CLASSES = {
  distributed: 'org.apache.kafka.connect.cli.ConnectDistributed',
  standalone: 'org.apache.kafka.connect.cli.ConnectStandalone',
} as const;

/** Options of {@link connect}. */
export interface ConnectOptions extends JavaServerOptions {
  /** The worker's `bootstrap.servers`. */
  readonly bootstrap: string;
  /** Default `distributed`. */
  readonly mode?: 'distributed' | 'standalone';
  /** The REST port. Default: a free one. */
  readonly port?: number;
  /**
   * Worker properties over ours. Ours set what has no default (a new `group.id`, internal topics named after it with one replica,
   * JSON converters, the offset file) and the REST listener; everything else is Java's default.
   */
  readonly workerProps?: Properties;
  /** Configs by connector name: given on the command line to a standalone worker, put through REST to a distributed one. */
  readonly connectors?: Readonly<Record<string, Properties>>;
  /** Keeps configs, offset file and log here, also after `stop()`. Default: a temporary folder that `stop()` removes. */
  readonly folder?: string;
}

/** A running Java Connect worker. */
export interface ConnectHandle extends ServerHandle, AsyncDisposable {
  /** The REST API's address, for example `http://127.0.0.1:18083`. */
  readonly url: string;
  /** All properties that the worker was given. */
  readonly workerProps: Properties;
  /** Shuts it down in order; a temporary folder is removed. */
  stop(): Promise<void>;
}

/**
 * Starts Apache Kafka Connect's own worker with the file connectors and the transforms that ship with it on its class path, and
 * resolves when `GET /health` says healthy and, in distributed mode, `connectors` are created.
 *
 * @throws ServiceStartError with the end of the worker's log; Error when a connector is refused, with the REST answer.
 */
export async function connect(options: ConnectOptions): Promise<ConnectHandle> {
  if (options.port) return startWorker(options, options.port);
  return retryWhenPortTaken(async () => startWorker(options, (await freePorts(1))[0]!));
}

async function startWorker(options: ConnectOptions, port: number): Promise<ConnectHandle> {
  const temporary = options.folder === undefined;
  const folder = options.folder ? resolve(options.folder) : await mkdtemp(join(tmpdir(), 'tributary-connect-'));
  await mkdir(folder, { recursive: true });
  const worker = new Worker(options, port, folder, temporary);
  try {
    await worker.create(options.connectors ?? {});
  } catch (error) {
    // The error carries the end of the log, so a temporary folder need not be kept for it.
    await worker.stop();
    throw error;
  }
  return worker;
}

class Worker implements ConnectHandle {
  readonly url: string;
  readonly workerProps: Properties;
  readonly logFile: string;
  readonly #mode: keyof typeof MAIN_CLASSES;
  readonly #folder: string;
  readonly #temporary: boolean;
  readonly #java: JavaServerSettings;
  #args: readonly string[] = [];
  #process: ServerProcess | undefined;

  constructor(options: ConnectOptions, port: number, folder: string, temporary: boolean) {
    this.url = `http://${LOOPBACK}:${port}`;
    this.logFile = serverLog(folder);
    this.#mode = options.mode ?? 'distributed';
    this.#folder = folder;
    this.#temporary = temporary;
    this.#java = javaServerSettings(options, DEFAULT_HEAP_MB);
    this.workerProps = {
      'bootstrap.servers': options.bootstrap,
      listeners: this.url,
      'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      ...(this.#mode === 'distributed'
        ? distributedDefaults(`connect-${randomBytes(6).toString('hex')}`)
        : { 'offset.storage.file.filename': join(folder, 'connect.offsets') }),
      ...options.workerProps,
    };
  }

  get pid(): number {
    if (!this.#process) throw new Error('the Connect worker was not started');
    return this.#process.pid;
  }

  get running(): boolean {
    return this.#process?.running ?? false;
  }

  async create(connectors: Readonly<Record<string, Properties>>): Promise<void> {
    const workerFile = join(this.#folder, 'worker.properties');
    await writeProperties(workerFile, this.workerProps);
    const named = Object.entries(connectors).map(([name, config]): [string, Properties] => [name, { name, ...config }]);
    const files = named.map(([name]) => join(this.#folder, `connector-${encodeURIComponent(name)}.properties`));
    if (this.#mode === 'standalone') {
      await Promise.all(named.map(([, config], i) => writeProperties(files[i]!, config)));
      this.#args = [workerFile, ...files];
    } else {
      this.#args = [workerFile];
    }
    await this.#start();
    if (this.#mode === 'distributed') for (const [name, config] of named) await this.#putConnector(name, config);
  }

  async stop(): Promise<void> {
    await this.#process?.stop(STOP_GRACE_MS);
    if (this.#temporary) await rm(this.#folder, { recursive: true, force: true });
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  async restart(): Promise<void> {
    await this.#process?.stop(STOP_GRACE_MS);
    await this.#start();
  }

  usage(): ProcessUsage | undefined {
    return this.#process?.usage();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #start(): Promise<void> {
    this.#process = await startJavaServer(
      {
        name: `Kafka Connect's ${this.#mode} worker`,
        mainClass: MAIN_CLASSES[this.#mode],
        args: this.#args,
        folder: this.#folder,
        temporaryFolder: this.#temporary ? this.#folder : undefined,
      },
      this.#java,
    );
    await this.#process.waitUntilReady(() => isHealthy(this.url), this.#java.startTimeoutMs);
  }

  async #putConnector(name: string, config: Properties): Promise<void> {
    const response = await fetch(`${this.url}/connectors/${encodeURIComponent(name)}/config`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(Object.fromEntries(Object.entries(config).map(([key, value]) => [key, String(value)]))),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`Kafka Connect refused connector ${name}: ${response.status} ${answer}`);
  }
}

async function isHealthy(url: string): Promise<boolean> {
  const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  await response.arrayBuffer();
  return response.ok;
}

/** What a distributed worker must be told. */
function distributedDefaults(groupId: string): Properties {
  return {
    'group.id': groupId,
    'config.storage.topic': `${groupId}-configs`,
    'config.storage.replication.factor': 1,
    'offset.storage.topic': `${groupId}-offsets`,
    'offset.storage.replication.factor': 1,
    'offset.storage.partitions': 1,
    'status.storage.topic': `${groupId}-status`,
    'status.storage.replication.factor': 1,
    'status.storage.partitions': 1,
  };
}
