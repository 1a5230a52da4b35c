import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@tributary/api';
import type { Test } from 'tap';

export interface Asked {
  readonly url: URL;
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Api {
  readonly url: string;
  readonly asked: Asked[];
}

/** A server whose answers a test makes; what it is asked for checks of configs (HEAD) is not told. */
export async function startApi(t: Test, answer: (asked: Asked, response: ServerResponse) => void): Promise<Api> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.method === 'HEAD') return void response.writeHead(404).end();
    const one = {
      url: new URL(request.url!, url),
      method: request.method!,
      headers: request.headers,
      body: Buffer.concat(chunks).toString(),
    };
    asked.push(one);
    answer(one, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url, asked };
}

export const json = (response: ServerResponse, body: unknown, headers: Record<string, string> = {}): void => {
  response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};

/** A clock that keeps nobody waiting, and remembers for how long it should have. */
export class HastyClock implements Clock {
  readonly sleeps: number[] = [];
  #ahead = 0;

  now(): number {
    return Date.now() + this.#ahead;
  }

  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    this.sleeps.push(milliseconds);
    this.#ahead += milliseconds;
    if (!signal.aborted) await new Promise((done) => setTimeout(done, 1));
  }
}
