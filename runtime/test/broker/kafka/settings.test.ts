import { join } from 'node:path';
import { ConfigError } from '@tributary/api';
import t from 'tap';
import { consumerSettings } from '../../../src/broker/kafka/consumer-settings.ts';
import { producerSettings } from '../../../src/broker/kafka/producer-settings.ts';
import { clientSettings } from '../../../src/broker/kafka/settings.ts';
import { parseJaas } from '../../../src/config/jaas.ts';

const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule';
const base = { 'bootstrap.servers': 'a:9092' };
const client = (configs: Record<string, string>) => clientSettings({ ...base, ...configs }, 'me');

t.test('defaults are those of Kafka', async (t) => {
  t.match(client({}), {
    bootstrap: [{ host: 'a', port: 9092 }],
    clientId: 'me',
    tls: undefined,
    sasl: undefined,
    requestTimeoutMs: 30_000,
    apiTimeoutMs: 60_000,
    metadataMaxAgeMs: 300_000,
    backoff: { firstMs: 100, maxMs: 1_000 },
  });
});

t.test('bootstrap servers may be several, with a listener name or an IPv6 address', async (t) => {
  const { bootstrap } = client({ 'bootstrap.servers': ' a:1, PLAINTEXT://b.c:2 ,[::1]:3' });
  t.strictSame(bootstrap, [
    { host: 'a', port: 1 },
    { host: 'b.c', port: 2 },
    { host: '::1', port: 3 },
  ]);
});

t.test('values that do not fit are refused by the name of their key', async (t) => {
  const jks = join(t.testdir({ 'store.jks': Buffer.from('feedfeed00000002', 'hex') }), 'store.jks');
  const cases: [Record<string, string>, RegExp][] = [
    [{ 'bootstrap.servers': '' }, /bootstrap\.servers/],
    [{ 'bootstrap.servers': 'a' }, /bootstrap\.servers: must be host:port/],
    [{ 'bootstrap.servers': 'a:99999' }, /bootstrap\.servers/],
    [{ 'request.timeout.ms': 'soon' }, /soon for configuration request\.timeout\.ms/],
    [{ 'security.protocol': 'TLS' }, /security\.protocol/],
    [{ 'security.protocol': 'SASL_PLAINTEXT' }, /GSSAPI for configuration sasl\.mechanism/],
    [{ 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'PLAIN' }, /sasl\.jaas\.config/],
    [{ 'security.protocol': 'SSL', 'ssl.truststore.location': '/x.jks' }, /keytool -exportcert/],
    [
      { 'security.protocol': 'SSL', 'ssl.keystore.location': '/x.jks' },
      /\/x\.jks for configuration ssl\.keystore\.location/,
    ],
    [{ 'security.protocol': 'SSL', 'ssl.keystore.location': jks }, /keytool -importkeystore/],
    [
      { 'security.protocol': 'SSL', 'ssl.truststore.location': '/x', 'ssl.truststore.type': 'PEM' },
      /ssl\.truststore\.location/,
    ],
    [{ 'security.protocol': 'SSL', 'ssl.endpoint.identification.algorithm': 'ldaps' }, /identification/],
    [{ 'security.protocol': 'SSL', 'ssl.enabled.protocols': 'SSLv3' }, /ssl\.enabled\.protocols/],
  ];
  for (const [configs, message] of cases) {
    t.throws(() => client(configs), ConfigError);
    t.throws(() => client(configs), { message });
  }
});

t.test('a login module is read with quotes, escapes and bare words', async (t) => {
  const { module, options } = parseJaas(`${PLAIN} required username="a b" password='p;"=\\'x' debug=true;`);
  t.equal(module, PLAIN);
  t.strictSame(
    [...options],
    [
      ['username', 'a b'],
      ['password', `p;"='x`],
      ['debug', 'true'],
    ],
  );
});

t.test('a wrong login module is told without its secrets', async (t) => {
  for (const value of [
    `${PLAIN} required username="u" password="hunter2"`,
    `${PLAIN} required username="u" password "hunter2";`,
    `${PLAIN} username="u" password="hunter2";`,
    `${PLAIN} required username="u" password="hunter2;`,
    `${PLAIN} required password="hunter2";`,
    'some.OtherModule required username="u" password="hunter2";',
  ]) {
    const configs = { 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'PLAIN', 'sasl.jaas.config': value };
    try {
      client(configs);
      t.fail('it is refused');
    } catch (error) {
      t.match(error, { message: /sasl\.jaas\.config/ });
      t.notMatch(String(error), /hunter2/);
    }
  }
});

t.test('producer overrides win over options', async (t) => {
  const settings = producerSettings({
    clientId: 'c',
    batchBytes: 5_000,
    overrides: { 'batch.size': '9000', 'linger.ms': '5', 'compression.type': 'LZ4', 'delivery.timeout.ms': '1000' },
  });
  t.match(settings, {
    batchBytes: 9_000,
    lingerMs: 5,
    compression: 'lz4',
    deliveryTimeoutMs: 1_000,
    idempotent: true,
    acks: -1,
  });
  t.equal(producerSettings({ clientId: 'c' }).deliveryTimeoutMs, Number.POSITIVE_INFINITY);
  t.equal(
    producerSettings({ clientId: 'c', deliveryTimeoutMs: 2_147_483_647 }).deliveryTimeoutMs,
    Number.POSITIVE_INFINITY,
  );
});

t.test('acks below all give up idempotence, and none is refused', async (t) => {
  const of = (overrides: Record<string, string>, transactionalId?: string) =>
    producerSettings({ clientId: 'c', overrides, ...(transactionalId !== undefined && { transactionalId }) });
  t.match(of({ acks: '-1' }), { acks: -1, idempotent: true });
  t.match(of({ acks: '1' }), { acks: 1, idempotent: false });
  t.match(of({ 'enable.idempotence': 'false' }), { acks: -1, idempotent: false });
  t.throws(() => of({ acks: '0' }), { message: /acks/ });
  t.throws(() => of({ acks: '1', 'enable.idempotence': 'true' }), { message: /enable\.idempotence/ });
  t.throws(() => of({ acks: '1' }, 'tx'), { message: /exactly-once/ });
});

t.test('consumer overrides win over options', async (t) => {
  const settings = consumerSettings({
    clientId: 'c',
    groupId: 'g',
    topics: ['t'],
    sessionTimeoutMs: 9_000,
    overrides: {
      'auto.offset.reset': 'latest',
      'isolation.level': 'read_uncommitted',
      'session.timeout.ms': '8000',
      'partition.assignment.strategy':
        'org.apache.kafka.clients.consumer.CooperativeStickyAssignor, org.apache.kafka.clients.consumer.RoundRobinAssignor',
    },
  });
  t.match(settings, {
    autoOffsetReset: 'latest',
    isolation: 'read_uncommitted',
    sessionTimeoutMs: 8_000,
    assignors: ['roundrobin'],
  });
  const of = (overrides: Record<string, string>) => () => consumerSettings({ clientId: 'c', groupId: 'g', overrides });
  t.throws(of({ 'heartbeat.interval.ms': '60000' }), { message: /heartbeat\.interval\.ms/ });
  t.throws(of({ 'partition.assignment.strategy': 'my.Own' }), { message: /partition\.assignment\.strategy/ });
  t.throws(of({ 'auto.offset.reset': 'middle' }), { message: /auto\.offset\.reset/ });
});
