import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { propertiesText, ServerProcess } from '@tributary/services';

const BIN = resolve(import.meta.dirname, '../../runtime/bin/tributary.js');
const STOP_GRACE_MS = 20_000;
const POLL_MS = 100;
/** How long after it ended by itself a worker is started again, as by a service manager. */
const RESTART_MS = 1_000;

export interface LabWorkerOptions {
  /** From 1. */
  readonly number: number;
  readonly port: number;
  readonly props: Readonly<Record<string, string>>;
  readonly folder: string;
  /** It ended although nobody asked it to. `wasUp`: it had been ready before. */
  readonly onUnexpectedEnd: (worker: LabWorker, how: string, wasUp: boolean) => void;
}

/** A worker as a process of its own, looked after as by a service manager: what ends by itself is started again. */
export class LabWorker {
  readonly number: number;
  readonly url: string;
  /** `host:port`, as states name it. */
  readonly workerId: string;
  /** What it has logged over all its starts. */
  readonly logFile: string;
  readonly #options: LabWorkerOptions;
  readonly #configFile: string;
  #process: ServerProcess | undefined;
  #wanted = false;
  #frozen = false;

  constructor(options: LabWorkerOptions) {
    const { number, port, props, folder } = options;
    this.#options = options;
    this.number = number;
    this.workerId = `127.0.0.1:${port}`;
    this.url = `http://${this.workerId}`;
    this.logFile = join(folder, `worker-${number}.log`);
    this.#configFile = join(folder, `worker-${number}.properties`);
    writeFileSync(this.#configFile, propertiesText({ listeners: this.url, ...props }));
  }

  /** Whether it should be there. */
  get wanted(): boolean {
    return this.#wanted;
  }

  /** Whether it can answer: it runs, and is not stopped by SIGSTOP. */
  get awake(): boolean {
    return !this.#frozen && (this.#process?.running ?? false);
  }

  /** Starts it, without waiting until it is ready. */
  start(): void {
    this.#wanted = true;
    const started = new ServerProcess({
      name: `Worker ${this.number}`,
      // A test runner loads itself into child processes by NODE_OPTIONS.
      command: 'env',
      args: ['-u', 'NODE_OPTIONS', process.execPath, '--conditions=tributary-source', BIN, 'worker', this.#configFile],
      logFile: this.logFile,
      keepAlive: true,
    });
    this.#process = started;
    let wasUp = false;
    void this.#untilReady(started).then((ready) => {
      wasUp = ready;
    });
    void started.ended.then(async (how) => {
      if (!this.#wanted || this.#process !== started) return;
      this.#options.onUnexpectedEnd(this, how, wasUp);
      await sleep(RESTART_MS);
      if (this.#wanted && this.#process === started) this.start();
    });
  }

  /** Waits until it answers that it is well. @throws Error after `timeoutMs` */
  async untilReady(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!(await this.#isHealthy())) {
      if (Date.now() > deadline)
        throw new Error(`Worker ${this.number} was not ready after ${timeoutMs / 1000} s: see ${this.logFile}`);
      await sleep(POLL_MS);
    }
  }

  async kill(): Promise<void> {
    this.#wanted = false;
    await this.#process?.kill();
  }

  async stop(): Promise<void> {
    this.#wanted = false;
    await this.#process?.stop(STOP_GRACE_MS);
  }

  freeze(): void {
    this.#frozen = true;
    this.#process?.signal('SIGSTOP');
  }

  thaw(): void {
    this.#process?.signal('SIGCONT');
    this.#frozen = false;
  }

  async #untilReady(started: ServerProcess): Promise<boolean> {
    while (started.running && this.#process === started) {
      if (await this.#isHealthy()) return true;
      await sleep(POLL_MS);
    }
    return false;
  }

  async #isHealthy(): Promise<boolean> {
    const answer = await fetch(`${this.url}/health`, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    return answer?.status === 200;
  }
}
