import { readFile } from 'node:fs/promises';
import type { Props } from '@tributary/api';
import { configErrors } from '@tributary/api/testing';
import { cassandra, freePorts, skipUnlessAvailable } from '@tributary/services';
import { Client } from 'cassandra-driver';
import t from 'tap';
import cassandraSink from '../src/index.ts';
import { testStore } from './support/store.ts';

const skip = await skipUnlessAvailable('cassandra');

/** What config/validate shows, by key. */
async function errors(props: Props): Promise<Record<string, string>> {
  const found = Object.entries(await configErrors(cassandraSink, props));
  return Object.fromEntries(found.map(([key, messages]) => [key, messages.join('\n')]));
}

t.test('wrong settings are said before anything is connected', async (t) => {
  const props = { topics: 't', port: '1', 'loadBalancing.localDc': 'dc1', contactPoints: '127.0.0.1' };
  t.match(await errors({ ...props, 'topic.t.ks.tb.mapping': 'a=price' }), {
    'topic.t.ks.tb.mapping':
      /Invalid value a=price for configuration topic.t.ks.tb.mapping: 'price' is no field of a record/,
  });
  t.match(
    await errors({
      ...props,
      'topic.t.ks.tb.mapping': 'a=key',
      'topic.t.ks.tb.ttl': 'x',
      'topic.t.ks.tb.consistencyLevel': 'SOME',
      'topic.t.ks.tb.timestampTimeUnit': 'AGES',
      'topic.t.ks.tb.nullToUnset': 'perhaps',
      'topic.t.ks.tb.query': 'INSERT',
      'topic.t.ks.mapping': 'a=key',
      'topic.t.codec.unit': 'x',
    }),
    {
      'topic.t.ks.tb.ttl': /must be a whole number/,
      'topic.t.ks.tb.consistencyLevel': /must be one of ANY, ONE/,
      'topic.t.ks.tb.timestampTimeUnit': /must be one of NANOSECONDS/,
      'topic.t.ks.tb.nullToUnset': /must be true or false/,
      'topic.t.ks.tb.query': /cannot be had: .* Use topic.t.ks.tb.mapping/,
      'topic.t.ks.mapping': /is no setting of this connector/,
      'topic.t.codec.unit': /must be one of/,
    },
  );
  t.match(await errors(props), { topics: /Nothing says where the records of topic t go: set keyspace/ });
});

t.test('a cluster that does not answer', async (t) => {
  const [port] = await freePorts(1);
  const props = {
    topics: 't',
    keyspace: 'k',
    port: String(port),
    'loadBalancing.localDc': 'dc1',
    contactPoints: '127.0.0.1',
  };
  t.match(await errors(props), {
    contactPoints:
      /Cassandra cannot be reached at 127.0.0.1 \(port \d+\): .*ECONNREFUSED.*Check contactPoints and port/s,
  });
  t.match(await errors({ ...props, contactPoints: 'no.such.host.invalid' }), { contactPoints: /no.such.host.invalid/ });
});

