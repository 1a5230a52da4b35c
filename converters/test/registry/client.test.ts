import { readFileSync } from 'node:fs';
import { ConfigError, DataError, type Props, parseConfig, RetriableError } from '@tributary/api';
import { sharedSchemaRegistry, skipUnlessAvailable } from '@tributary/services';
import t, { type Test } from 'tap';
import { certificate, skipWithoutOpenssl } from '../../../runtime/test/support/certificates.ts';
import { tempDir } from '../../../runtime/test/support/worker.ts';
import { RegistryClient } from '../../src/registry/client.ts';
import { clientKeys } from '../../src/registry/config.ts';
import type { RegistrySchema } from '../../src/registry/registry.ts';
import { refuse, registryProxy } from '../support/registry-proxy.ts';

const skip = await skipUnlessAvailable('schema-registry');
const url = skip ? '' : await sharedSchemaRegistry();
const PLAIN = { normalize: false };
const QUICK: Props = { 'retries.wait.ms': '1', 'retries.max.wait.ms': '2' };

let subjects = 0;
const newSubject = (): string => `client-${process.pid}-${++subjects}-value`;
const record = (name: string, ...fields: string[]): RegistrySchema => ({
  type: 'AVRO',
  schema: JSON.stringify({ type: 'record', name, fields: fields.map((field) => ({ name: field, type: 'string' })) }),
  references: [],
});

function client(t: Test, props: Props): RegistryClient {
  const { config, errors } = parseConfig(clientKeys, { ...QUICK, ...props });
  t.strictSame([...errors.values()], []);
  const made = new RegistryClient(config);
  t.teardown(() => made.close());
  return made;
}

t.test(
  'a schema that is registered is found by its id, as the latest, by version and by its text',
  { skip },
  async (t) => {
    const registry = client(t, { 'schema.registry.url': url });
    const [subject, schema] = [newSubject(), record('Trade', 'a')];
    t.equal(await registry.versionOf(subject, schema), null);
    await t.rejects(registry.lookup(subject, schema, PLAIN), {
      name: 'DataError',
      message: /auto\.register\.schemas=true/,
    });
    const id = await registry.register(subject, schema, PLAIN);
    t.equal(await registry.lookup(subject, schema, PLAIN), id);
    t.equal(await registry.versionOf(subject, schema), 1);
    t.match(await registry.latest(subject), { id, version: 1, schema });
    t.match(await registry.version(subject, 1), schema);
    t.match(await registry.byId(id), { type: 'AVRO', references: [] });
  },
);

t.test('a thousand who ask at once make one request; later ones none', { skip }, async (t) => {
  const proxy = await registryProxy(t, url);
  const registry = client(t, { 'schema.registry.url': proxy.url });
  const subject = newSubject();
  const ids = await Promise.all(
    Array.from({ length: 1_000 }, () => registry.register(subject, record('Once', 'a'), PLAIN)),
  );
  t.equal(new Set(ids).size, 1);
  await registry.register(subject, record('Once', 'a'), PLAIN);
  t.strictSame(proxy.requests, [`POST /subjects/${subject}/versions`]);
});

