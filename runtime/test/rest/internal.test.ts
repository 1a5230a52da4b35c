import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Props } from '@tributary/api';
import t, { type Test } from 'tap';
import { parseWorkerConfig } from '../../src/config/worker-config.ts';
import { ConflictError, NotFoundError, RequestTargetError, UnavailableError } from '../../src/herder/errors.ts';
import { generateSessionKey } from '../../src/herder/session-key.ts';
import { basicAuth } from '../../src/rest/extensions/basic-auth.ts';
import { type PeersOptions, peers } from '../../src/rest/peers.ts';
import { signatureHeaders } from '../../src/rest/signed.ts';
import { workerClient } from '../../src/rest/worker-client.ts';
import type { SessionKey } from '../../src/store/session-key.ts';
import { type RawAnswer, rawRequest } from '../support/http.ts';
import { internalWorker } from '../support/internal.ts';
import { testLogger } from '../support/logger.ts';
import { tempDir } from '../support/worker.ts';

const newKey = (): SessionKey =>
  generateSessionKey(
    { algorithm: 'HmacSHA256', bytes: 32, ttlMs: null, signatureAlgorithm: '', verificationAlgorithms: [] },
    Date.now(),
  );
const KEY = newKey();
const CONFIGS: readonly Props[] = [{ 'task.class': 'X', file: 'é"\u001f\\', n: '1' }, {}];

/** A worker that asks others, with this key unless the options say otherwise. */
function follower(t: Test, options: Partial<PeersOptions> = {}) {
  const client = workerClient(() => ({}));
  t.teardown(() => client.close());
  return peers({
    client,
    signed: () => true,
    sessionKey: () => KEY,
    signatureAlgorithm: 'HmacSHA256',
    refresh: async () => {},
    ...options,
  });
}

/** Sends a body as it is; the headers may overwrite the signature. */
function post(url: string, body: string, headers: Record<string, string>, path = '/connectors/a/tasks') {
  return rawRequest(url, 'POST', path, { 'content-type': 'application/json', ...headers }, body);
}

const signed = (body: string, key = KEY, algorithm = 'HmacSHA256'): Record<string, string> =>
  signatureHeaders(Buffer.from(body), key, algorithm);

