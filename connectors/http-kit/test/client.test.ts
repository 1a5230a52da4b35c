import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, request as send } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { KeptMetrics, Secret } from '@tributary/api';
import { tlsOptions } from '@tributary/api/tls';
import { HttpClient, type HttpFault, isPassing } from '@tributary/http-kit';
import t, { type Test } from 'tap';
import { certificate } from '../../../runtime/test/support/certificates.ts';
import { tempDir } from '../../../runtime/test/support/worker.ts';

const noProxy = { url: null, username: null, password: null };

function clientOf(t: Test, options: Partial<ConstructorParameters<typeof HttpClient>[0]> = {}): HttpClient {
  const client = new HttpClient({ proxy: noProxy, tls: {}, timeoutMs: 5000, maxBytes: 100_000, ...options });
  t.teardown(() => client.destroy());
  return client;
}

async function serve(t: Test, listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a?key=secret`);
}

const never = new AbortController().signal;
const faultOf = (promise: Promise<unknown>): Promise<HttpFault> =>
  promise.then(
    () => {
      throw new Error('it was answered');
    },
    (error: HttpFault) => error,
  );

t.test('answers are unpacked, and counted', async (t) => {
  const url = await serve(t, (_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('ünpacked'));
  });
  const metrics = new KeptMetrics();
  const { status, text } = await clientOf(t, { metrics }).send({ url }, never);
  t.match({ status, text }, { status: 200, text: 'ünpacked' });
  t.match(metrics.values(), [{ name: 'requests-total', value: 1 }, { name: 'request-time-ms' }]);
});

t.test('each failure says what it is, and shows nothing of the query', async (t) => {
  const kinds: Record<string, RequestListener> = {
    '/busy': (_request, response) => void response.writeHead(503, { 'retry-after': '7' }).end('later'),
    '/gone': (_request, response) => void response.writeHead(404).end(),
    '/break': (request) => void request.socket.destroy(),
    '/silent': () => {},
    '/bomb': (_request, response) =>
      void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(200_000))),
    '/away': (_request, response) => void response.writeHead(302, { location: 'http://other.example/b' }).end(),
  };
  const url = await serve(t, (request, response) => kinds[request.url!.split('?')[0]!]!(request, response));
  const [client, hasty] = [clientOf(t), clientOf(t, { timeoutMs: 200 })];
  const ask = (path: string): Promise<HttpFault> =>
    faultOf((path === '/silent' ? hasty : client).send({ url: new URL(`${path}?key=secret`, url) }, never));
  const busy = await ask('/busy');
  t.match(busy, { reason: 'status', status: 503, retryAfterMs: 7000, body: 'later' });
  t.notMatch(JSON.stringify(busy), 'later', 'what the server says is not shown');
  const faults = await Promise.all(['/gone', '/break', '/silent', '/bomb', '/away'].map(ask));
  t.strictSame(
    [busy, ...faults].map((fault) => [fault.reason, isPassing(fault)]),
    [
      ['status', true],
      ['status', false],
      ['network', true],
      ['timeout', true],
      ['too-large', false],
      ['status', false],
    ],
  );
  t.match(faults[2]!.message, /was not answered within 200 ms/);
  t.match(faults[4]!.message, /redirected to http:\/\/other\.example\/b, which is not followed/);
  for (const fault of [busy, ...faults]) t.notMatch(fault.message, /secret/);
});

t.test('a redirect on the same server is followed', async (t) => {
  const url = await serve(t, (request, response) => {
    if (request.url === '/b') response.end('there');
    else response.writeHead(301, { location: '/b' }).end();
  });
  t.equal((await clientOf(t).send({ url }, never)).text, 'there');
});

t.test('a request ends with its signal', async (t) => {
  const url = await serve(t, () => {});
  const abort = new AbortController();
  const sent = clientOf(t).send({ url }, abort.signal);
  setTimeout(() => abort.abort(new Error('stopped')), 20);
  await t.rejects(sent, { message: 'stopped' });
});

t.test('requests go through a proxy, which is told who asks', async (t) => {
  const target = await serve(t, (_request, response) => response.end('through'));
  const seen: string[] = [];
  const proxy = createServer((request, response) => {
    seen.push(`${request.method} ${request.headers['proxy-authorization']}`);
    const forwarded = send(request.url!, { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    request.pipe(forwarded);
  });
  proxy.on('connect', (request, socket, head) => {
    seen.push(`CONNECT ${request.headers['proxy-authorization']}`);
    const [host, port] = request.url!.split(':');
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.teardown(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const client = clientOf(t, { proxy: { url, username: 'me', password: new Secret('pass') } });
  t.equal((await client.send({ url: target }, never)).text, 'through');
  t.match(seen[0], `Basic ${Buffer.from('me:pass').toString('base64')}`);

  seen.length = 0;
  const saved = { ...process.env };
  t.teardown(() => {
    for (const key of ['http_proxy', 'no_proxy']) delete process.env[key];
    Object.assign(process.env, saved);
  });
  for (const key of ['HTTP_PROXY', 'NO_PROXY', 'no_proxy']) delete process.env[key];
  process.env.http_proxy = url;
  const byEnvironment = clientOf(t, { proxy: { url: 'env', username: null, password: null } });
  t.equal((await byEnvironment.send({ url: target }, never)).text, 'through');
  t.equal(seen.length, 1);
});

t.test('a certificate of an authority of our own is trusted if it is named', async (t) => {
  const { cert, key } = await certificate(tempDir(t), 'localhost');
  const server = createTlsServer({ cert: readFileSync(cert), key: readFileSync(key) }, (_request, response) =>
    response.end('secure'),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const trusting = clientOf(t, { tls: tlsOptions({ 'http.ssl.truststore.location': cert }, 'http.') });
  t.equal((await trusting.send({ url }, never)).text, 'secure');
  const fault = await faultOf(clientOf(t).send({ url }, never));
  t.match(fault.message, /certificate/);
});
