import { type DataFolder, DataServer, type DataServerHandle, dataFolder } from './data-server.ts';
import { builtInfluxdb, isInfluxdbBuilt, mayBuildInfluxdb } from './influxdb-build.ts';
import { freePorts, isPortFree, LOOPBACK, retryWhenPortTaken } from './ports.ts';

const STOP_GRACE_MS = 15_000;
const START_TIMEOUT_MS = 60_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** Options of {@link influxdb}. */
export interface InfluxdbOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** The first organisation. Default `tributary`. */
  readonly org?: string;
  /** Its first bucket, which keeps points forever. Default `ticks`. */
  readonly bucket?: string;
  /** A token that may do everything. Default `test-token`. */
  readonly token?: string;
  /** Flags of `influxd` over ours, without the dashes. */
  readonly flags?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Keeps the data here, also after `stop()`. Default: a temporary folder that `stop()` removes. */
  readonly dataDir?: string;
  /** How long it may take until it is ready, ms. Default 60000. */
  readonly startTimeoutMs?: number;
  /** Whether the running server keeps this process from ending by itself. Default true; it ends with this process in any case. */
  readonly keepAlive?: boolean;
}

/** Where an InfluxDB is, and how to write to it. */
export interface InfluxdbAddress {
  readonly url: string;
  readonly org: string;
  readonly bucket: string;
  readonly token: string;
}

/** A running InfluxDB with an organisation, a bucket and a token. */
export interface InfluxdbHandle extends DataServerHandle, InfluxdbAddress {
  readonly port: number;
}

const DEFAULTS = { org: 'tributary', bucket: 'ticks', token: 'test-token' } as const;

/**
 * Starts InfluxDB 2.7 on loopback and resolves when its bucket can be written. The server is the one in the cache; it is built only
 * where {@link mayBuildInfluxdb} says so, for that takes minutes.
 *
 * @throws ServiceStartError with the end of its log.
 */
export async function influxdb(options: InfluxdbOptions = {}): Promise<InfluxdbHandle> {
  const { port } = options;
  if (port && !(await isPortFree(port))) throw new Error(`InfluxDB cannot listen on port ${port}: it is in use`);
  if (!(await isInfluxdbBuilt()) && !mayBuildInfluxdb()) {
    throw new Error('InfluxDB is not built yet: npm run services -- build influxdb');
  }
  const command = await builtInfluxdb((line) => process.stderr.write(`${line}\n`));
  return retryWhenPortTaken(async () => {
    const chosen = port ?? (await freePorts(1))[0]!;
    const folder = await dataFolder(options.dataDir, 'influxdb');
    const server = new Influxdb(command, folder, chosen, options);
    return server.untilStarted(() => setUp(server));
  });
}

class Influxdb extends DataServer implements InfluxdbHandle {
  readonly port: number;
  readonly url: string;
  readonly org: string;
  readonly bucket: string;
  readonly token: string;

  constructor(command: string, folder: DataFolder, port: number, options: InfluxdbOptions) {
    const url = `http://${LOOPBACK}:${port}`;
    super({
      name: 'InfluxDB',
      command,
      args: flags({ ...ownFlags(folder.path, port), ...options.flags }),
      folder,
      keepAlive: options.keepAlive ?? true,
      stopGraceMs: STOP_GRACE_MS,
      startTimeoutMs: options.startTimeoutMs ?? START_TIMEOUT_MS,
      ready: async () => (await request(url, '/health')).ok,
    });
    this.port = port;
    this.url = url;
    this.org = options.org ?? DEFAULTS.org;
    this.bucket = options.bucket ?? DEFAULTS.bucket;
    this.token = options.token ?? DEFAULTS.token;
  }
}

function ownFlags(folder: string, port: number) {
  return {
    'http-bind-address': `${LOOPBACK}:${port}`,
    'bolt-path': `${folder}/influxd.bolt`,
    'sqlite-path': `${folder}/influxd.sqlite`,
    'engine-path': `${folder}/engine`,
    'reporting-disabled': true,
    'log-level': 'warn',
  };
}

function flags(values: NonNullable<InfluxdbOptions['flags']>): string[] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `--${name}=${value}`);
}

/** Makes the first user, organisation, bucket and token, unless the data has them from an earlier start. */
async function setUp({ url, org, bucket, token }: InfluxdbAddress): Promise<void> {
  const question = await request(url, '/api/v2/setup');
  const { allowed } = (await question.json()) as { allowed: boolean };
  if (!allowed) return;
  const body = JSON.stringify({ username: 'admin', password: 'tributary-admin', org, bucket, token });
  const answer = await request(url, '/api/v2/setup', { method: 'POST', body });
  if (!answer.ok) throw new Error(`InfluxDB could not be set up: ${answer.status} ${await answer.text()}`);
}

function request(url: string, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${url}${path}`, { ...init, headers, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
}
