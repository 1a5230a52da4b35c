import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** What a double answers to a write. */
export interface DoubleAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that a double was sent. */
export interface DoubleRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly encoding: string | undefined;
  readonly lines: readonly string[];
}

/** Stands for InfluxDB where a real one cannot be brought to give an answer: it answers writes of points as it is told, and all else well. */
export interface Double extends AsyncDisposable {
  readonly url: string;
  readonly writes: readonly DoubleRequest[];
}

export async function double(
  answer: (request: DoubleRequest, count: number) => DoubleAnswer | Promise<DoubleAnswer>,
  tls?: { readonly key: string; readonly cert: string },
): Promise<Double> {
  const writes: DoubleRequest[] = [];
  const listener: RequestListener = async (incoming, outgoing) => {
    const body = await bodyOf(incoming);
    const request: DoubleRequest = {
      path: incoming.url!,
      authorization: incoming.headers.authorization,
      encoding: incoming.headers['content-encoding'],
      lines: body === '' ? [] : body.split('\n'),
    };
    if (request.lines.length === 0) {
      outgoing.writeHead(204).end();
      return;
    }
    writes.push(request);
    const { status, body: text, headers = {} } = await answer(request, writes.length);
    outgoing
      .writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers })
      .end(text === undefined ? undefined : typeof text === 'string' ? text : JSON.stringify(text));
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `${tls ? 'https' : 'http'}://localhost:${(server.address() as AddressInfo).port}`,
    writes,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
}
