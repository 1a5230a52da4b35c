import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ConfigError } from '@tributary/api';
import type { Listener } from '../config/worker-config.ts';

/** A server that takes connections before there is an API to answer them. */
export interface RestListener {
  readonly server: Server;
  readonly port: number;
  /** Hands the requests over to the API. */
  serve(handler: RequestListener): void;
  close(): Promise<void>;
}

const STARTING = JSON.stringify({ error_code: 503, message: 'The worker is starting up' });
const HEALTH = JSON.stringify({ status: 'starting', message: 'Worker is still starting up.' });

/** Listens, and answers 503 until there is an API. @throws ConfigError if the port is taken */
export async function openListener({ host, port }: Listener): Promise<RestListener> {
  let handler: RequestListener = (request, response) => {
    response
      .writeHead(503, { 'content-type': 'application/json' })
      .end(/^\/health\/?(\?|$)/.test(request.url ?? '') ? HEALTH : STARTING);
  };
  const server = createServer((request, response) => handler(request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE')
        return reject(
          new ConfigError(`The REST API cannot listen on ${host}:${port}: ${error.message}`, { cause: error }),
        );
      reject(
        new ConfigError(
          `The REST API cannot listen on ${host}:${port}: the port is taken. Choose another one with listeners=http://${host}:${port + 1}`,
          { cause: error },
        ),
      );
    });
    server.listen(port, host, resolve);
  });
  return {
    server,
    port: (server.address() as AddressInfo).port,
    serve(next) {
      handler = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
