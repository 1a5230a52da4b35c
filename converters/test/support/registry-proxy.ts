import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

/** A registry with a door in front: it can ask for credentials, fail, and count. Everything behind it is the real one. */
export interface RegistryProxy {
  readonly url: string;
  /** Method and path of each request that came, in order. */
  readonly requests: string[];
  /** The headers of the last request. */
  headers: IncomingMessage['headers'];
  /** Answers in place of the registry; returns whether it did. */
  intercept: (incoming: IncomingMessage, outgoing: ServerResponse) => boolean;
  /** Ends every connection, and refuses others until the port is opened again. */
  close(): Promise<void>;
}

export async function registryProxy(t: Test, target: string, tls?: ServerOptions): Promise<RegistryProxy> {
  const { hostname, port, pathname } = new URL(target);
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    proxy.requests.push(`${incoming.method} ${incoming.url}`);
    proxy.headers = incoming.headers;
    if (proxy.intercept(incoming, outgoing)) return;
    const { authorization: _, host: __, ...headers } = incoming.headers;
    const onward = request(
      { hostname, port, path: pathname.replace(/\/$/, '') + incoming.url, method: incoming.method, headers },
      (response) => {
        outgoing.writeHead(response.statusCode!, response.headers);
        response.pipe(outgoing);
      },
    );
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  };
  const server = tls ? createTlsServer(tls, answer) : createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: RegistryProxy = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    headers: {},
    intercept: () => false,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  t.teardown(() => proxy.close());
  return proxy;
}

/** Answers as a registry does that has something to object. */
export function refuse(outgoing: ServerResponse, status: number, body: object = {}): true {
  outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  return true;
}