t.test('a data center, a keyspace, a table and a column that are not there', { skip }, async (t) => {
  await using store = await testStore();
  await store.cql('CREATE TABLE t (id int, "at" int, price double, PRIMARY KEY (id, "at"))');
  await store.cql('CREATE TABLE hits (id int PRIMARY KEY, n counter)');
  const { localDc } = store.address;
  const props = { ...store.props, topics: 't' };
  t.same(await errors(props), {});
  t.match(await errors({ ...props, 'loadBalancing.localDc': 'nowhere' }), {
    'loadBalancing.localDc': new RegExp(`nowhere.*${localDc}`, 's'),
  });
  t.match(await errors({ ...props, 'loadBalancing.localDc': '' }), {
    'loadBalancing.localDc': `there is '${localDc}'`,
  });
  t.match(await errors({ ...props, keyspace: 'nowhere' }), {
    keyspace: new RegExp(`Keyspace 'nowhere' does not exist \\(but .*'${store.keyspace}'`),
  });
  t.match(await errors({ ...props, topics: 'u' }), {
    'table.name.format': /Table "test_\w+"\."u" does not exist: create it/,
  });
  t.same(await errors({ ...props, topics: 'u', 'auto.create': 'true' }), {});
  t.match(await errors({ ...props, topics: 'market.u', 'auto.create': 'true' }), {
    'table.name.format': /"market.u" for topic market.u cannot be created: Cassandra wants letters, digits and _/,
  });
  t.match(await errors({ ...props, topics: 'u', keyspace: 'my-own', 'auto.create': 'true' }), {
    keyspace: /Keyspace 'my-own' cannot be created/,
  });
  const routed = { topics: 'u', transforms: 'r', 'transforms.r.type': 'RegexRouter' };
  t.same(await errors({ ...props, ...routed }), {}, 'which table it will be is not known yet');
  const key = store.key('t', 't');
  t.match(await errors({ ...props, [store.key('t', 'u')]: 'id=key' }), { [store.key('t', 'u')]: /"u" does not exist/ });
  t.match(await errors({ ...props, [key]: 'id=key, Price=value.price, x=value.x' }), {
    [key]:
      /has no column 'Price', 'x' \(but 'price': the mapping minds the case\). Its columns are 'at', 'id', 'price'/,
  });
  t.match(await errors({ ...props, [key]: 'id=key, price=value.price' }), {
    [key]: /The primary key of table "test_\w+"\."t" needs 'at', which the mapping does not give: add at=value.at/,
  });
  t.match(await errors({ ...props, [key]: 'id=key, at=now()' }), {
    [key]: /now\(\) is a timeuuid, and column 'at' holds int/,
  });
  const hits = store.key('t', 'hits');
  t.match(await errors({ ...props, [hits]: 'id=key, n=value.n' }), {
    [hits]: /counts in column 'n': counters cannot be written/,
  });
});

t.test('logins and TLS', { skip, timeout: 180_000 }, async (t) => {
  await using server = await cassandra({ jit: 'quick', auth: true, tls: true });
  const tls = server.tls!;
  const props = {
    topics: 't',
    keyspace: 'system_auth',
    'table.name.format': 'roles',
    contactPoints: 'localhost',
    port: String(server.port),
    'loadBalancing.localDc': server.localDc,
  };
  const trusted = { ...props, 'ssl.provider': 'JDK', 'ssl.truststore.path': tls.ca };
  const login = { 'auth.username': server.credentials!.username, 'auth.password': server.credentials!.password };
  t.same(await errors({ ...trusted, ...login }), {});
  const options = {
    contactPoints: [`localhost:${server.port}`],
    localDataCenter: server.localDc,
    credentials: server.credentials!,
    sslOptions: { ca: [await readFile(tls.ca)] },
  };
  await using admin = Object.assign(new Client(options), {
    [Symbol.asyncDispose](this: Client) {
      return this.shutdown();
    },
  });
  await admin.execute("CREATE ROLE reader WITH PASSWORD = 'r' AND LOGIN = true");
  t.match(await errors({ ...trusted, 'auth.username': 'reader', 'auth.password': 'r' }), {
    'auth.username':
      /'reader' may not write .* no MODIFY permission .*GRANT MODIFY ON "system_auth"."roles" TO "reader"/,
  });
  t.match(await errors({ ...trusted, ...login, 'auth.password': 'wrong' }), {
    'auth.password': /refuses the login of 'cassandra': check auth.username and auth.password/,
  });
  t.match(await errors(trusted), { 'auth.provider': /asks for a login: set auth.provider=PLAIN/ });
  t.match(await errors({ ...trusted, ...login, 'ssl.truststore.path': '' }), {
    'ssl.truststore.path': /is not trusted: .*Set ssl.truststore.path to a PEM file/s,
  });
  t.match(await errors({ ...trusted, ...login, 'ssl.truststore.path': '/no/such/file' }), {
    'ssl.truststore.path': /\/no\/such\/file/,
  });
  t.ok(
    (await errors({ ...props, ...login }))['ssl.provider'] ?? (await errors({ ...props, ...login }))['contactPoints'],
  );
  const mutual = { ...trusted, ...login, 'ssl.keystore.path': tls.clientStore, 'ssl.keystore.password': tls.password };
  t.same(await errors(mutual), {}, 'with a certificate of its own as well');
  t.match(await errors({ ...trusted, ...login, 'auth.provider': 'GSSAPI' }), { 'auth.provider': /speaks no Kerberos/ });
});
