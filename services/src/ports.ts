import { once } from 'node:events';
import { createServer } from 'node:net';
import { ServiceStartError } from './server-process.ts';

/** Every server here listens on loopback only. */
export const LOOPBACK = '127.0.0.1';

// Below the ranges from which Linux (32768) and macOS (49152) hand out ports for outgoing connections, so that a port
// stays free between its choice and its use, and while a server restarts.
const FIRST_PORT = 15_000;
const LAST_PORT = 31_999;
const ATTEMPTS = 200;
const START_ATTEMPTS = 3;

const taken = new Set<number>();

/** Whether nothing listens on `port` of the loopback address. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, LOOPBACK);
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

/** `count` different ports on which nothing listens; a process gets each at most once. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  for (let attempt = 0; found.length < count; attempt++) {
    if (attempt === ATTEMPTS) throw new Error(`found no ${count} free ports between ${FIRST_PORT} and ${LAST_PORT}`);
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    if (taken.has(port)) continue;
    taken.add(port);
    if (await isPortFree(port)) found.push(port);
  }
  return found;
}

/** Runs `start`, which chooses free ports, again when another process took one of them before the server could. */
export async function retryWhenPortTaken<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      const taken =
        error instanceof ServiceStartError &&
        /BindException|Address already in use|Failed to bind port|in use by another process/.test(error.logTail);
      if (attempt === START_ATTEMPTS || !taken) throw error;
    }
  }
}
