import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type ProcessUsage, processUsage } from '@tributary/services';

const LOG_TAIL_LINES = 20;

/** A contestant's process. */
export interface Program {
  usage(): ProcessUsage | undefined;
  /** Rejects when it ends by itself, with the end of its log. */
  readonly failure: Promise<never>;
  stop(): Promise<void>;
}

/** Starts a program of this package, which is told its job as JSON in its argument. */
export function startProgram(file: string, job: unknown, logFile: string, nodeArgs: readonly string[]): Program {
  const log = openSync(logFile, 'a');
  const args = ['--conditions=tributary-source', ...nodeArgs, file, JSON.stringify(job)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', log, log] });
  closeSync(log);
  const killNow = (): void => void child.kill('SIGKILL');
  process.once('exit', killNow);
  const exited = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  let stopping = false;
  child.once('exit', async (code, signal) => {
    process.removeListener('exit', killNow);
    exited.resolve();
    if (stopping) return;
    const tail = (await readFile(logFile, 'utf8')).trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
    failed.reject(new Error(`The bare loop ended (${signal ?? code}):\n${tail}`));
  });
  return {
    usage: () => (child.pid === undefined || child.exitCode !== null ? undefined : processUsage(child.pid)),
    failure: failed.promise,
    async stop() {
      stopping = true;
      child.kill('SIGTERM');
      await exited.promise;
    },
  };
}
