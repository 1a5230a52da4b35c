import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, LOOPBACK, type ProcessUsage, type Properties, propertiesText } from '@tributary/services';
import { familyUsage } from './family.ts';

const TRIBUTARY = join(import.meta.dirname, '..', '..', '..', 'runtime', 'bin', 'tributary.js');
const STOP_GRACE_MS = 30_000;
const LOG_TAIL_LINES = 30;

/** Both workers store offsets this often. */
const OFFSET_FLUSH_INTERVAL_MS = 10_000;

/** The internal topics of workers that have them get Kafka Connect's default number of partitions. */
const INTERNAL_PARTITIONS: Properties = { 'offset.storage.partitions': 25, 'status.storage.partitions': 5 };

/** What a worker is started for. */
export interface Job {
  readonly bootstrap: string;
  /** A new name: of the connector, of the worker's group, and the beginning of its internal topics' names. */
  readonly name: string;
  /** The connector's config without its name. */
  readonly config: Properties;
  /** An empty folder for configs and logs. */
  readonly folder: string;
  /** A free port for the REST API. */
  readonly port: number;
}

/** A worker's process, from the moment when it was started. */
export interface WorkerProcess {
  readonly url: string;
  /** Undefined while it is not known yet, and for Java. */
  readonly pid: () => number | undefined;
  /** CPU and memory so far. Undefined while the process is not known yet. */
  usage(): ProcessUsage | undefined;
  /** Rejects when the worker cannot be started, or has ended by itself, with the end of its log. */
  readonly failure: Promise<never>;
  /** The end of its log. */
  logTail(): Promise<string>;
  stop(): Promise<void>;
}

export interface WorkerOptions {
  /** Java's `-Xmx`, MiB. */
  readonly javaHeapMb: number;
  /** Arguments for our Node, such as `--cpu-prof`. */
  readonly nodeArgs: readonly string[];
  /** Over those that our worker is given anyway. */
  readonly workerProps?: Properties;
}

export const WORKERS = {
  java: (job: Job, options: WorkerOptions) => startJava(job, 'standalone', options),
  'java-distributed': (job: Job, options: WorkerOptions) => startJava(job, 'distributed', options),
  tributary: startTributary,
} as const;

export type WorkerName = keyof typeof WORKERS;

function startJava(job: Job, mode: 'standalone' | 'distributed', { javaHeapMb }: WorkerOptions): WorkerProcess {
  const { bootstrap, name, config, folder, port } = job;
  const starting = connect({
    bootstrap,
    mode,
    port,
    folder,
    heapMb: javaHeapMb,
    workerProps: {
      'offset.flush.interval.ms': OFFSET_FLUSH_INTERVAL_MS,
      ...(mode === 'distributed' ? INTERNAL_PARTITIONS : {}),
    },
    connectors: { [name]: config },
  });
  let usage: () => ProcessUsage | undefined = () => undefined;
  starting.then(
    (handle) => {
      usage = () => handle.usage();
    },
    () => undefined,
  );
  const failure = starting.then(() => new Promise<never>(() => undefined));
  failure.catch(() => undefined);
  return {
    url: `http://${LOOPBACK}:${port}`,
    pid: () => undefined,
    usage: () => usage(),
    failure,
    logTail: () => tailOf(join(folder, 'server.log')),
    async stop() {
      await starting.then(
        (handle) => handle.stop(),
        () => undefined,
      );
    },
  };
}

function startTributary(job: Job, { nodeArgs, workerProps: more }: WorkerOptions): WorkerProcess {
  const { bootstrap, name, config, folder, port } = job;
  const url = `http://${LOOPBACK}:${port}`;
  const logFile = join(folder, 'worker.log');
  const files = { worker: join(folder, 'worker.properties'), connector: join(folder, 'connector.json') };
  const workerProps: Properties = {
    'bootstrap.servers': bootstrap,
    'group.id': name,
    'config.storage.topic': `${name}-configs`,
    'offset.storage.topic': `${name}-offsets`,
    'status.storage.topic': `${name}-status`,
    ...INTERNAL_PARTITIONS,
    listeners: url,
    'offset.flush.interval.ms': OFFSET_FLUSH_INTERVAL_MS,
    ...more,
  };
  let child: ChildProcess | undefined;
  let stopping = false;
  const exited = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const killNow = (): void => void child?.kill('SIGKILL');
  const started = (async () => {
    await writeFile(files.worker, propertiesText(workerProps));
    await writeFile(files.connector, JSON.stringify(textual({ name, ...config })));
    const log = openSync(logFile, 'a');
    child = spawn(
      process.execPath,
      ['--conditions=tributary-source', ...nodeArgs, TRIBUTARY, 'worker', files.worker, files.connector],
      { stdio: ['ignore', log, log], cwd: folder },
    );
    closeSync(log);
    process.once('exit', killNow);
    child.once('exit', async (code, signal) => {
      process.removeListener('exit', killNow);
      exited.resolve();
      if (!stopping) failed.reject(new Error(`The worker ended (${signal ?? code}):\n${await tailOf(logFile)}`));
    });
  })();
  started.catch(failed.reject);
  return {
    url,
    pid: () => child?.pid,
    usage: () => (child?.pid === undefined || child.exitCode !== null ? undefined : familyUsage(child.pid)),
    failure: failed.promise,
    logTail: () => tailOf(logFile),
    async stop() {
      await started;
      stopping = true;
      child!.kill('SIGTERM');
      const late = await Promise.race([exited.promise, sleep(STOP_GRACE_MS, 'late' as const, { ref: false })]);
      if (late) killNow();
      await exited.promise;
    },
  };
}

function textual(props: Properties): Record<string, string> {
  return Object.fromEntries(Object.entries(props).map(([key, value]) => [key, String(value)]));
}

async function tailOf(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
}
