import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePorts, javaRun, kafka, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { openKafka } from '../../../src/broker/kafka/index.ts';

t.test('secured connections', { skip: await skipUnlessAvailable('kafka') }, async (t) => {
  const run = promisify(execFile);
  const folder = await mkdtemp(join(tmpdir(), 'tributary-security-'));
  const PASSWORD = 'keystore-secret';
  const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule';
  const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule';
  const OAUTH = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule';

  /** A key pair with a certificate for localhost in a keystore, and the certificate as PEM. */
  async function keyPair(name: string): Promise<{ store: string; pem: string }> {
    const store = join(folder, `${name}.p12`);
    const pem = join(folder, `${name}.pem`);
    const common = ['-keystore', store, '-storepass', PASSWORD, '-alias', name];
    const subject = ['-dname', `CN=${name}`, '-ext', 'SAN=dns:localhost'];
    await run('keytool', [
      '-genkeypair',
      '-keyalg',
      'EC',
      '-storetype',
      'PKCS12',
      '-validity',
      '2',
      ...subject,
      ...common,
    ]);
    await run('keytool', ['-exportcert', '-rfc', '-file', pem, ...common]);
    return { store, pem };
  }

  const [server, client, stranger] = [await keyPair('server'), await keyPair('client'), await keyPair('stranger')];
  const trust = join(folder, 'trust.p12');
  await run('keytool', [
    '-importcert',
    '-noprompt',
    '-file',
    client.pem,
    '-keystore',
    trust,
    '-storepass',
    PASSWORD,
    '-alias',
    'client',
    '-storetype',
    'PKCS12',
  ]);

  const [port, controller, ssl, sasl, saslSsl] = (await freePorts(5)) as [number, number, number, number, number];
  const listeners = (host: string) =>
    `PLAINTEXT://${host}:${port},SSL://${host}:${ssl},SASL://${host}:${sasl},SASLSSL://${host}:${saslSsl}`;
  const jaas = {
    plain: `${PLAIN} required user_alice="alice-secret";`,
    scram: `${SCRAM} required;`,
    oauth: `${OAUTH} required unsecuredLoginStringClaim_sub="broker";`,
  };
  const saslListener = (name: string) => ({
    [`listener.name.${name}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    [`listener.name.${name}.plain.sasl.jaas.config`]: jaas.plain,
    [`listener.name.${name}.scram-sha-256.sasl.jaas.config`]: jaas.scram,
    [`listener.name.${name}.scram-sha-512.sasl.jaas.config`]: jaas.scram,
    [`listener.name.${name}.oauthbearer.sasl.jaas.config`]: jaas.oauth,
  });
  const broker = await kafka({
    port,
    jit: 'quick',
    properties: {
      'controller.quorum.voters': `1@127.0.0.1:${controller}`,
      listeners: `${listeners('127.0.0.1')},CONTROLLER://127.0.0.1:${controller}`,
      'advertised.listeners': listeners('localhost'),
      'listener.security.protocol.map':
        'PLAINTEXT:PLAINTEXT,SSL:SSL,SASL:SASL_PLAINTEXT,SASLSSL:SASL_SSL,CONTROLLER:PLAINTEXT',
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.location': server.store,
      'ssl.keystore.password': PASSWORD,
      'ssl.truststore.type': 'PKCS12',
      'ssl.truststore.location': trust,
      'ssl.truststore.password': PASSWORD,
      'listener.name.ssl.ssl.client.auth': 'required',
      'listener.name.saslssl.ssl.client.auth': 'none',
      ...saslListener('sasl'),
      ...saslListener('saslssl'),
    },
  });
  for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512']) {
    const change = [
      '--alter',
      '--add-config',
      `${mechanism}=[password=bob-secret]`,
      '--entity-type',
      'users',
      '--entity-name',
      'bob',
    ];
    await javaRun({
      mainClass: 'org.apache.kafka.tools.ConfigCommand',
      args: ['--bootstrap-server', `127.0.0.1:${port}`, ...change],
    }).catch(() =>
      javaRun({ mainClass: 'kafka.admin.ConfigCommand', args: ['--bootstrap-server', `127.0.0.1:${port}`, ...change] }),
    );
  }
  t.teardown(async () => {
    await broker.stop();
    await rm(folder, { recursive: true });
  });

  const QUICK = { 'default.api.timeout.ms': '4000', 'retry.backoff.ms': '50' };
  const trustServer = { 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': server.pem };

  /** Lists topics over the connection, and says what came of it. */
  async function works(configs: Record<string, string>): Promise<string> {
    const opened = await openKafka({ configs: { ...QUICK, ...configs }, clientId: 'security' });
    try {
      await opened.topics.list();
      await opened.topics.create({ name: `t${performance.now()}`, partitions: 1, replicationFactor: 1, configs: {} });
      return 'works';
    } finally {
      await opened.close();
    }
  }

  await t.test('TLS with a client certificate from a PKCS12 keystore', async (t) => {
    const configs = {
      'bootstrap.servers': `localhost:${ssl}`,
      'security.protocol': 'SSL',
      ...trustServer,
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.location': client.store,
      'ssl.keystore.password': PASSWORD,
    };
    t.equal(await works(configs), 'works');
    await t.rejects(works({ ...configs, 'ssl.keystore.password': 'not it' }), {
      name: 'ConfigError',
      message: /ssl\.\*/,
    });
  });

  await t.test('TLS with certificates and key as PEM in the config itself', async (t) => {
    const { stdout } = await run('openssl', [
      'pkcs12',
      '-in',
      client.store,
      '-passin',
      `pass:${PASSWORD}`,
      '-nodes',
      '-nocerts',
    ]).catch(() => ({ stdout: '' }));
    if (stdout === '') {
      t.comment('skipped: there is no openssl to export the key with');
      return;
    }
    const configs = {
      'bootstrap.servers': `localhost:${ssl}`,
      'security.protocol': 'SSL',
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.certificates': await readFile(server.pem, 'utf8'),
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.key': stdout,
      'ssl.keystore.certificate.chain': await readFile(client.pem, 'utf8'),
    };
    t.equal(await works(configs), 'works');
  });

  await t.test('a broker whose certificate is not trusted is refused at once', async (t) => {
    const configs = { 'bootstrap.servers': `localhost:${saslSsl}`, 'security.protocol': 'SSL' };
    await t.rejects(works({ ...configs, 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': stranger.pem }), {
      code: 'SSL_HANDSHAKE_FAILED',
    });
  });

  await t.test('the host name is checked unless that is switched off', async (t) => {
    const configs = {
      'bootstrap.servers': `127.0.0.1:${saslSsl}`,
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'PLAIN',
      'sasl.jaas.config': `${PLAIN} required username="alice" password="alice-secret";`,
      ...trustServer,
    };
    await t.rejects(works(configs), { code: 'SSL_HANDSHAKE_FAILED' });
    t.equal(await works({ ...configs, 'ssl.endpoint.identification.algorithm': '' }), 'works');
  });

  for (const [protocol, at] of [
    ['SASL_PLAINTEXT', sasl],
    ['SASL_SSL', saslSsl],
  ] as const) {
    for (const [mechanism, module, user] of [
      ['PLAIN', PLAIN, 'alice'],
      ['SCRAM-SHA-256', SCRAM, 'bob'],
      ['SCRAM-SHA-512', SCRAM, 'bob'],
    ] as const) {
      await t.test(`${protocol} with ${mechanism}`, async (t) => {
        const configs = {
          'bootstrap.servers': `localhost:${at}`,
          'security.protocol': protocol,
          'sasl.mechanism': mechanism,
          ...(protocol === 'SASL_SSL' && trustServer),
        };
        const as = (secret: string) => ({
          ...configs,
          'sasl.jaas.config': `${module} required username="${user}" password="${secret}";`,
        });
        t.equal(await works(as(`${user}-secret`)), 'works');
        const error = await works(as('wrong-secret')).then(
          () => undefined,
          (problem: Error) => problem,
        );
        t.match(error, { code: 'SASL_AUTHENTICATION_FAILED', message: /sasl\.jaas\.config/ });
        t.notMatch(`${error?.message} ${error?.cause}`, /wrong-secret/);
      });
    }
  }

  /** A token as Kafka's unsecured validator takes it. */
  function unsecuredToken(): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(Date.now() / 1_000);
    return `${part({ alg: 'none' })}.${part({ sub: 'carol', iat: now, exp: now + 3_600 })}.`;
  }

  await t.test('OAUTHBEARER with a token from a server by client credentials', async (t) => {
    const asked: string[] = [];
    const tokens = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      asked.push(`${request.headers.authorization} ${body}`);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ access_token: unsecuredToken(), token_type: 'Bearer', expires_in: 3600 }));
    });
    await new Promise<void>((resolve) => tokens.listen(0, '127.0.0.1', resolve));
    t.teardown(() => tokens.close());
    const configs = {
      'bootstrap.servers': `localhost:${sasl}`,
      'security.protocol': 'SASL_PLAINTEXT',
      'sasl.mechanism': 'OAUTHBEARER',
      'sasl.oauthbearer.token.endpoint.url': `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`,
      'sasl.jaas.config': `${OAUTH} required clientId="carol" clientSecret="carol-secret" scope="kafka";`,
    };
    t.equal(await works(configs), 'works');
    const basic = Buffer.from('carol:carol-secret').toString('base64');
    t.strictSame(
      asked,
      [`Basic ${basic} grant_type=client_credentials&scope=kafka`],
      'one token serves all connections',
    );
  });

  await t.test('OAUTHBEARER with a token from a file', async (t) => {
    const file = join(folder, 'token');
    await writeFile(file, `${unsecuredToken()}\n`);
    const configs = {
      'bootstrap.servers': `localhost:${sasl}`,
      'security.protocol': 'SASL_PLAINTEXT',
      'sasl.mechanism': 'OAUTHBEARER',
      'sasl.oauthbearer.token.endpoint.url': `file://${file}`,
      'sasl.jaas.config': `${OAUTH} required;`,
    };
    t.equal(await works(configs), 'works');
  });

  await t.test('a client that does not speak TLS to a TLS listener gives up with an error', async (t) => {
    await t.rejects(works({ 'bootstrap.servers': `localhost:${ssl}` }), { name: 'BrokerUnavailableError' });
  });
});
