import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { ConfigError } from '@tributary/api';
import type { Listener, RestListenersConfig, TlsSettings } from '../config/listeners.ts';
import { type ErrorMessage, httpMessage } from './errors.ts';

/** A server that takes connections before there is an API to answer them. */
export interface RestListener {
  readonly server: Server;
  readonly port: number;
  readonly listener: Listener;
  /** Hands the requests over to the API. */
  serve(handler: RequestListener): void;
  close(): Promise<void>;
}

export interface RestListeners {
  readonly regular: readonly RestListener[];
  /** Where the admin resources are; none: nowhere. */
  readonly admin: readonly RestListener[] | 'with the others';
  close(): Promise<void>;
}

const STARTING = JSON.stringify({ error_code: 503, message: 'The worker is starting up' } satisfies ErrorMessage);
const HEALTH = JSON.stringify({ status: 'starting', message: 'Worker is still starting up.' });

/** Opens every listener, or none. They answer 503 until there is an API. @throws ConfigError if a port is taken */
export async function openListeners({ regular, admin }: RestListenersConfig): Promise<RestListeners> {
  const apart = admin === 'with the others' ? [] : admin;
  const results = await Promise.allSettled([...regular, ...apart].map(openListener));
  const open = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  const close = async (): Promise<void> => void (await Promise.all(open.map((listener) => listener.close())));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) {
    await close();
    throw failed.reason;
  }
  return {
    regular: open.slice(0, regular.length),
    admin: admin === 'with the others' ? admin : open.slice(regular.length),
    close,
  };
}

async function openListener(listener: Listener): Promise<RestListener> {
  const { host, port, tls } = listener;
  let handler: RequestListener = (request, response) => {
    response
      .writeHead(503, { 'content-type': 'application/json' })
      .end(/^\/health\/?(\?|$)/.test(request.url ?? '') ? HEALTH : STARTING);
  };
  const handle: RequestListener = (request, response) => handler(request, response);
  const server = tls ? tlsServer(tls, handle) : createHttpServer(handle);
  server.on('clientError', refuseBroken);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(listener, error)));
    server.listen(port, host, resolve);
  });
  return {
    server,
    port: (server.address() as AddressInfo).port,
    listener,
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

function tlsServer({ material, clientAuth }: TlsSettings, handle: RequestListener): Server {
  const requestCert = clientAuth !== 'none';
  const server = createHttpsServer({ ...material, requestCert, rejectUnauthorized: clientAuth === 'required' }, handle);
  // One that is asked for may be left out, but not be one that is not trusted.
  if (clientAuth === 'requested') server.on('secureConnection', refuseUntrusted);
  return server;
}

function refuseUntrusted(socket: TLSSocket): void {
  if (!socket.authorized && Object.keys(socket.getPeerCertificate()).length > 0) socket.destroy();
}

function cannotListen({ host, port, tls, key }: Listener, error: NodeJS.ErrnoException): ConfigError {
  const where = `${host.includes(':') ? `[${host}]` : host}`;
  const problem =
    error.code === 'EADDRINUSE'
      ? `the port is taken. Choose another one with ${key}=${tls ? 'https' : 'http'}://${where}:${port + 1}`
      : `${error.message}. Choose an address of this machine with ${key}`;
  return new ConfigError(`The REST API cannot listen on ${where}:${port}: ${problem}`, { cause: error });
}

const BROKEN: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 };

/** Answers what is no HTTP, has too many headers, or does not come to its end in time. */
function refuseBroken(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status = BROKEN[error.code ?? ''] ?? 400;
  const body = JSON.stringify({ error_code: status, message: httpMessage(status) } satisfies ErrorMessage);
  socket.end(
    `HTTP/1.1 ${httpMessage(status).slice('HTTP '.length)}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
  );
}
