import { Client } from 'cassandra-driver';
import t from 'tap';
import { exists } from '../src/cache.ts';
import { takesLogin } from '../src/cql.ts';
import { cassandra, ServiceStartError, sharedCassandra, skipUnlessAvailable } from '../src/index.ts';
import { processExists } from './until.ts';

const skip = await skipUnlessAvailable('cassandra');
const GIGABYTE = 1024 ** 3;

const plain = (port: number) => ({ port, credentials: undefined, tls: undefined });

t.test('a Cassandra takes clients when cassandra() resolves, and stop() leaves nothing behind', { skip }, async (t) => {
  const server = await cassandra({ jit: 'quick' });
  t.match(server, { contactPoint: '127.0.0.1', localDc: 'datacenter1', credentials: undefined, tls: undefined });
  t.equal(server.address, `127.0.0.1:${server.port}`);
  t.ok(await takesLogin(plain(server.port)));
  if (process.platform === 'linux') t.ok(server.usage()!.peakRssBytes < GIGABYTE, 'it is small');
  await server.stop();
  t.notOk(processExists(server.pid));
  t.notOk(await exists(server.dataDir), 'the data folder is removed');
});

t.test('what a Cassandra has acknowledged survives a kill, on the same port', { skip }, async (t) => {
  await using server = await cassandra({ jit: 'quick' });
  const { address, pid } = server;
  const client = new Client({ contactPoints: [address], localDataCenter: server.localDc });
  await client.execute("CREATE KEYSPACE k WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
  await client.execute('CREATE TABLE k.prices (symbol text PRIMARY KEY, price double)');
  const insert = 'INSERT INTO k.prices (symbol, price) VALUES (?, ?)';
  for (let i = 0; i < 100; i++) await client.execute(insert, [`S${i}`, i], { prepare: true });
  // The driver does not let go of a node that comes back under another id, and so of the process.
  await client.shutdown();
  await server.kill();
  t.notOk(processExists(pid));

  await server.restart();
  t.equal(server.address, address);
  t.not(server.pid, pid);
  const again = new Client({ contactPoints: [address], localDataCenter: server.localDc });
  t.teardown(() => again.shutdown());
  const { rows } = await again.execute('SELECT count(*) AS rows FROM k.prices');
  t.equal(Number(rows[0]!['rows']), 100);
});

t.test('with passwords and TLS only those come in who have both', { skip }, async (t) => {
  await using server = await cassandra({ jit: 'quick', auth: true, tls: 'mutual' });
  const { port, credentials } = server;
  const tls = server.tls!;
  t.ok(await takesLogin({ port, credentials, tls }));
  t.notOk(await takesLogin({ port, credentials: { username: 'cassandra', password: 'wrong' }, tls }));
  await t.rejects(takesLogin({ port, credentials, tls: undefined }), 'without TLS');
  t.match(await server.restart().then(() => takesLogin({ port, credentials, tls })), true, 'also after a restart');
});

t.test('a Cassandra that cannot start is an error that ends with its log', { skip }, async (t) => {
  const started = cassandra({ jit: 'quick', settings: { no_such_setting: true } });
  await t.rejects(started, ServiceStartError);
  await t.rejects(started, /no_such_setting/);
});

t.test('an address in the environment is used', async (t) => {
  t.teardown(() => delete process.env.TRIBUTARY_TEST_CASSANDRA);
  process.env.TRIBUTARY_TEST_CASSANDRA = 'cassandra.example:9042';
  t.same(await sharedCassandra(), { contactPoint: 'cassandra.example', port: 9042, localDc: 'datacenter1' });
});
