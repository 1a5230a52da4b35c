import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { serverLog } from './java-server.ts';
import type { StoreHandle } from './server-handle.ts';
import { ServerProcess } from './server-process.ts';
import type { ProcessUsage } from './usage.ts';

/** A running server that keeps data: to stop, kill and start again. */
export interface DataServerHandle extends StoreHandle, AsyncDisposable {
  /** Ends it for good; a temporary data folder is removed. */
  stop(): Promise<void>;
}

/** How one such server is run. */
export interface DataServerPlan {
  /** What error messages call it. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: DataFolder;
  readonly keepAlive: boolean;
  /** How long an orderly shutdown may take, ms; then it is killed. */
  readonly stopGraceMs: number;
  /** How long it may take until it is ready, ms. */
  readonly startTimeoutMs: number;
  /** Whether clients can use it. */
  readonly ready: () => Promise<boolean>;
}

/** Where a server keeps its data. */
export interface DataFolder {
  readonly path: string;
  /** Whether it is ours to remove. */
  readonly temporary: boolean;
}

/** Makes the folder that the caller asked for, else a temporary one. */
export async function dataFolder(asked: string | undefined, name: string): Promise<DataFolder> {
  if (asked === undefined) return { path: await mkdtemp(join(tmpdir(), `tributary-${name}-`)), temporary: true };
  const path = resolve(asked);
  await mkdir(path, { recursive: true });
  return { path, temporary: false };
}

/** Removes the folder if it is temporary. */
export async function discard({ path, temporary }: DataFolder): Promise<void> {
  if (temporary) await rm(path, { recursive: true, force: true });
}

/** What the servers that keep data have in common. */
export class DataServer implements DataServerHandle {
  readonly dataDir: string;
  readonly logFile: string;
  readonly #plan: DataServerPlan;
  #process: ServerProcess;

  protected constructor(plan: DataServerPlan) {
    this.#plan = plan;
    this.dataDir = plan.folder.path;
    this.logFile = serverLog(plan.folder.path);
    this.#process = this.#launch();
  }

  get pid(): number {
    return this.#process.pid;
  }

  get running(): boolean {
    return this.#process.running;
  }

  /**
   * Waits until it is ready after its first start; when it does not get so far, it is stopped.
   *
   * @throws ServiceStartError with the end of its log.
   */
  async untilStarted(finish: () => Promise<void> = async () => undefined): Promise<this> {
    try {
      await this.#process.waitUntilReady(this.#plan.ready, this.#plan.startTimeoutMs);
      await finish();
    } catch (error) {
      // The error carries the end of the log, so a temporary folder need not be kept for it.
      await this.stop();
      throw error;
    }
    return this;
  }

  async stop(): Promise<void> {
    const { folder, stopGraceMs } = this.#plan;
    // Data that is thrown away needs no orderly shutdown.
    if (folder.temporary) await this.#process.kill();
    else await this.#process.stop(stopGraceMs);
    await discard(folder);
  }

  async kill(): Promise<void> {
    await this.#process.kill();
  }

  async restart(): Promise<void> {
    await this.#process.stop(this.#plan.stopGraceMs);
    this.#process = this.#launch();
    await this.#process.waitUntilReady(this.#plan.ready, this.#plan.startTimeoutMs);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.signal(signal);
  }

  usage(): ProcessUsage | undefined {
    return this.#process.usage();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #launch(): ServerProcess {
    const { name, command, args, folder, keepAlive } = this.#plan;
    const temporaryFolder = folder.temporary ? folder.path : undefined;
    return new ServerProcess({ name, command, args, logFile: this.logFile, temporaryFolder, keepAlive });
  }
}