/** A server that answers every request like this. */
async function answers(t: Test, status: number, body: string): Promise<string> {
  const server = createServer((request, response) =>
    request.resume().on('end', () => response.writeHead(status).end(body)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

t.test('a worker asks the leader with a signed request', async (t) => {
  const leader = await internalWorker(t, { sessionKey: () => KEY });
  const { putTaskConfigs, fenceZombies } = follower(t);
  await putTaskConfigs(leader.url, 'a', CONFIGS);
  await putTaskConfigs(`${leader.url}/`, 'é/% b', []);
  await fenceZombies(leader.url, 'é/% b');
  t.strictSame(leader.asked, [
    ['a', CONFIGS],
    ['é/% b', []],
    ['é/% b', 'fence'],
  ]);
});

t.test('a connector with very many tasks hands in all of their configs', async (t) => {
  const leader = await internalWorker(t, { sessionKey: () => KEY });
  const many = Array.from({ length: 1_000 }, (_, n) => ({ n: String(n), text: 'x'.repeat(15_000) }));
  await follower(t).putTaskConfigs(leader.url, 'a', many);
  t.strictSame(leader.asked, [['a', many]]);
  await t.rejects(follower(t).putTaskConfigs(leader.url, 'a', [...many, ...many]), {
    message: /answered POST \/connectors\/a\/tasks with 413: .*the body is larger than 16777216 bytes/,
  });
});

t.test('what is not signed by a worker of the group is refused, with the answers of Java', async (t) => {
  const leader = await internalWorker(t, { sessionKey: () => KEY });
  const body = JSON.stringify(CONFIGS);
  const refused = (answer: RawAnswer, status: number, message: string): void => {
    t.equal(answer.status, status, message);
    t.strictSame(JSON.parse(answer.text), { error_code: status, message });
    t.equal(answer.headers['content-type'], 'application/json');
  };
  const missing = 'Internal request missing required signature';
  const invalid = 'Internal request contained invalid signature.';
  const right = signed(body);
  refused(await post(leader.url, body, {}), 400, missing);
  for (const left of Object.keys(right)) refused(await post(leader.url, body, { [left]: right[left]! }), 400, missing);
  refused(await rawRequest(leader.url, 'PUT', '/connectors/a/fence'), 400, missing);
  refused(await post(leader.url, 'no JSON', {}), 400, missing);
  refused(await post(leader.url, `${body} `, right), 403, invalid);
  refused(await post(leader.url, body, signed(body, newKey())), 403, invalid);
  refused(await post(leader.url, body, { ...right, 'x-connect-authorization': 'AAAA' }), 403, invalid);
  refused(await rawRequest(leader.url, 'PUT', '/connectors/a/fence', right), 403, invalid);
  const other = await post(leader.url, body, signed(body, KEY, 'HmacSHA512'));
  t.match(other, { status: 400, text: /does not support the 'HmacSHA512' key signing algorithm.*\[HmacSHA256\]/ });
  t.strictSame(leader.asked, []);
});

t.test('a request that is signed but makes no sense is refused', async (t) => {
  const leader = await internalWorker(t, { sessionKey: () => KEY });
  for (const [body, message] of [
    ['no JSON', /The body is not valid JSON/],
    ['{}', /must be a JSON array/],
    ['[{"a":"b"},5]', /config of task 1/],
    ['[{"a":{}}]', /the value of 'a' is a JSON object/],
  ] as const)
    t.match(await post(leader.url, body, signed(body)), { status: 400, text: message });
  t.strictSame(leader.asked, []);
});

t.test('a key that was replaced holds no longer: a request that somebody has kept cannot be sent again', async (t) => {
  let key = KEY;
  const leader = await internalWorker(t, { sessionKey: () => key });
  const body = JSON.stringify(CONFIGS);
  const kept = signed(body);
  t.equal((await post(leader.url, body, kept)).status, 204);
  key = newKey();
  t.equal((await post(leader.url, body, kept)).status, 403);
});

t.test('a worker that has not read the new key yet reads it and asks again', async (t) => {
  const next = newKey();
  const leader = await internalWorker(t, { sessionKey: () => next });
  let own = KEY;
  const refresh = async (): Promise<void> => {
    own = next;
  };
  await follower(t, { sessionKey: () => own, refresh }).putTaskConfigs(leader.url, 'a', CONFIGS);
  t.strictSame(leader.asked, [['a', CONFIGS]]);
});

t.test('a leader that has not read its own new key yet is asked again', async (t) => {
  const next = newKey();
  let key = KEY;
  const leader = await internalWorker(t, { sessionKey: () => key });
  const refresh = async (): Promise<void> => {
    key = next;
  };
  await follower(t, { sessionKey: () => next, refresh }).fenceZombies(leader.url, 'a');
  t.strictSame(leader.asked, [['a', 'fence']]);
});

t.test('a worker without a key waits for one, and signs nothing without', async (t) => {
  const leader = await internalWorker(t, { sessionKey: () => KEY });
  let own: SessionKey | null = null;
  await t.rejects(follower(t, { sessionKey: () => own }).putTaskConfigs(leader.url, 'a', CONFIGS), ConflictError);
  t.strictSame(leader.asked, []);
  const refresh = async (): Promise<void> => {
    own = KEY;
  };
  await follower(t, { sessionKey: () => own, refresh }).putTaskConfigs(leader.url, 'a', CONFIGS);
  t.strictSame(leader.asked, [['a', CONFIGS]]);
});

t.test('a leader without a key cannot tell who asks', async (t) => {
  const leader = await internalWorker(t, { sessionKey: () => null });
  await t.rejects(follower(t).putTaskConfigs(leader.url, 'a', CONFIGS), {
    name: 'ConflictError',
    message: /503: This worker is still starting up and has not been able to read a session key/,
  });
  t.strictSame(leader.asked, []);
});

t.test('what reaches a worker that is not the leader any more goes on to the one that is', async (t) => {
  const leader = await internalWorker(t, { sessionKey: () => KEY });
  const before = (): void => {
    throw new RequestTargetError('Only the leader may write task configurations.', leader.url);
  };
  const former = await internalWorker(t, { sessionKey: () => KEY, before });
  await follower(t).putTaskConfigs(former.url, 'a', CONFIGS);
  await follower(t).fenceZombies(former.url, 'a');
  t.strictSame(leader.asked, [
    ['a', CONFIGS],
    ['a', 'fence'],
  ]);
});

t.test('the answers of a leader are told apart', async (t) => {
  const failing = (error: Error) =>
    internalWorker(t, {
      sessionKey: () => KEY,
      before: () => {
        throw error;
      },
    });
  const rejects = async (url: string, name: string, message: RegExp): Promise<unknown> =>
    t.rejects(follower(t).putTaskConfigs(url, 'a b', CONFIGS), { name, message });
  const of = async (error: Error): Promise<string> => (await failing(error)).url;
  await rejects(
    await of(new NotFoundError('Connector a b not found')),
    'NotFoundError',
    /404: Connector a b not found$/,
  );
  await rejects(
    await of(new ConflictError('Rebalancing')),
    'ConflictError',
    /POST \/connectors\/a%20b\/tasks with 409/,
  );
  await rejects(await of(new UnavailableError('Too early')), 'ConflictError', /503: Too early/);
  await rejects(
    await of(new Error('it broke')),
    'ConnectError',
    /^The leader at http:.* answered POST .*500: it broke$/,
  );
  const html = await answers(t, 404, '<html>');
  await rejects(html, 'ConnectError', /404: HTTP 404 Not Found/);
  const starting = await answers(t, 404, '{"error_code":404,"message":"HTTP 404 Not Found"}');
  await rejects(starting, 'ConnectError', /404: HTTP 404 Not Found/);
  await rejects('http://127.0.0.1:1', 'ConnectError', /ECONNREFUSED/);
});

t.test('nothing of the key is in what a worker says', async (t) => {
  const leader = await internalWorker(t, { sessionKey: () => newKey() });
  const error = await follower(t)
    .putTaskConfigs(leader.url, 'a', CONFIGS)
    .then(
      () => undefined,
      (error: Error) => error,
    );
  t.match(error, { message: /403: Internal request contained invalid signature/ });
  const said = JSON.stringify([error?.message, error?.stack, error]);
  t.notOk(said.includes(KEY.key.export().toString('base64')));
  t.notOk(said.includes(signed(JSON.stringify(CONFIGS))['x-connect-authorization']!));
});

t.test('with connect.protocol=compatible requests need no signature', async (t) => {
  const leader = await internalWorker(t, { sessionKey: () => null, signed: () => false });
  const unsigned = follower(t, { signed: () => false, sessionKey: () => null });
  await unsigned.putTaskConfigs(leader.url, 'a', CONFIGS);
  await unsigned.fenceZombies(leader.url, 'a');
  await follower(t, { signed: () => false }).fenceZombies(leader.url, 'b');
  t.equal(leader.asked.length, 3);
  const { warnings } = parseWorkerConfig({ 'connect.protocol': 'compatible' }, new Set());
  t.match(warnings, [/connect\.protocol.*not signed/]);
});

t.test('with basic authentication they need a signature, not a password', async (t) => {
  const file = join(tempDir(t), 'users');
  writeFileSync(file, 'ada=secret\n');
  const config = { 'rest.basic.auth.file': file, 'java.security.auth.login.config': null };
  const cluster = {} as never;
  const extension = await basicAuth.register(config, { cluster, log: testLogger });
  const leader = await internalWorker(t, { sessionKey: () => KEY, extensions: [extension] });
  await follower(t).putTaskConfigs(leader.url, 'a', CONFIGS);
  await follower(t).fenceZombies(leader.url, 'a');
  t.equal(leader.asked.length, 2);
  t.equal((await post(leader.url, '[]', {})).status, 400);
  t.equal((await rawRequest(leader.url, 'GET', '/connectors/a/tasks')).status, 401);
});

t.test('the API does not tell of them, other than by the methods of their paths', async (t) => {
  const leader = await internalWorker(t, { sessionKey: () => KEY });
  const { paths } = JSON.parse((await rawRequest(leader.url, 'GET', '/openapi.json')).text);
  t.notOk(paths['/connectors/{name}/fence']);
  t.strictSame(Object.keys(paths['/connectors/{name}/tasks']), ['get']);
  t.match(await rawRequest(leader.url, 'GET', '/connectors/a/fence'), { status: 405, headers: { allow: /PUT/ } });
});
