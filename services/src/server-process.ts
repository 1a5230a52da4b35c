import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ProcessUsage, processUsage } from './usage.ts';

const LOG_TAIL_LINES = 40;
const READY_POLL_MS = 25;
const USAGE_POLL_MS = 20;

// A server must not outlive the process that started it, not even when that process is killed with SIGKILL. File
// descriptor 3 is a pipe whose other end only we hold: a watcher in the background waits on it and kills the server
// when the pipe closes. A line on the pipe tells the watcher that the server has ended and that nothing is left to do.
// (Standard input would not do: Node closes it before we could write that line.) `exec` keeps the pid, so the pid that
// the watcher kills is the server's.
const TIED_TO_PARENT = `
folder=$1
shift
(
  read -r _ <&3 || {
    kill -KILL $$
    [ -z "$folder" ] || { sleep 1; rm -rf "$folder"; }
  }
) >/dev/null 2>&1 &
exec "$@" 3<&-
`;

/** What {@link ServerProcess} runs. */
export interface ServerCommand {
  /** What error messages call it, for example `Kafka broker 1`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Takes standard output and standard error; appended to. */
  readonly logFile: string;
  /** Removed when this process dies before it stopped the server. */
  readonly temporaryFolder?: string | undefined;
  /** Whether a running server keeps this process from ending by itself. When false, the server ends with it. */
  readonly keepAlive: boolean;
}

/** A server could not be started; the message ends with the tail of its log. */
export class ServiceStartError extends Error {
  override readonly name = 'ServiceStartError';
  /** The last lines of the server's log. */
  readonly logTail: string;

  constructor(message: string, logFile: string, logTail: string) {
    super(`${message}\nThe end of its log (${logFile}):\n${logTail || '(empty)'}`);
    this.logTail = logTail;
  }
}

/** A running server, tied to this process: it ends at the latest when this process does. */
export class ServerProcess {
  readonly pid: number;
  /** Resolves when the server has ended, with how it ended. */
  readonly ended: Promise<string>;
  readonly #command: ServerCommand;
  readonly #child: ChildProcess;
  #running = true;
  #lastUsage: ProcessUsage | undefined;

  constructor(command: ServerCommand) {
    if (process.platform === 'win32') throw new Error(`${command.name} needs a POSIX shell; Windows is not supported`);
    this.#command = command;
    const log = openSync(command.logFile, 'a');
    try {
      this.#child = spawn(
        '/bin/sh',
        ['-c', TIED_TO_PARENT, 'sh', command.temporaryFolder ?? '', command.command, ...command.args],
        // An own process group: Ctrl-C in the terminal is for us, and we stop the server in our order.
        { stdio: ['ignore', log, log, 'pipe'], detached: true },
      );
    } finally {
      closeSync(log);
    }
    if (this.#child.pid === undefined) throw new Error(`${command.name} could not be started: /bin/sh did not run`);
    this.pid = this.#child.pid;
    const pipe = this.#child.stdio[3] as Socket;
    // The watcher may be gone before it reads our line.
    pipe.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        this.#running = false;
        pipe.end('\n');
        resolve(signal ? `ended by ${signal}` : `exited with code ${code}`);
      });
    });
    if (!command.keepAlive) {
      this.#child.unref();
      pipe.unref();
    }
  }

  /** Whether the server has not ended yet. */
  get running(): boolean {
    return this.#running;
  }

  /** Resources used so far; after the end, as last seen before it (at most some 20 ms earlier when stopped by `stop`). */
  usage(): ProcessUsage | undefined {
    this.#lastUsage = (this.#running ? processUsage(this.pid) : undefined) ?? this.#lastUsage;
    return this.#lastUsage;
  }

  /** Sends a signal, for example SIGSTOP to make it hang; nothing happens when it has ended. */
  signal(signal: NodeJS.Signals): void {
    if (this.#running) this.#child.kill(signal);
  }

  /** Kills it with SIGKILL and waits for its end. */
  async kill(): Promise<void> {
    this.#sample();
    this.#child.ref();
    this.signal('SIGKILL');
    await this.ended;
  }

  /** Asks it to end with SIGTERM, waits up to `graceMs`, then kills it. */
  async stop(graceMs: number): Promise<void> {
    this.#child.ref();
    this.signal('SIGTERM');
    const deadline = Date.now() + graceMs;
    while (this.#running && Date.now() < deadline) {
      this.#sample();
      await Promise.race([this.ended, sleep(USAGE_POLL_MS)]);
    }
    if (this.#running) await this.kill();
  }

  /**
   * Waits until `probe` answers true. Rejects with {@link ServiceStartError} when the server ends first or when `timeoutMs`
   * have passed; then it is killed.
   */
  async waitUntilReady(probe: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    let lastProblem = '';
    while (this.#running && Date.now() < deadline) {
      try {
        if (await probe()) return;
      } catch (error) {
        lastProblem = error instanceof Error ? error.message : String(error);
      }
      await sleep(READY_POLL_MS);
    }
    const { name, logFile } = this.#command;
    if (!this.#running) {
      throw new ServiceStartError(`${name} ${await this.ended} before it was ready.`, logFile, await logTail(logFile));
    }
    await this.kill();
    const why = lastProblem ? ` (last answer: ${lastProblem})` : '';
    const message = `${name} was not ready after ${timeoutMs / 1000} s${why}; it was killed.`;
    throw new ServiceStartError(message, logFile, await logTail(logFile));
  }

  #sample(): void {
    if (process.platform === 'linux') this.usage();
  }
}

/** The last lines of a log, or an empty string when there is none. */
export async function logTail(logFile: string, lines = LOG_TAIL_LINES): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '');
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}
