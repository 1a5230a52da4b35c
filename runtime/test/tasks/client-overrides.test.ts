/** Connectors with security settings of their own, on a Kafka that asks for a password on one of its listeners. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, kafka, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { openKafka } from '../../src/broker/kafka/index.ts';
import { groupOf, testWorker, until } from '../support/worker.ts';

const PLAIN = 'org.apache.kafka.common.security.plain.PlainLoginModule';
const SECRET = 'alices-own-secret';

t.test('overrides of clients', { skip: await skipUnlessAvailable('kafka'), timeout: 240_000 }, async (t) => {
  const [port, controller, sasl] = (await freePorts(3)) as [number, number, number];
  const listeners = `PLAINTEXT://127.0.0.1:${port},SASL://127.0.0.1:${sasl}`;
  const broker = await kafka({
    port,
    jit: 'quick',
    properties: {
      'controller.quorum.voters': `1@127.0.0.1:${controller}`,
      listeners: `${listeners},CONTROLLER://127.0.0.1:${controller}`,
      'advertised.listeners': listeners,
      'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SASL:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT',
      'listener.name.sasl.sasl.enabled.mechanisms': 'PLAIN',
      'listener.name.sasl.plain.sasl.jaas.config': `${PLAIN} required user_alice="${SECRET}";`,
    },
  });
  t.teardown(() => broker.stop());

  const group = (): Record<string, string> => {
    const id = `overrides-${randomBytes(4).toString('hex')}`;
    return {
      ...groupOf(id),
      'offset.storage.partitions': '1',
      'status.storage.partitions': '1',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'config.providers': 'env',
      'config.providers.env.class': 'EnvVarConfigProvider',
    };
  };
  process.env['TRIBUTARY_TEST_ALICE'] = SECRET;
  const secured = (password: string) => ({
    'bootstrap.servers': `127.0.0.1:${sasl}`,
    'security.protocol': 'SASL_PLAINTEXT',
    'sasl.mechanism': 'PLAIN',
    'sasl.jaas.config': `${PLAIN} required username="alice" password="${password}";`,
    'default.api.timeout.ms': '5000',
  });
  const under = (prefix: string, configs: Record<string, string>): Record<string, string> =>
    Object.fromEntries(Object.entries(configs).map(([key, value]) => [`${prefix}.override.${key}`, value]));
  const right = secured(`\${env:TRIBUTARY_TEST_ALICE}`);
  const wrong = secured('a-wrong-secret');

  await t.test('each client of a connector logs in as its overrides say', async (t) => {
    const worker = await testWorker(t, { 'bootstrap.servers': `127.0.0.1:${port}`, ...group() });
    const { call, dir, untilState } = worker;
    const topic = `own-${randomBytes(4).toString('hex')}`;
    const [file, out] = [join(dir, 'in.txt'), join(dir, 'out.txt')];
    writeFileSync(file, 'one\n');
    const source = { 'connector.class': 'FileStreamSource', topic, file };
    const sink = { 'connector.class': 'FileStreamSink', topics: topic, file: out };
    await call('PUT', '/connectors/src/config', { ...source, ...under('producer', right), ...under('admin', right) });
    await call('PUT', '/connectors/snk/config', { ...sink, ...under('consumer', right) });
    await until(() => {
      try {
        return readFileSync(out, 'utf8') === 'one\n';
      } catch {
        return false;
      }
    });
    for (const [name, config] of [
      ['bad-producer', { ...source, ...under('producer', wrong) }],
      ['bad-admin', { ...source, ...under('admin', wrong) }],
      ['bad-consumer', { ...sink, ...under('consumer', wrong) }],
      ['bad-letters', { ...sink, 'errors.deadletterqueue.topic.name': 'dlq', ...under('producer', wrong) }],
    ] as const) {
      t.equal((await call('PUT', `/connectors/${name}/config`, config)).status, 201, name);
      await until(async () => (await call('GET', `/connectors/${name}/status`)).json?.tasks?.[0]?.state === 'FAILED');
      const { json } = await call('GET', `/connectors/${name}/status`);
      t.match(json.tasks[0].trace, /sasl\.jaas\.config/, name);
    }
    const shown = (await call('GET', '/connectors?expand=info&expand=status')).text + worker.log.join('\n');
    t.notOk(shown.includes(SECRET));
    t.notOk(shown.includes('a-wrong-secret'));
    await untilState('src', 'RUNNING', 1);
  });

  for (const isolation of ['shared', 'thread']) {
    await t.test(`a worker whose own connections are secured runs tasks in a ${isolation} thread`, async (t) => {
      const { call, dir, untilState } = await testWorker(t, { ...right, 'task.isolation': isolation, ...group() });
      const topic = `secured-${randomBytes(4).toString('hex')}`;
      const file = join(dir, 'in.txt');
      writeFileSync(file, 'one\n');
      await call('PUT', '/connectors/src/config', { 'connector.class': 'FileStreamSource', topic, file });
      await untilState('src', 'RUNNING', 1);
      const reader = await openKafka({ configs: { 'bootstrap.servers': `127.0.0.1:${port}` }, clientId: 'test' });
      t.teardown(() => reader.close());
      await until(async () => (await reader.topics.endOffsets(topic).catch(() => []))[0]?.offset === 1);
      t.pass('the record has arrived');
    });
  }

  await t.test('a broker with other configs shares what needs no connections of its own', async (t) => {
    const open = await openKafka({ configs: { 'bootstrap.servers': `127.0.0.1:${port}` }, clientId: 'test' });
    t.teardown(() => open.close());
    t.equal(
      await open.withConfigs({ 'linger.ms': '5', 'client.id': 'x', 'bootstrap.servers': `127.0.0.1:${port}` }),
      open,
    );
    const own = await open.withConfigs(secured(SECRET));
    t.not(own, open);
    t.equal(own.clusterId, open.clusterId);
    await own.close();
    t.ok((await open.topics.list()).length > 0, 'closing it does not close the other');
    await t.rejects(open.withConfigs({ 'security.protocol': 'NONE' }), { message: 'must be PLAINTEXT, SSL' });
  });
});
