/** Requests that are another worker's: workers with all of their REST API, whose herders say whose a request is. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { RequestTargetError } from '../../src/herder/errors.ts';
import { certificate, STORE_PASSWORD, skipWithoutOpenssl } from '../support/certificates.ts';
import { rawRequest } from '../support/http.ts';
import { type TestWorker, tempDir, testWorker } from '../support/worker.ts';

const CONFLICT = 'Cannot complete request because of a conflicting operation (e.g. worker rebalance)';

/** Has a worker say that pausing, restarting and creating are another one's. @returns the calls, by the method of the herder */
function sendsTo({ worker: { herder } }: TestWorker, url: () => string): string[] {
  const calls: string[] = [];
  const away = (what: string) => async (): Promise<never> => {
    calls.push(what);
    throw new RequestTargetError(`Only the leader may do this (${what})`, url());
  };
  Object.assign(herder, {
    setTargetState: away('setTargetState'),
    restart: away('restart'),
    create: away('create'),
    offsets: away('offsets'),
  });
  const refresh = herder.refresh.bind(herder);
  herder.refresh = () => {
    calls.push('refresh');
    return refresh();
  };
  return calls;
}

/** A server on loopback that tells what it was sent, and answers as it is told. */
async function listener(t: Test, answer: RequestListener) {
  const requests: Array<{ method: string; url: string; headers: IncomingMessage['headers']; body: Buffer }> = [];
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    requests.push({ method, url, headers, body: await buffer(request) });
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return { requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const source = (dir: string) => ({ 'connector.class': 'FileStreamSource', topic: 'x', file: join(dir, 'none') });

t.test('a worker passes on what is another one’s, and the answer back', async (t) => {
  const [first, leader] = await Promise.all([testWorker(t), testWorker(t)]);
  const calls = sendsTo(first, () => leader.url);
  const config = source(leader.dir);
  const created = await first.call('POST', '/connectors', { name: 'é/1', config });
  t.match(created, { status: 201, json: { name: 'é/1', config, type: 'source' } });
  t.equal(created.headers.get('location'), `${leader.url}/connectors/%C3%A9%2F1`);
  t.equal(created.headers.get('content-type'), 'application/json');
  t.same((await leader.call('GET', '/connectors')).json, ['é/1']);
  t.same(calls, ['create', 'refresh'], 'it reads its configs once the other worker has written');

  await leader.untilState('é/1', 'RUNNING', 1);
  const path = '/connectors/%C3%A9%2F1';
  t.match(await first.call('PUT', `${path}/pause`), { status: 202, text: '' });
  await leader.untilState('é/1', 'PAUSED', 1);
  const restarted = await first.call('POST', `${path}/restart?includeTasks=true&onlyFailed=false`);
  t.match(restarted, { status: 202, json: { name: 'é/1', connector: { state: 'RESTARTING' } } });
  t.match(await first.call('POST', `${path}/restart`), { status: 204, text: '' });
  t.equal(calls.filter((call) => call === 'refresh').length, 4);
});

t.test('errors of the other worker are answered as they are, and nothing is read anew for them', async (t) => {
  const [first, leader] = await Promise.all([testWorker(t), testWorker(t)]);
  const calls = sendsTo(first, () => leader.url);
  const broken = { name: 'a', config: { 'connector.class': 'FileStreamSource', 'tasks.max': 'x' } };
  for (const [method, path, body] of [
    ['POST', '/connectors', broken],
    ['PUT', '/connectors/none/pause', undefined],
  ] as const) {
    const [there, here] = [await leader.call(method, path, body), await first.call(method, path, body)];
    t.match(here, { status: there.status, text: there.text });
    t.ok(here.status >= 400 && here.text.includes('error_code'));
  }
  t.notOk(calls.includes('refresh'));
});

t.test('reading what only another worker knows changes nothing, so nothing is read anew', async (t) => {
  const first = await testWorker(t);
  const other = await listener(t, (_request, response) => response.end('{"offsets":[]}'));
  const calls = sendsTo(first, () => other.url);
  t.match(await first.call('GET', '/connectors/a/offsets'), { status: 200, text: '{"offsets":[]}' });
  t.same(calls, ['offsets']);
});

t.test('a request goes over two hops, and no further', async (t) => {
  const [first, second, third] = await Promise.all([testWorker(t), testWorker(t), testWorker(t)]);
  const calls = [sendsTo(first, () => second.url), sendsTo(second, () => third.url)];
  t.match(await first.call('POST', '/connectors', { name: 'a', config: source(third.dir) }), { status: 201 });
  t.same(calls, [
    ['create', 'refresh'],
    ['create', 'refresh'],
  ]);
  calls.push(sendsTo(third, () => first.url));
  const lost = await first.call('PUT', '/connectors/a/pause');
  t.match(lost, { status: 409, json: { error_code: 409, message: CONFLICT } });
  t.same(
    calls.map((all) => all.filter((call) => call === 'setTargetState').length),
    [1, 1, 1],
  );
});

t.test('a request that says that it may not go on does not', async (t) => {
  const [first, second] = await Promise.all([testWorker(t), testWorker(t)]);
  const calls = [sendsTo(first, () => second.url), sendsTo(second, () => first.url)];
  const times = async (query: string): Promise<readonly number[]> => {
    for (const all of calls) all.splice(0);
    t.match(await first.call('PUT', `/connectors/a/pause${query}`), { status: 409, json: { message: CONFLICT } });
    return calls.map((all) => all.length);
  };
  t.same(await times('?forward=false'), [1, 0]);
  t.same(await times('?forward=maybe'), [1, 0], 'as Java reads it');
  t.same(await times('?forward=TRUE'), [1, 1]);
  t.same(await times(''), [2, 1]);
  t.same(await times('?forwa%72d=true&forward=true'), [1, 1], 'however it is written');
});

t.test('the request is the same at the other worker, byte for byte', async (t) => {
  const first = await testWorker(t);
  const other = await listener(t, (_request, response) => response.writeHead(204).end());
  sendsTo(first, () => `${other.url}/`);
  const send = (method: string, path: string, body?: string, headers = {}): Promise<unknown> =>
    rawRequest(first.url, method, path, { ...(body && { 'content-type': 'application/json' }), ...headers }, body);
  const text = ' {"name" : "é", "config": {"connector.class":"X", "n": 12345678901234567890, "d": 1.0} }';
  await send('POST', '/connectors?x=%2F&y', text, { authorization: 'Basic xyz', cookie: 'a=b' });
  await send('PUT', '/connectors/%2e%2e/pause?');
  const large = JSON.stringify({ name: 'large', config: { x: 'é'.repeat(524_000) } });
  await send('POST', '/connectors?forward=true', large);
  const [post, put, big] = other.requests;
  t.match(post, { method: 'POST', url: '/connectors?x=%2F&y&forward=true' });
  t.match(post?.headers, { authorization: 'Basic xyz', 'content-type': 'application/json', cookie: undefined });
  t.equal(post?.body.toString(), text);
  t.match(put, { method: 'PUT', url: '/connectors/%2e%2e/pause?forward=true', body: { length: 0 } });
  t.equal(put?.headers['content-type'], undefined);
  t.equal(big?.url, '/connectors?forward=false');
  t.ok(big?.body.equals(Buffer.from(large)), 'up to the limit of a body');
});

t.test('a worker that cannot be reached is told of', async (t) => {
  const first = await testWorker(t);
  const gone = await testWorker(t);
  sendsTo(first, () => gone.url);
  await gone.worker.stop();
  const answer = await first.call('PUT', '/connectors/a/pause');
  t.match(answer, { status: 500, json: { error_code: 500 } });
  t.match(answer.json.message, /^IO Error trying to forward REST request: connect ECONNREFUSED 127\.0\.0\.1:/);
});

t.test('a worker that breaks off, or sends the client elsewhere, has not answered', async (t) => {
  const first = await testWorker(t);
  const broken = await listener(t, (request) => request.socket.destroy());
  const elsewhere = await listener(t, (_request, response) => response.writeHead(302, { location: '/x' }).end());
  const half = await listener(t, (request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{');
    request.socket.end();
  });
  let { url } = broken;
  sendsTo(first, () => url);
  const message = async (): Promise<string> => (await first.call('PUT', '/connectors/a/pause')).json.message;
  t.match(await message(), /^IO Error trying to forward REST request: /);
  ({ url } = half);
  t.match(await message(), /^IO Error trying to forward REST request: /);
  ({ url } = elsewhere);
  t.equal(await message(), 'Unexpected status code when handling forwarded request: 302');
});

t.test('the answer counts even if the configs cannot be read afterwards', async (t) => {
  const first = await testWorker(t);
  const other = await listener(t, (_request, response) => response.writeHead(202).end());
  sendsTo(first, () => other.url);
  first.worker.herder.refresh = async () => {
    throw new Error('no broker');
  };
  t.match(await first.call('PUT', '/connectors/a/pause'), { status: 202, text: '' });
  t.match(
    first.log.join('\n'),
    /warn PUT .*\/connectors\/a\/pause.* was done by .* cannot be read here yet: no broker/,
  );
});

t.test('who asks is told to the other worker', async (t) => {
  const file = join(tempDir(t), 'users');
  writeFileSync(file, 'ada=secret\n');
  const props = { 'rest.extension.classes': 'BasicAuthSecurityRestExtension', 'rest.basic.auth.file': file };
  const [first, leader] = await Promise.all([testWorker(t, props), testWorker(t, props)]);
  sendsTo(first, () => leader.url);
  const authorization = `Basic ${btoa('ada:secret')}`;
  const body = { name: 'a', config: source(leader.dir) };
  t.match(await first.call('POST', '/connectors', body, { authorization }), { status: 201 });
  t.match(await first.call('POST', '/connectors', body), { status: 401 });
});

const skip = await skipWithoutOpenssl();

t.test('workers reach each other over https', { skip }, async (t) => {
  const dir = tempDir(t);
  const [own, stranger] = await Promise.all([certificate(dir, 'own'), certificate(dir, 'stranger')]);
  const https = (more: Record<string, string>) => ({
    listeners: 'https://0.0.0.0:0',
    'rest.advertised.listener': 'https',
    'rest.advertised.host.name': '127.0.0.1',
    'listeners.https.ssl.keystore.type': 'PKCS12',
    'listeners.https.ssl.keystore.location': own.store,
    'listeners.https.ssl.keystore.password': STORE_PASSWORD,
    'listeners.https.ssl.client.auth': 'required',
    ...more,
  });
  const trust = (file: string) => ({
    'listeners.https.ssl.truststore.type': 'PEM',
    'listeners.https.ssl.truststore.location': file,
  });
  const lax = { 'listeners.https.ssl.endpoint.identification.algorithm': '' };
  const leader = await testWorker(t, https(trust(own.cert)));
  const elsewhere = leader.url.replace('127.0.0.1', '127.0.0.2');
  const material = { ca: readFileSync(own.cert), cert: readFileSync(own.cert), key: readFileSync(own.key) };
  /** What a worker with these props answers when it asks the leader at this address. */
  const asks = async (props: Record<string, string>, url: string) => {
    const first = await testWorker(t, https(props));
    sendsTo(first, () => url);
    const answer = await rawRequest(first.url, 'PUT', '/connectors/none/pause', {}, undefined, material);
    await first.worker.stop();
    return answer;
  };
  const there = { status: 404, text: /Unknown connector none/ };
  t.match(await asks(trust(own.cert), leader.url), there);
  t.match(await asks({ ...trust(own.cert), ...lax }, elsewhere), there, 'if the name does not matter');
  const misnamed = await asks(trust(own.cert), elsewhere);
  t.match(misnamed, { status: 500, text: /IO Error.*does not match certificate's altnames/ });
  t.notOk(misnamed.text.includes(STORE_PASSWORD));

  const both = join(dir, 'both.pem');
  writeFileSync(both, readFileSync(own.cert, 'utf8') + readFileSync(stranger.cert, 'utf8'));
  t.match(await asks(trust(both), leader.url), there, 'one of several authorities');
  const http = await testWorker(t, { ...trust(stranger.cert), listeners: 'http://127.0.0.1:0' });
  sendsTo(http, () => leader.url);
  t.match(await http.call('PUT', '/connectors/a/pause'), {
    status: 500,
    text: /IO Error.*is not trusted: name it, or the authority that signed it, with listeners\.https\.ssl\.truststore/,
  });
  await t.rejects(testWorker(t, https({ 'listeners.https.ssl.endpoint.identification.algorithm': 'ldap' })), {
    message: /Invalid value ldap for configuration listeners\.https\.ssl\.endpoint\.identification\.algorithm/,
  });
});
