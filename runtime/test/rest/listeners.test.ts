import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { freePorts } from '@tributary/services';
import t, { type Test } from 'tap';
import { certificate, STORE_PASSWORD, skipWithoutOpenssl } from '../support/certificates.ts';
import { rawRequest } from '../support/http.ts';
import { tempDir, testWorker } from '../support/worker.ts';

const skip = await skipWithoutOpenssl();
const pem = (file: string): string => readFileSync(file, 'utf8');
const ports = (count: number): Promise<number[]> => freePorts(count) as Promise<number[]>;

/** What a worker with these props says about them. */
async function problemOf(t: Test, props: Record<string, string>): Promise<string> {
  return testWorker(t, props).then(
    () => 'none',
    (error: Error) => error.message,
  );
}

t.test('there may be several listeners, with and without TLS', { skip }, async (t) => {
  const { cert, store } = await certificate(tempDir(t), 'server');
  const [http, https] = await ports(2);
  const { url } = await testWorker(t, {
    listeners: `HTTPS://localhost:${https}, http://127.0.0.1:${http}`,
    'listeners.https.ssl.keystore.type': 'PKCS12',
    'listeners.https.ssl.keystore.location': store,
    'listeners.https.ssl.keystore.password': STORE_PASSWORD,
    'ssl.keystore.location': '/of/the/clients',
  });
  t.equal(url, `http://127.0.0.1:${http}`, 'http is what others are told');
  t.match(await rawRequest(url, 'GET', '/connectors'), { status: 200, text: '[]' });
  const secure = `https://localhost:${https}`;
  t.match(await rawRequest(secure, 'GET', '/connectors', {}, undefined, { ca: pem(cert) }), {
    status: 200,
    text: '[]',
  });
  await t.rejects(rawRequest(secure, 'GET', '/connectors'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});

t.test('the certificate may be PEM, in files or in the config, with a key that has a password', { skip }, async (t) => {
  const { cert, key } = await certificate(tempDir(t), 'server', 'key-secret');
  const { url } = await testWorker(t, {
    listeners: 'https://localhost:0',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': pem(cert),
    'ssl.keystore.key': pem(key),
    'ssl.key.password': 'key-secret',
    'ssl.enabled.protocols': 'TLSv1.3',
  });
  t.match(url, /^https:/);
  const answer = await rawRequest(url, 'POST', '/connectors', { 'content-type': 'application/json' }, '{}', {
    ca: pem(cert),
  });
  t.equal(answer.status, 400);
  await t.rejects(rawRequest(url, 'GET', '/', {}, undefined, { ca: pem(cert), maxVersion: 'TLSv1.2' }), {
    message: /protocol version/,
  });
  const problem = await problemOf(t, {
    listeners: 'https://localhost:0',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': pem(cert),
    'ssl.keystore.key': pem(key),
    'ssl.key.password': 'wrong-secret',
  });
  t.match(problem, /ssl\.\* configurations do not fit together/);
  t.notMatch(problem, /wrong-secret|key-secret|BEGIN/);
});

t.test('clients may have to show a certificate', { skip }, async (t) => {
  const dir = tempDir(t);
  const [server, client, stranger] = await Promise.all([
    certificate(dir, 'server'),
    certificate(dir, 'client'),
    certificate(dir, 'stranger'),
  ]);
  const start = (clientAuth: string) =>
    testWorker(t, {
      listeners: 'https://localhost:0',
      'listeners.https.ssl.keystore.type': 'PKCS12',
      'listeners.https.ssl.keystore.location': server.store,
      'listeners.https.ssl.keystore.password': STORE_PASSWORD,
      'listeners.https.ssl.truststore.type': 'PEM',
      'listeners.https.ssl.truststore.location': client.cert,
      'listeners.https.ssl.client.auth': clientAuth,
    });
  const as = (who: typeof client | null) => ({
    ca: pem(server.cert),
    ...(who && { cert: pem(who.cert), key: pem(who.key) }),
  });
  const works = (url: string, who: typeof client | null): Promise<boolean> =>
    rawRequest(url, 'GET', '/', {}, undefined, as(who)).then(
      ({ status }) => status === 200,
      () => false,
    );
  for (const [clientAuth, expected] of [
    ['none', { none: true, client: true, stranger: true }],
    ['requested', { none: true, client: true, stranger: false }],
    ['required', { none: false, client: true, stranger: false }],
  ] as const) {
    const { url } = await start(clientAuth);
    t.same(
      { none: await works(url, null), client: await works(url, client), stranger: await works(url, stranger) },
      expected,
      clientAuth,
    );
  }
});

t.test('what is wrong with listeners is told with key, value and remedy', { skip }, async (t) => {
  const { store } = await certificate(tempDir(t), 'server');
  const p12 = {
    'listeners.https.ssl.keystore.location': store,
    'listeners.https.ssl.keystore.password': STORE_PASSWORD,
  };
  t.match(await problemOf(t, { listeners: 'ftp://x:1' }), /ftp:\/\/x:1 for configuration listeners: write http/);
  t.match(
    await problemOf(t, { listeners: 'http://127.0.0.1' }),
    /for configuration listeners: write http:\/\/host:port/,
  );
  t.match(await problemOf(t, { listeners: 'http://127.0.0.1:99999' }), /99999 for configuration listeners/);
  t.match(await problemOf(t, { listeners: '' }), /listeners/);
  t.match(
    await problemOf(t, { listeners: 'https://127.0.0.1:0' }),
    /https needs a certificate. Set listeners\.https\.ssl/,
  );
  t.match(
    await problemOf(t, { listeners: 'https://127.0.0.1:0', ...p12, 'listeners.https.ssl.client.auth': 'maybe' }),
    /maybe for configuration listeners\.https\.ssl\.client\.auth: must be one of none, requested, required/,
  );
  t.match(
    await problemOf(t, { listeners: 'https://127.0.0.1:0', ...p12, 'listeners.https.ssl.cipher.suites': 'NOPE' }),
    /listeners\.https\.ssl\.\* configurations do not fit together/,
  );
  t.match(
    await problemOf(t, { listeners: 'http://127.0.0.1:0', 'rest.advertised.listener': 'https' }),
    /https for configuration rest\.advertised\.listener: listeners has none/,
  );
  t.match(await problemOf(t, { 'admin.listeners': 'nowhere' }), /nowhere for configuration admin\.listeners/);
  t.match(
    await problemOf(t, { 'response.http.headers.config': 'put X: y' }),
    /configuration response\.http\.headers\.config: the rule 'put X: y' must have the form/,
  );
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  t.teardown(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const [free] = await ports(1);
  t.match(
    await problemOf(t, { listeners: `http://127.0.0.1:${free},http://127.0.0.1:${port}` }),
    new RegExp(`cannot listen on 127.0.0.1:${port}: the port is taken`),
  );
  t.match(await problemOf(t, { listeners: `http://127.0.0.1:${free}` }), /none/, 'the other one was closed again');
});

t.test('a PKCS12 store that is called JKS, as by default, is read as Java reads it', { skip }, async (t) => {
  const { cert, store } = await certificate(tempDir(t), 'server');
  const { url } = await testWorker(t, {
    listeners: 'https://localhost:0',
    'ssl.keystore.location': store,
    'ssl.keystore.password': STORE_PASSWORD,
  });
  t.equal((await rawRequest(url, 'GET', '/', {}, undefined, { ca: pem(cert) })).status, 200);
});

t.test('the worker goes by what is advertised', async (t) => {
  const { url, call } = await testWorker(t, {
    'rest.advertised.host.name': 'worker-1.example.com',
    'rest.advertised.port': '443',
  });
  t.equal(url, 'http://worker-1.example.com:443');
  t.ok(call);
});

t.test('admin resources are at listeners of their own, or nowhere', async (t) => {
  const [admin] = await ports(1);
  const apart = await testWorker(t, {
    'admin.listeners': `http://127.0.0.1:${admin}`,
    'access.control.allow.origin': '*',
  });
  t.equal((await apart.call('GET', '/admin/loggers')).status, 404);
  const adminUrl = `http://127.0.0.1:${admin}`;
  t.equal((await rawRequest(adminUrl, 'GET', '/admin/loggers')).status, 200);
  t.same((await rawRequest(adminUrl, 'GET', '/admin/loggers', { origin: 'http://a.b' })).headers.vary, undefined);
  for (const path of ['/', '/connectors', '/health', '/metrics'])
    t.equal((await rawRequest(adminUrl, 'GET', path)).status, 404, path);

  const nowhere = await testWorker(t, { 'admin.listeners': '' });
  t.match(await nowhere.call('GET', '/admin/loggers'), { status: 404, json: { message: 'HTTP 404 Not Found' } });
  t.equal((await nowhere.call('GET', '/connectors')).status, 200);
});

t.test('what is no HTTP is answered with a message, and the limits can be set', async (t) => {
  const { url } = await testWorker(t, { 'rest.request.max.bytes': '2048' });
  const { hostname, port } = new URL(url);
  const raw = async (bytes: string): Promise<string> => {
    const socket = connect(Number(port), hostname);
    socket.end(bytes);
    return text(socket);
  };
  t.match(
    await raw('not HTTP\r\n\r\n'),
    /^HTTP\/1.1 400 Bad Request\r\n[\s\S]*{"error_code":400,"message":"HTTP 400 Bad Request"}$/,
  );
  t.match(await raw(`GET / HTTP/1.1\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`), /^HTTP\/1.1 431 [\s\S]*"error_code":431/);
  const answer = await rawRequest(
    url,
    'POST',
    '/connectors',
    { 'content-type': 'application/json' },
    `"${'x'.repeat(3000)}"`,
  );
  t.match(answer, { status: 413, text: /larger than 2048 bytes/ });
});
