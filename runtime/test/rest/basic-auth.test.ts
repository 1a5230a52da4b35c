import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '@tributary/services';
import t, { type Test } from 'tap';
import { parseJaasFile } from '../../src/config/jaas.ts';
import { rawRequest } from '../support/http.ts';
import { tempDir, testWorker } from '../support/worker.ts';

const EXTENSION = {
  'rest.extension.classes': 'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension',
};
const LOGIN_MODULE = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule';

/** Files of users, and of a JAAS config that names the first. */
function files(t: Test, users = 'alice=wonder:land\nb\\u00f6b = pässwörd\n'): { users: string; jaas: string } {
  const dir = tempDir(t);
  const paths = { users: join(dir, 'users.properties'), jaas: join(dir, 'jaas.conf') };
  writeFileSync(paths.users, users);
  writeFileSync(
    paths.jaas,
    `KafkaClient { some.Module required a="};"; };\nKafkaConnect {\n  // who may\n  ${LOGIN_MODULE} required\n  file="${paths.users}";\n};\n`,
  );
  return paths;
}

const basic = (credentials: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
});

t.test('only users of the file with their passwords are answered', async (t) => {
  const { url } = await testWorker(t, { ...EXTENSION, 'rest.basic.auth.file': files(t).users });
  const status = async (headers: Record<string, string>, path = '/connectors') =>
    (await rawRequest(url, 'GET', path, headers)).status;
  t.equal(await status(basic('alice:wonder:land')), 200);
  t.equal(await status(basic('böb:pässwörd')), 200);
  t.equal(await status({ authorization: basic('alice:wonder:land')['authorization']!.replace('Basic', 'bAsIc') }), 200);
  for (const headers of [
    {},
    basic('alice:wonder'),
    basic('alice:'),
    basic('alice'),
    basic(':wonder:land'),
    basic(''),
    basic('bob:wonder:land'),
    { authorization: 'Basic !!!' },
    { authorization: 'Bearer x' },
    { authorization: '' },
  ])
    t.equal(await status(headers), 401, JSON.stringify(headers));
  for (const path of ['/', '/health', '/metrics', '/openapi.json', '/admin/loggers', '/connectors/x/status'])
    t.equal(await status({}, path), 401, path);
  t.match(await rawRequest(url, 'POST', '/connectors', { 'content-type': 'application/json' }, '{bad'), {
    status: 401,
    headers: { 'www-authenticate': /^Basic realm="/ },
    text: '{"error_code":401,"message":"User cannot access the resource."}',
  });
  t.equal(await status({}, '/nope'), 404, 'as in Java, what does not exist is no secret');
});

t.test('admin listeners ask for the password too', async (t) => {
  const [port] = await freePorts(1);
  await testWorker(t, {
    ...EXTENSION,
    'rest.basic.auth.file': files(t).users,
    'admin.listeners': `http://127.0.0.1:${port}`,
  });
  const status = async (headers: Record<string, string>) =>
    (await rawRequest(`http://127.0.0.1:${port}`, 'GET', '/admin/loggers', headers)).status;
  t.equal(await status({}), 401);
  t.equal(await status(basic('alice:wonder:land')), 200);
});

t.test('pages of other origins can ask before they log in', async (t) => {
  const { url } = await testWorker(t, {
    ...EXTENSION,
    'rest.basic.auth.file': files(t).users,
    'access.control.allow.origin': 'https://ui.example.com',
  });
  const preflight = { origin: 'https://ui.example.com', 'access-control-request-method': 'POST' };
  t.match(await rawRequest(url, 'OPTIONS', '/connectors', preflight), {
    status: 200,
    headers: { 'access-control-allow-origin': 'https://ui.example.com' },
  });
});

t.test('the users may be named by a JAAS file, as for Java', async (t) => {
  const { jaas } = files(t);
  const { call, log } = await testWorker(t, { ...EXTENSION, 'java.security.auth.login.config': jaas });
  t.equal((await call('GET', '/', undefined, basic('alice:wonder:land'))).status, 200);
  t.equal((await call('GET', '/')).status, 401);
  t.notMatch(log.join('\n'), /not a known key|wonder/);

  t.teardown(() => delete process.env['KAFKA_OPTS']);
  process.env['KAFKA_OPTS'] = `-Xmx1g -Djava.security.auth.login.config=${jaas}`;
  const other = await testWorker(t, EXTENSION);
  t.equal((await other.call('GET', '/', undefined, basic('alice:wonder:land'))).status, 200);
  t.equal((await other.call('GET', '/')).status, 401);
});

t.test('the API tells that it wants a password', async (t) => {
  const { call } = await testWorker(t, { ...EXTENSION, 'rest.basic.auth.file': files(t).users });
  const { json } = await call('GET', '/openapi.json', undefined, basic('alice:wonder:land'));
  t.match(json, {
    components: { securitySchemes: { scheme1: { type: 'http', scheme: 'basic' } } },
    security: [{ scheme1: [] }],
  });
});

t.test('a worker that could not ask for passwords does not start', async (t) => {
  const problem = (props: Record<string, string>): Promise<string> =>
    testWorker(t, { ...EXTENSION, ...props }).then(
      () => 'none',
      (error: Error) => error.message,
    );
  t.match(await problem({}), /set rest\.basic\.auth\.file .*or java\.security\.auth\.login\.config/);
  t.match(await problem({ 'rest.basic.auth.file': '/no/such/file' }), /\/no\/such\/file for configuration rest\.basic/);
  t.match(await problem({ 'rest.basic.auth.file': files(t, '# none\n').users }), /is empty: add a line user=password/);
  t.match(
    await problem({ 'java.security.auth.login.config': files(t).users }),
    /The JAAS file .*users\.properties cannot be used: entries must have the form/,
  );
  t.match(
    await problem({ 'rest.extension.classes': 'com.example.Own' }),
    /com\.example\.Own for configuration rest\.extension\.classes: there is no such REST extension. Installed: org\.apache/,
  );
});

t.test('a JAAS file without the entry, or with another module, says so', async (t) => {
  t.throws(
    () => parseJaasFile('KafkaClient { x.Y required; };', 'f', 'KafkaConnect'),
    /f cannot be used: it has no entry KafkaConnect/,
  );
  t.throws(() => parseJaasFile('KafkaConnect { x.Y required', 'f', 'KafkaConnect'), /entries must have the form/);
  t.throws(() => parseJaasFile('KafkaConnect { x.Y required "', 'f', 'KafkaConnect'), /a quote is not closed/);
  const two = '/* all */ KafkaConnect { x.Y required a = "b" c=\'d\'; # one\n z.Z optional; };';
  t.strictSame(parseJaasFile(two, 'f', 'KafkaConnect'), [
    {
      module: 'x.Y',
      options: new Map([
        ['a', 'b'],
        ['c', 'd'],
      ]),
    },
    { module: 'z.Z', options: new Map() },
  ]);
});
