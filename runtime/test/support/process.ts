import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Props } from '@tributary/api';
import { propertiesText } from '@tributary/services';
import type { Test } from 'tap';
import { plainCommand } from './environment.ts';
import { until } from './worker.ts';

const BIN = resolve(import.meta.dirname, '../../bin/tributary.js');

/** A worker in a process of its own, started by the command as users do. */
export interface WorkerProcess {
  readonly child: ChildProcess;
  readonly url: string;
  output(): string;
  kill(): Promise<void>;
  /** SIGTERM. @returns the exit code */
  stop(): Promise<number | null>;
}

/** Runs the command until it ends. */
export async function runCommand(
  args: readonly string[],
  cwd: string,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(...plainCommand(process.execPath, ['--conditions=tributary-source', BIN, ...args]), {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: Buffer.concat(chunks).toString() };
}

/** Starts `tributary worker` with these props and connector configs, and waits until it is healthy. */
export async function workerProcess(
  t: Test,
  dir: string,
  port: number,
  props: Props,
  connectors: readonly Props[] = [],
): Promise<WorkerProcess> {
  const url = `http://127.0.0.1:${port}`;
  const file = join(dir, 'worker.properties');
  writeFileSync(file, propertiesText({ listeners: url, ...props }));
  const files = connectors.map((config) => {
    const path = join(dir, `${config['name']}.json`);
    writeFileSync(path, JSON.stringify(config));
    return path;
  });
  const child = spawn(
    ...plainCommand(process.execPath, ['--conditions=tributary-source', BIN, 'worker', file, ...files]),
    {
      cwd: dir,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  const output = (): string => Buffer.concat(chunks).toString();
  const closed = once(child, 'close') as Promise<[number | null]>;
  t.teardown(() => child.kill('SIGKILL'));
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`The worker ended with ${child.exitCode}:\n${output()}`);
    return (await fetch(`${url}/health`).catch(() => null))?.status === 200;
  });
  return {
    child,
    url,
    output,
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
    async stop() {
      child.kill('SIGTERM');
      const [code] = await closed;
      return code;
    },
  };
}
