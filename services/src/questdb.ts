import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type DataFolder, DataServer, type DataServerHandle, dataFolder } from './data-server.ts';
import { jdkTool, SHORT_LIVED_ARGS } from './java.ts';
import { type JavaServerOptions, javaServerSettings } from './java-server.ts';
import { downloaded } from './maven.ts';
import { freePorts, isPortFree, LOOPBACK, retryWhenPortTaken } from './ports.ts';
import { type Properties, writeProperties } from './properties.ts';

const DEFAULT_HEAP_MB = 256;
const STOP_GRACE_MS = 10_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** Options of {@link questdb}. `logLevel` has no effect. */
export interface QuestdbOptions extends JavaServerOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** Settings of `server.conf` over ours. */
  readonly properties?: Properties;
  /** Keeps the data here, also after `stop()`. Default: a temporary folder that `stop()` removes. */
  readonly dataDir?: string;
}

/** A running QuestDB. It takes InfluxDB's line protocol without a token, and answers SQL at `/exec?query=`. */
export interface QuestdbHandle extends DataServerHandle {
  readonly url: string;
  readonly port: number;
}

/**
 * Starts QuestDB on loopback, a store with InfluxDB's way to write that is on Maven Central, and resolves when it answers.
 *
 * @throws ServiceStartError with the end of its log.
 */
export async function questdb(options: QuestdbOptions = {}): Promise<QuestdbHandle> {
  const { port } = options;
  if (port && !(await isPortFree(port))) throw new Error(`QuestDB cannot listen on port ${port}: it is in use`);
  const jar = await questdbJar();
  return retryWhenPortTaken(async () => {
    const chosen = port ?? (await freePorts(1))[0]!;
    const folder = await dataFolder(options.dataDir, 'questdb');
    await mkdir(join(folder.path, 'conf'), { recursive: true });
    const properties = { ...ownProperties(chosen), ...options.properties };
    await writeProperties(join(folder.path, 'conf', 'server.conf'), properties);
    return new Questdb(jar, folder, chosen, options).untilStarted();
  });
}

class Questdb extends DataServer implements QuestdbHandle {
  readonly port: number;
  readonly url: string;

  constructor(jar: string, folder: DataFolder, port: number, options: QuestdbOptions) {
    const java = javaServerSettings(options, DEFAULT_HEAP_MB);
    const url = `http://${LOOPBACK}:${port}`;
    super({
      name: 'QuestDB',
      command: jdkTool('java'),
      args: [
        `-Xmx${java.heapMb}m`,
        ...(java.jit === 'quick' ? SHORT_LIVED_ARGS : []),
        ...java.jvmArgs,
        '-p',
        jar,
        '-m',
        'io.questdb/io.questdb.ServerMain',
        '-d',
        folder.path,
      ],
      folder,
      keepAlive: java.keepAlive,
      stopGraceMs: STOP_GRACE_MS,
      startTimeoutMs: java.startTimeoutMs,
      ready: () => answers(url),
    });
    this.port = port;
    this.url = url;
  }
}

function ownProperties(port: number): Properties {
  return {
    'http.bind.to': `${LOOPBACK}:${port}`,
    'http.min.enabled': false,
    'pg.enabled': false,
    'line.tcp.enabled': false,
    'line.http.enabled': true,
    // What Influx's clients ask for.
    'line.http.ping.version': 'v2.7.4',
    'shared.worker.count': 2,
    'telemetry.enabled': false,
  };
}

async function questdbJar(): Promise<string> {
  const folder = await downloaded('questdb');
  const name = (await readdir(folder)).find((file) => /^questdb-.*\.jar$/.test(file));
  if (name === undefined) throw new Error(`${folder} holds no jar of QuestDB; delete it to download it again`);
  return join(folder, name);
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(`${url}/ping`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  await response.arrayBuffer();
  return response.ok;
}
