import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jdkTool, SHORT_LIVED_ARGS } from './java.ts';
import { type JavaServerOptions, javaServerSettings, serverLog } from './java-server.ts';
import { downloaded } from './maven.ts';
import { freePorts, LOOPBACK, retryWhenPortTaken } from './ports.ts';
import type { Properties } from './properties.ts';
import { ServerProcess } from './server-process.ts';

const DEFAULT_HEAP_MB = 384;
const STOP_GRACE_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Where Apicurio answers as Confluent's registry does. */
const CONFLUENT_API = '/apis/ccompat/v7';
const NATIVE_API = '/apis/registry/v2';

/** Options of {@link schemaRegistry}. */
export interface SchemaRegistryOptions extends JavaServerOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** The compatibility level of subjects without their own. Default `BACKWARD`, which is Confluent's; Apicurio's is `NONE`. */
  readonly compatibility?: 'NONE' | 'BACKWARD' | 'FORWARD' | 'FULL';
  /** System properties over ours (Quarkus and Apicurio). */
  readonly properties?: Properties;
  /** Keeps the log here, also after `stop()`. Default: a temporary folder that `stop()` removes. */
  readonly folder?: string;
}

/** A running schema registry. Its schemas are in memory and end with it. */
export interface SchemaRegistryHandle extends AsyncDisposable {
  /** For `schema.registry.url`. */
  readonly url: string;
  /** For Apicurio's own clients (`apicurio.registry.url`). */
  readonly nativeUrl: string;
  readonly pid: number;
  /** Whether its process lives. */
  readonly running: boolean;
  readonly logFile: string;
  stop(): Promise<void>;
}

/**
 * Starts Apicurio Registry on loopback, the schema registry with Confluent's API that is on Maven Central, and resolves when it
 * answers.
 *
 * @throws ServiceStartError with the end of its log.
 */
export async function schemaRegistry(options: SchemaRegistryOptions = {}): Promise<SchemaRegistryHandle> {
  if (options.port) return startRegistry(options, options.port);
  return retryWhenPortTaken(async () => startRegistry(options, (await freePorts(1))[0]!));
}

async function startRegistry(options: SchemaRegistryOptions, port: number): Promise<SchemaRegistryHandle> {
  const settings = javaServerSettings(options, DEFAULT_HEAP_MB);
  const jar = await runnerJar();
  const temporary = options.folder === undefined;
  const folder = options.folder ? resolve(options.folder) : await mkdtemp(join(tmpdir(), 'tributary-registry-'));
  await mkdir(folder, { recursive: true });
  const properties: Properties = {
    'java.util.logging.manager': 'org.jboss.logmanager.LogManager',
    'java.io.tmpdir': folder,
    'quarkus.http.host': LOOPBACK,
    'quarkus.http.port': port,
    'quarkus.log.level': settings.logLevel,
    ...options.properties,
  };
  const server = new ServerProcess({
    name: 'The schema registry',
    command: jdkTool('java'),
    args: [
      `-Xmx${settings.heapMb}m`,
      ...(settings.jit === 'quick' ? SHORT_LIVED_ARGS : []),
      ...Object.entries(properties).map(([key, value]) => `-D${key}=${value}`),
      ...settings.jvmArgs,
      '-jar',
      jar,
    ],
    logFile: serverLog(folder),
    temporaryFolder: temporary ? folder : undefined,
    keepAlive: settings.keepAlive,
  });
  const registry = new Registry(server, port, folder, temporary);
  try {
    await server.waitUntilReady(() => answers(registry.url), settings.startTimeoutMs);
    await setCompatibility(registry.url, options.compatibility ?? 'BACKWARD');
  } catch (error) {
    // The error carries the end of the log, so a temporary folder need not be kept for it.
    await registry.stop();
    throw error;
  }
  return registry;
}

async function runnerJar(): Promise<string> {
  const folder = await downloaded('schema-registry');
  const name = (await readdir(folder)).find((file) => file.endsWith('-runner.jar'));
  if (name === undefined) throw new Error(`${folder} holds no runner jar; delete it to download it again`);
  return join(folder, name);
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(`${url}/subjects`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  await response.arrayBuffer();
  return response.ok;
}

async function setCompatibility(url: string, compatibility: string): Promise<void> {
  const response = await fetch(`${url}/config`, {
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ compatibility }),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`The compatibility level could not be set: ${response.status} ${answer}`);
}

class Registry implements SchemaRegistryHandle {
  readonly url: string;
  readonly nativeUrl: string;
  readonly logFile: string;
  readonly #server: ServerProcess;
  readonly #folder: string;
  readonly #temporary: boolean;

  constructor(server: ServerProcess, port: number, folder: string, temporary: boolean) {
    this.url = `http://${LOOPBACK}:${port}${CONFLUENT_API}`;
    this.nativeUrl = `http://${LOOPBACK}:${port}${NATIVE_API}`;
    this.logFile = serverLog(folder);
    this.#server = server;
    this.#folder = folder;
    this.#temporary = temporary;
  }

  get pid(): number {
    return this.#server.pid;
  }

  get running(): boolean {
    return this.#server.running;
  }

  async stop(): Promise<void> {
    await this.#server.stop(STOP_GRACE_MS);
    if (this.#temporary) await rm(this.#folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
