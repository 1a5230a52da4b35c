import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, freePorts, LOOPBACK, type ProcessUsage, processUsage, propertiesText } from '@tributary/services';

const TRIBUTARY = join(import.meta.dirname, '..', '..', '..', 'runtime', 'bin', 'tributary.js');
const LOG_TAIL_LINES = 30;
const POLL_MS = 10;

/** A worker that can be started again and again at the same address. */
export interface ScaleWorker {
  readonly url: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /** Resolves when `GET /health` says healthy. @throws Error with the end of its log if it ends instead */
  start(): Promise<void>;
  /** Ends it in order. */
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
  usage(): ProcessUsage;
}

export interface Place {
  readonly bootstrap: string;
  readonly groupId: string;
  /** For its config and its log. */
  readonly folder: string;
  readonly props: Readonly<Record<string, string>>;
}

const internalTopics = (groupId: string): Record<string, string> => ({
  'config.storage.topic': `${groupId}-configs`,
  'offset.storage.topic': `${groupId}-offsets`,
  'status.storage.topic': `${groupId}-status`,
  'config.storage.replication.factor': '1',
  'offset.storage.replication.factor': '1',
  'status.storage.replication.factor': '1',
});

export async function tributaryWorker(place: Place, nodeArgs: readonly string[]): Promise<ScaleWorker> {
  const [port] = await freePorts(1);
  return new Tributary(place, port!, nodeArgs);
}

class Tributary implements ScaleWorker {
  readonly url: string;
  readonly #place: Place;
  readonly #nodeArgs: readonly string[];
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();

  constructor(place: Place, port: number, nodeArgs: readonly string[]) {
    this.url = `http://${LOOPBACK}:${port}`;
    this.#place = place;
    this.#nodeArgs = nodeArgs;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  async start(): Promise<void> {
    const { bootstrap, groupId, folder, props } = this.#place;
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'worker.properties');
    const all = {
      'bootstrap.servers': bootstrap,
      'group.id': groupId,
      listeners: this.url,
      ...internalTopics(groupId),
      ...props,
    };
    await writeFile(file, propertiesText(all));
    const logFile = join(folder, 'worker.log');
    const log = openSync(logFile, 'a');
    const child = spawn(
      process.execPath,
      ['--conditions=tributary-source', ...this.#nodeArgs, TRIBUTARY, 'worker', file],
      { stdio: ['ignore', log, log], cwd: folder },
    );
    closeSync(log);
    this.#child = child;
    const killNow = (): void => void child.kill('SIGKILL');
    process.once('exit', killNow);
    this.#exited = new Promise((resolve) => {
      child.once('exit', () => {
        process.removeListener('exit', killNow);
        resolve();
      });
    });
    while (!(await isHealthy(this.url))) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`The worker ended (${child.signalCode ?? child.exitCode}):\n${await tailOf(logFile)}`);
      await sleep(POLL_MS);
    }
  }

  async stop(): Promise<void> {
    this.#child?.kill('SIGTERM');
    await this.#exited;
  }

  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#exited;
  }

  usage(): ProcessUsage {
    return usageOf(this.pid);
  }
}

/** Java's distributed worker. It is started at once. */
export async function javaWorker(place: Place, heapMb: number): Promise<ScaleWorker> {
  const { bootstrap, groupId, folder, props } = place;
  const worker = await connect({
    bootstrap,
    folder,
    heapMb,
    workerProps: {
      'group.id': groupId,
      ...internalTopics(groupId),
      'offset.storage.partitions': 25,
      'status.storage.partitions': 5,
      ...props,
    },
  });
  return {
    url: worker.url,
    get pid() {
      return worker.pid;
    },
    start: async () => {
      if (!worker.running) await worker.restart();
    },
    stop: () => worker.stop(),
    kill: () => worker.kill(),
    usage: () => usageOf(worker.pid),
  };
}

export function usageOf(pid: number): ProcessUsage {
  const usage = processUsage(pid);
  if (!usage) throw new Error(`The process ${pid} has ended`);
  return usage;
}

async function isHealthy(url: string): Promise<boolean> {
  const response = await fetch(`${url}/health`).catch(() => undefined);
  await response?.arrayBuffer();
  return response?.ok ?? false;
}

async function tailOf(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
}
