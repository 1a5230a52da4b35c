import { createHash } from 'node:crypto';
import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BrokerError } from '../errors.ts';

/**
 * The address of the socket that the owner of a folder listens at. Where the system has such sockets outside the file system,
 * they end with their process, so that nothing stale is left after kill -9.
 */
function addressOf(folder: string): { path: string; isFile: boolean } {
  const name = `tributary-${createHash('sha256').update(folder).digest('hex').slice(0, 32)}`;
  if (process.platform === 'linux') return { path: `\0${name}`, isFile: false };
  if (process.platform === 'win32') return { path: `\\\\.\\pipe\\${name}`, isFile: false };
  return { path: join(tmpdir(), `${name}.sock`), isFile: true };
}

export interface Ownership {
  release(): Promise<void>;
}

/**
 * Makes this process the only owner of a folder.
 * @throws BrokerError EMBEDDED_LOG_IN_USE while another one, or this one, has it open
 */
export async function ownFolder(folder: string): Promise<Ownership> {
  mkdirSync(folder, { recursive: true });
  const { path, isFile } = addressOf(realpathSync(folder));
  for (let attempt = 0; ; attempt++) {
    const server = await listen(path);
    if (server) {
      return {
        release: () =>
          new Promise((resolve) => {
            server.close(() => resolve());
          }),
      };
    }
    const owner = await askOwner(path);
    if (owner === 'gone' && attempt < 20) {
      if (isFile) rmSync(path, { force: true });
      await delay(25);
      continue;
    }
    throw new BrokerError(
      `The embedded log in ${folder} is in use by another process (pid ${owner}). Only one worker can own the folder: stop that one, or give this one a folder of its own (bootstrap.servers=embedded:FOLDER).`,
      { code: 'EMBEDDED_LOG_IN_USE' },
    );
  }
}

function listen(path: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end(String(process.pid));
    });
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(null);
      else reject(error);
    });
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

/** The owner's process id; unknown if it is too busy to tell. */
function askOwner(path: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    let answer = '';
    socket.setTimeout(2000, () => {
      socket.destroy();
      resolve('unknown');
    });
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('end', () => resolve(answer || 'unknown'));
    socket.on('error', () => resolve('gone'));
  });
}
