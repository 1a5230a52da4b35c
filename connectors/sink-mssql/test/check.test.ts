import { type AddressInfo, createServer } from 'node:net';
import { type Props, parseConfig } from '@tributary/api';
import { freePorts, sqlServer } from '@tributary/services';
import t from 'tap';
import { checkConfig } from '../src/check.ts';
import { sinkConfig } from '../src/config.ts';

const server = await sqlServer();
t.teardown(() => server.stop());
const { host, port, user, password, database } = server;
const at: Props = {
  'connection.host': host,
  'connection.port': String(port),
  'connection.user': user,
  'connection.password': password,
  'connection.database': database,
  'connection.url': 'jdbc:sqlserver://;encrypt=false',
};

/** What is reported, by key. */
async function reported(props: Props): Promise<Record<string, string>> {
  const { config, errors } = parseConfig(sinkConfig, props);
  if (errors.size > 0) throw new Error([...errors.values()].flat().join('\n'));
  const found: Record<string, string> = {};
  const report = (key: string, message: string): void => {
    found[key] = message;
  };
  await checkConfig(config, report, new AbortController().signal, props);
  return found;
}

t.test('a config that fits has no errors', async (t) => {
  t.strictSame(await reported({ ...at, topics: 'fine', 'auto.create': 'true' }), {});
});

t.test('keys that do not fit each other', async (t) => {
  t.match(await reported({ ...at, 'insert.mode': 'upsert' }), { 'pk.mode': /set pk\.mode to record_key/ });
  t.match(await reported({ ...at, 'delete.enabled': 'true' }), {
    'pk.mode': /must be 'record_key' when delete support/,
  });
  t.match(await reported({ ...at, 'pk.mode': 'kafka', 'pk.fields': 'a,b' }), {
    'pk.fields': /exactly three, and not a, b/,
  });
  t.match(await reported({ ...at, 'table.name.format': 'a.b.c.${topic}' }), { 'table.name.format': /schema\.table/ });
});

t.test('a server that cannot be reached is an error on what names it', async (t) => {
  const [closed] = await freePorts(1);
  t.match(await reported({ ...at, 'connection.port': String(closed) }), {
    'connection.host': /ECONNREFUSED.*Check the host and the port/s,
  });
  t.match(await reported({ ...at, 'connection.host': 'no.such.host.invalid' }), {
    'connection.host': /no\.such\.host\.invalid/,
  });
  const { 'connection.host': _, 'connection.port': __, ...rest } = at;
  t.match(await reported({ ...rest, 'connection.url': `jdbc:sqlserver://${host}:${closed};encrypt=false` }), {
    'connection.url': /Check the host/,
  });
});

t.test('tables of topics that a transform renames are not looked for', async (t) => {
  const routed = { ...at, topics: 'a', transforms: 'r', 'transforms.r.type': 'RegexRouter' };
  t.strictSame(await reported(routed), {});
  t.match(await reported({ ...routed, 'transforms.r.type': 'InsertField$Value' }), { 'table.name.format': /no table/ });
});

t.test('a port where something else answers is an error, too', async (t) => {
  // As Cassandra does: a packet that is not the last, and no other.
  const answer = Buffer.concat([Buffer.from('8500003a', 'hex'), Buffer.alloc(54)]);
  const other = createServer((socket) => {
    socket.on('error', () => {}).once('data', () => socket.write(answer));
  });
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  t.teardown(() => other.close());
  const { port: elsewhere } = other.address() as AddressInfo;
  t.match(await reported({ ...at, 'connection.port': String(elsewhere), topics: 't' }), {
    'connection.host': /Cannot log in to 127\.0\.0\.1.*Check the host and the port/s,
  });
});

t.test('a login or a database that is not there', async (t) => {
  t.match(await reported({ ...at, 'connection.password': 'wrong' }), {
    'connection.user': /Login failed.*Check connection\.user and connection\.password/s,
  });
  t.match(await reported({ ...at, 'connection.database': 'nowhere' }), {
    'connection.database': /nowhere.*Check the name of the database/s,
  });
});

t.test('tables and columns that are not there', async (t) => {
  t.match(await reported({ ...at, topics: 'a,absent' }), {
    'table.name.format': /no table \[dbo\]\.\[absent\] for topic absent.*auto\.create=true/s,
  });
  t.match(await reported({ ...at, topics: 'x', 'auto.create': 'true', 'table.name.format': 'nix.${topic}' }), {
    'table.name.format': /no schema nix/,
  });
  await runSql('CREATE TABLE there (id int NOT NULL PRIMARY KEY, n int)');
  const there = { ...at, topics: 'there' };
  t.strictSame(await reported(there), {});
  t.match(await reported({ ...there, 'pk.mode': 'record_value', 'pk.fields': 'id,x' }), {
    'pk.fields': /no column x.*it has id, n/s,
  });
  t.match(await reported({ ...there, 'pk.mode': 'kafka' }), { 'pk.fields': /__connect_topic/ });
  t.match(await reported({ ...there, 'fields.whitelist': 'n,m' }), { 'fields.whitelist': /no column m/ });
});

t.test('permissions that the mode needs', async (t) => {
  await runSql('CREATE TABLE guarded (id int NOT NULL PRIMARY KEY)');
  server.deny('UPDATE', 'dbo.guarded');
  server.deny('DELETE', 'dbo.guarded');
  const props = { ...at, topics: 'guarded', 'insert.mode': 'upsert', 'pk.mode': 'record_key', 'pk.fields': 'id' };
  t.match(await reported(props), { 'connection.user': /lacks UPDATE on table \[dbo\]\.\[guarded\]: GRANT UPDATE/ });
  t.match(await reported({ ...props, 'delete.enabled': 'true' }), { 'connection.user': /lacks UPDATE, DELETE/ });
  server.deny('CREATE TABLE');
  t.match(await reported({ ...at, topics: 'new', 'auto.create': 'true' }), { 'connection.user': /GRANT CREATE TABLE/ });
  t.match(await reported({ ...at, topics: 'there', delivery: 'exactly_once' }), {
    'connection.user': /tributary_offsets/,
  });
});

t.test('no message shows the password', async (t) => {
  const props = { ...at, 'connection.password': 'S3cret!x' };
  for (const port of [at['connection.port']!, '1']) {
    const found = JSON.stringify(await reported({ ...props, 'connection.port': port }));
    t.match(found, /Cannot log in/);
    t.notMatch(found, /S3cret/);
  }
});

t.test('the server understood everything', async (t) => {
  t.strictSame(server.refused, []);
});

async function runSql(sql: string): Promise<void> {
  const { Session } = await import('../src/connection/session.ts');
  const { serverOptions } = await import('../src/connection/options.ts');
  const { config } = parseConfig(sinkConfig, at);
  const session = await Session.open(serverOptions(config, at));
  await session.batch(sql);
  await session.close();
}
