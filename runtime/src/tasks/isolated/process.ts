import { fork } from 'node:child_process';
import { getCompileCacheDir } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveBroker } from '../../broker/remote/index.ts';
import type { FromTask, TaskStart, ToTask } from './messages.ts';
import { Orphans } from './orphans.ts';
import { heapRanOut, mebibytes, type OpenPlace, type Place, type PlaceOptions } from './place.ts';
import { ProcessPort } from './process-port.ts';
import { residentBytes } from './resident.ts';

const ENTRY = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './process-main.ts' : './process-main.js', import.meta.url),
);

/** The part of its memory that a process may give to its heap. Node itself, code and buffers need the rest. */
const HEAP_SHARE = 0.75;
/** How much of what the process last wrote to its standard error is looked at. */
const TAIL_CHARS = 4_096;

/** What passes between a worker and the process of a task. `broker`: between the two ends of its way to the worker's broker. */
export type ToProcess =
  | { readonly to: 'start'; readonly message: TaskStart }
  | { readonly to: 'task'; readonly message: ToTask }
  | { readonly to: 'broker'; readonly message: unknown };
/** `resident`: how many bytes the process has in memory, where its worker cannot see for itself. */
export type FromProcess =
  | { readonly to: 'resident'; readonly bytes: number }
  | { readonly to: 'task'; readonly message: FromTask }
  | { readonly to: 'broker'; readonly message: unknown };

/** The arguments of Node itself that hold for a task as well: a debugger's port can be had only once. */
function nodeArguments(memoryMaxBytes: number | null): string[] {
  const given = process.execArgv.filter((argument) => !argument.startsWith('--inspect'));
  return memoryMaxBytes === null ? given : [...given, `--max-old-space-size=${mebibytes(memoryMaxBytes * HEAP_SHARE)}`];
}

/** Code that this process has compiled need not be compiled again. */
function compileCache(): Readonly<Record<string, string>> {
  const dir = getCompileCacheDir();
  return dir === undefined ? {} : { NODE_COMPILE_CACHE: dirname(dir) };
}

/** Makes processes for tasks. @param onProblem told of what keeps tasks from being ended with this process */
export function processPlaces(onProblem: (problem: string) => void): OpenPlace {
  const orphans = new Orphans(onProblem);
  return (options) => openProcess(options, orphans);
}

/** A process of its own. Messages go over a pipe; nothing secret is in its arguments. */
function openProcess({ start, served, memoryMaxBytes, onMessage, onEnd }: PlaceOptions, orphans: Orphans): Place {
  const { connector, task } = start.spec.id;
  const child = fork(ENTRY, [`${connector}-${task}`], {
    execArgv: nodeArguments(memoryMaxBytes),
    env: { ...process.env, ...compileCache() },
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  if (child.pid !== undefined) orphans.add(child.pid);
  // What was under way to a process that is gone is lost, and its end is told by itself.
  const send = (message: ToProcess): void => void child.send(message, () => {});
  const port = new ProcessPort((message) => send({ to: 'broker', message }));
  if (served) serveBroker(served, port);
  let reported: number | null = null;
  let tail = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    process.stderr.write(chunk);
    tail = (tail + chunk.toString('latin1')).slice(-TAIL_CHARS);
  });
  child.on('message', (envelope: FromProcess) => {
    if (envelope.to === 'broker') port.receive(envelope.message);
    else if (envelope.to === 'resident') reported = envelope.bytes;
    else onMessage(envelope.message);
  });
  const gone = Promise.withResolvers<void>();
  let left = child.connected ? 2 : 1;
  let how = '';
  // The last messages may come after the exit.
  const part = (): void => {
    left -= 1;
    if (left > 0) return;
    port.close();
    onEnd(tail.includes('heap out of memory') ? heapRanOut(memoryMaxBytes) : how);
    gone.resolve();
  };
  child.on('exit', (code, signal) => {
    orphans.remove(child.pid!);
    how =
      signal === null
        ? `The process of the task ended with exit code ${code}`
        : `The process of the task was ended by ${signal}`;
    part();
  });
  child.on('disconnect', part);
  child.on('error', (error) => {
    how = `The process of the task cannot be started: ${error.message}`;
    if (child.pid !== undefined) return;
    left = 1;
    part();
  });
  send({ to: 'start', message: start });
  return {
    tell: (message) => send({ to: 'task', message }),
    end() {
      child.kill('SIGKILL');
      return gone.promise;
    },
    memoryBytes: async () => (child.pid === undefined ? null : (residentBytes(child.pid) ?? reported)),
  };
}