t.test('an incompatible schema is refused with the subject, the reason and what to do', { skip }, async (t) => {
  const registry = client(t, { 'schema.registry.url': url });
  const subject = newSubject();
  await registry.register(subject, record('Trade', 'a'), PLAIN);
  const refused = registry.register(subject, record('Trade', 'b'), PLAIN);
  await t.rejects(refused, DataError);
  await t.rejects(refused, { message: new RegExp(`subject '${subject}' \\(HTTP 409.*compatibility level`) });
  await t.rejects(registry.byId(987_654_321), {
    name: 'DataError',
    message: /schema with id 987654321 \(HTTP 404, error code 40403/,
  });
});

t.test('credentials go in the header, from the address or from the keys, and into no message', { skip }, async (t) => {
  const proxy = await registryProxy(t, url);
  const basic = `Basic ${Buffer.from('ann:s3cr=t').toString('base64')}`;
  proxy.intercept = ({ headers }, outgoing) =>
    headers.authorization !== basic &&
    headers.authorization !== 'Bearer t0ken' &&
    refuse(outgoing, 401, { message: 'no' });
  const withUser = proxy.url.replace('//', '//ann:s3cr%3Dt@');
  const accepted: readonly Props[] = [
    { 'schema.registry.url': withUser },
    {
      'schema.registry.url': proxy.url,
      'basic.auth.credentials.source': 'USER_INFO',
      'basic.auth.user.info': 'ann:s3cr=t',
    },
    {
      'schema.registry.url': proxy.url,
      'basic.auth.credentials.source': 'USER_INFO',
      'schema.registry.basic.auth.user.info': 'ann:s3cr=t',
    },
    { 'schema.registry.url': proxy.url, 'bearer.auth.token': 't0ken' },
  ];
  for (const props of accepted) t.type(await client(t, props).register(newSubject(), record('Auth'), PLAIN), 'number');

  const wrong = client(t, { 'schema.registry.url': proxy.url.replace('//', '//ann:wr0ng@') });
  const error = await wrong.register(newSubject(), record('Auth'), PLAIN).catch((error: Error) => error);
  t.ok(error instanceof ConfigError);
  t.match((error as Error).message, /HTTP 401.*basic\.auth\.user\.info/);
  t.notMatch((error as Error).message, /wr0ng|ann/);
  t.throws(() => client(t, { 'schema.registry.url': url, 'basic.auth.credentials.source': 'USER_INFO' }), {
    name: 'ConfigError',
    message: /basic\.auth\.user\.info is missing/,
  });
});

t.test('what fails for now is repeated, and is retriable in the end', { skip }, async (t) => {
  const proxy = await registryProxy(t, url);
  let failures = 2;
  proxy.intercept = (_incoming, outgoing) =>
    failures-- > 0 && refuse(outgoing, 503, { error_code: 50003, message: 'busy' });
  const registry = client(t, { 'schema.registry.url': proxy.url });
  t.type(await registry.register(newSubject(), record('Later'), PLAIN), 'number');
  t.equal(proxy.requests.length, 3);

  failures = Number.POSITIVE_INFINITY;
  const refused = registry.register(newSubject(), record('Never'), PLAIN);
  await t.rejects(refused, RetriableError);
  await t.rejects(refused, { message: /HTTP 503, error code 50003: busy.*errors\.retry\.timeout/ });
  failures = 0;
  t.type(await registry.register(newSubject(), record('Never'), PLAIN), 'number', 'a failure is not remembered');
});

t.test('another registry of the list takes over from one that is gone', { skip }, async (t) => {
  const [first, second] = [await registryProxy(t, url), await registryProxy(t, url)];
  const registry = client(t, { 'schema.registry.url': `${first.url},${second.url}` });
  await registry.register(newSubject(), record('A'), PLAIN);
  await first.close();
  await registry.register(newSubject(), record('B'), PLAIN);
  t.strictSame([first.requests.length, second.requests.length], [1, 1]);
  await second.close();
  await t.rejects(registry.register(newSubject(), record('C'), PLAIN), {
    name: 'RetriableError',
    message: /cannot be reached \(.*ECONNREFUSED/,
  });
});

t.test('a registry that says nothing is given up', { skip }, async (t) => {
  const proxy = await registryProxy(t, url);
  proxy.intercept = () => true;
  const registry = client(t, { 'schema.registry.url': proxy.url, 'http.read.timeout.ms': '50', 'max.retries': '0' });
  await t.rejects(registry.byId(1), { name: 'RetriableError', message: /no answer within 50 ms/ });
});

t.test('closing ends what is under way', { skip }, async (t) => {
  const proxy = await registryProxy(t, url);
  proxy.intercept = () => true;
  const registry = client(t, { 'schema.registry.url': proxy.url });
  const asked = registry.byId(1);
  while (proxy.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  registry.close();
  await t.rejects(asked, { message: /the converter was closed/ });
});

t.test('a wrong path is told from a missing schema', { skip }, async (t) => {
  const registry = client(t, { 'schema.registry.url': `${new URL(url).origin}/apis` });
  await t.rejects(registry.byId(1), { message: /path of the registry may be missing, such as \/apis\/ccompat\/v7/ });
});

t.test('the latest version is asked for again when its time is over', { skip }, async (t) => {
  const proxy = await registryProxy(t, url);
  const registry = client(t, { 'schema.registry.url': proxy.url, 'latest.cache.ttl.sec': '0' });
  const subject = newSubject();
  await registry.register(subject, record('V'), PLAIN);
  await registry.latest(subject);
  await registry.latest(subject);
  t.equal(proxy.requests.filter((one) => one.endsWith('/latest')).length, 2);
});

t.test('TLS with a certificate of our own trust', { skip: skip || (await skipWithoutOpenssl()) }, async (t) => {
  const files = await certificate(tempDir(t), 'registry');
  const cert = readFileSync(files.cert, 'utf8');
  const proxy = await registryProxy(t, url, { cert, key: readFileSync(files.key) });
  const trusting = client(t, {
    'schema.registry.url': proxy.url,
    'schema.registry.ssl.truststore.type': 'PEM',
    'schema.registry.ssl.truststore.certificates': cert,
  });
  t.type(await trusting.register(newSubject(), record('Tls'), PLAIN), 'number');
  const doubting = client(t, { 'schema.registry.url': proxy.url, 'max.retries': '0' });
  await t.rejects(doubting.byId(1), { message: /certificate/ });
  t.throws(() => client(t, { 'schema.registry.url': proxy.url, 'schema.registry.ssl.truststore.location': '/x.jks' }), {
    name: 'ConfigError',
    message: /Truststores of type JKS cannot be read.*keytool/,
  });
});

t.test('through an HTTP proxy', { skip }, async (t) => {
  const proxy = await registryProxy(t, new URL(url).origin);
  // What comes to a proxy has the whole address.
  proxy.intercept = (incoming) => {
    incoming.url = new URL(incoming.url!).pathname;
    return false;
  };
  const { hostname, port } = new URL(proxy.url);
  const registry = client(t, { 'schema.registry.url': url, 'proxy.host': hostname, 'proxy.port': port });
  t.type(await registry.register(newSubject(), record('Via'), PLAIN), 'number');
  t.match(proxy.requests[0], /^POST http:/);
});

t.test('an address that is none is refused, and not shown where it holds a password', (t) => {
  const { errors } = parseConfig(clientKeys, { 'schema.registry.url': 'http://localhost:8081,localhost' });
  t.match(errors.get('schema.registry.url'), [/must be an address such as/]);
  const error = t.throws(() => client(t, { 'schema.registry.url': 'http//ann:s3cret@host' }), ConfigError) as Error;
  t.match(error.message, /schema\.registry\.url \(not shown\): must be an address/);
  t.end();
});
