import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './cache.ts';

/** A server that the command `up` started, as recorded in the cache folder. */
export interface ServiceState {
  readonly name: string;
  readonly service: 'kafka' | 'connect' | 'schema-registry' | 'cassandra' | 'influxdb' | 'questdb';
  /** The supervisor's pid: the process that holds the server and stops it at SIGTERM. */
  readonly pid: number;
  /** When that process started, as the system tells it: a later process with the same pid has another. */
  readonly processStart: string;
  /** Bootstrap servers or address; absent until the server is ready. */
  readonly address?: string;
  /** The server's log; absent until the server is ready. */
  readonly logFile?: string;
}

/** Where the states and the supervisors' output are. */
export function stateFolder(): string {
  return join(cacheFolder(), 'services');
}

function stateFile(name: string): string {
  return join(stateFolder(), `${name}.json`);
}

/** Records a state, replacing the earlier one of that name. */
export async function writeState(state: ServiceState): Promise<void> {
  await mkdir(stateFolder(), { recursive: true });
  const file = stateFile(state.name);
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify(state, null, 2)}\n`);
  await rename(temporary, file);
}

/** Forgets a state. */
export async function removeState(name: string): Promise<void> {
  await rm(stateFile(name), { force: true });
}

/** All recorded states, by name. */
export async function readStates(): Promise<ServiceState[]> {
  const files = await readdir(stateFolder()).catch(() => []);
  const states: ServiceState[] = [];
  for (const file of files.filter((name) => name.endsWith('.json')).sort()) {
    // Another process can remove it meanwhile.
    const text = await readFile(join(stateFolder(), file), 'utf8').catch(() => undefined);
    if (text !== undefined) states.push(JSON.parse(text) as ServiceState);
  }
  return states;
}

/** Whether the process that wrote this state still runs. */
export function isAlive(state: ServiceState): boolean {
  return processStart(state.pid) === state.processStart;
}

/** When process `pid` started, in the system's words; undefined when there is none. */
export function processStart(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The fields after the command's name in parentheses: the state first (Z: ended, waits to be reaped), the start time 20th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
