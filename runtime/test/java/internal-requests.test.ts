/** What workers ask of their leader: Java's leader takes it from us, and we take it from Java's workers. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Props } from '@tributary/api';
import { javaRun, sharedKafka, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { openKafka } from '../../src/broker/kafka/index.ts';
import { generateSessionKey } from '../../src/herder/session-key.ts';
import { peers } from '../../src/rest/peers.ts';
import { signatureHeaders } from '../../src/rest/signed.ts';
import { workerClient } from '../../src/rest/worker-client.ts';
import { connectorOf } from '../../src/store/config-state.ts';
import { ConfigStore } from '../../src/store/config-store.ts';
import type { SessionKey } from '../../src/store/session-key.ts';
import { rawRequest } from '../support/http.ts';
import { internalWorker } from '../support/internal.ts';
import { testLogger } from '../support/logger.ts';
import { tempDir, until } from '../support/worker.ts';
import { groupProps, javaWorker } from './pair.ts';
import { compacted, followTopic } from './topic-log.ts';

const SETTINGS = {
  algorithm: 'HmacSHA256',
  bytes: 32,
  ttlMs: null,
  signatureAlgorithm: 'HmacSHA256',
  verificationAlgorithms: ['HmacSHA256', 'HmacSHA512'],
};
const CONFIGS: readonly Props[] = [
  { 'task.class': 'org.apache.kafka.connect.file.FileStreamSourceTask', topic: 'x', file: '/none/é"\u001f\\/😀' },
  { 'task.class': 'org.apache.kafka.connect.file.FileStreamSourceTask', topic: 'x', file: '/none' },
];

t.test('Java’s leader', { skip: await skipUnlessAvailable('connect'), timeout: 300_000 }, async (t) => {
  const bootstrap = await sharedKafka();
  const dir = tempDir(t);
  const group = `internal-${randomBytes(4).toString('hex')}`;
  const java = await javaWorker({
    ...groupProps(bootstrap, group),
    'exactly.once.source.support': 'enabled',
    'inter.worker.verification.algorithms': 'HmacSHA256,HmacSHA512',
  });
  t.teardown(() => java.stop());
  const config = { 'connector.class': 'FileStreamSource', topic: `${group}-lines`, file: join(dir, 'none') };
  const body = JSON.stringify({ name: 'é b', config });
  const created = async (): Promise<boolean> =>
    (await rawRequest(java.url, 'POST', '/connectors', { 'content-type': 'application/json' }, body)).status === 201;
  await until(created);

  const broker = await openKafka({ configs: { 'bootstrap.servers': bootstrap }, clientId: 'test' });
  t.teardown(() => broker.close());
  const storeOptions = { leaderTransactionalId: null, log: testLogger, onLoggerLevel: () => {} };
  const configs = new ConfigStore(broker, `${group}-configs`, 'test', storeOptions);
  t.teardown(() => configs.close());
  await until(async () => {
    await configs.refresh();
    return configs.state.sessionKey !== null && connectorOf(configs.state, 'é b')?.tasks.length === 1;
  });
  const client = workerClient(() => ({}));
  t.teardown(() => client.close());
  const sessionKey = (): SessionKey | null => configs.state.sessionKey;
  const options = { client, signed: () => true, sessionKey, refresh: () => configs.refresh() };

  await t.test('has the session key in the config topic as we read and write it', async (t) => {
    t.match(sessionKey(), { algorithm: 'HmacSHA256' });
    t.equal(sessionKey()?.key.symmetricKeySize, 32);
    await broker.topics.create({ name: `${group}-copy`, partitions: 1, replicationFactor: 1, configs: {} });
    const [theirs, ours] = [followTopic(broker, `${group}-configs`), followTopic(broker, `${group}-copy`)];
    const copy = new ConfigStore(broker, `${group}-copy`, 'test', storeOptions);
    t.teardown(() => copy.close());
    await copy.putSessionKey(sessionKey()!);
    await Promise.all([theirs.readToEnd(), ours.readToEnd()]);
    t.strictSame(compacted(ours.records).get('session-key'), compacted(theirs.records).get('session-key'));
  });

  await t.test('takes the task configs that we sign, and fences for us', async (t) => {
    for (const signatureAlgorithm of SETTINGS.verificationAlgorithms) {
      const { putTaskConfigs, fenceZombies } = peers({ ...options, signatureAlgorithm });
      const handedIn = CONFIGS.map((task) => ({ ...task, by: signatureAlgorithm }));
      await putTaskConfigs(java.url, 'é b', handedIn);
      await configs.refresh();
      t.strictSame(connectorOf(configs.state, 'é b')?.tasks, handedIn);
      await until(() =>
        fenceZombies(java.url, 'é b').then(
          () => true,
          (error: Error) => {
            // While its group rebalances the fencing is put off.
            if (error.name !== 'ConflictError') throw error;
            return false;
          },
        ),
      );
      await configs.refresh();
      t.match(connectorOf(configs.state, 'é b'), { fencedTasks: 2, pendingFencing: false });
    }
    await t.rejects(peers({ ...options, signatureAlgorithm: 'HmacSHA256' }).putTaskConfigs(java.url, 'none', []), {
      name: 'NotFoundError',
      message: /404: Connector none not found/,
    });
  });

  await t.test('refuses what is not signed right with the answers that we give', async (t) => {
    const { verificationAlgorithms } = SETTINGS;
    const ours = await internalWorker(t, { sessionKey, verificationAlgorithms });
    const text = JSON.stringify(CONFIGS);
    const right = signatureHeaders(Buffer.from(text), sessionKey()!, 'HmacSHA256');
    const stranger = generateSessionKey(SETTINGS, Date.now());
    const sent: ReadonlyArray<readonly [what: string, headers: Record<string, string>]> = [
      ['unsigned', {}],
      ['no algorithm', { 'x-connect-authorization': right['x-connect-authorization']! }],
      ['another key', signatureHeaders(Buffer.from(text), stranger, 'HmacSHA256')],
      ['another body', signatureHeaders(Buffer.from('[]'), sessionKey()!, 'HmacSHA256')],
      ['another algorithm', { ...right, 'x-connect-request-signature-algorithm': 'HmacSHA512' }],
      ['too short', { ...right, 'x-connect-authorization': 'AAAA' }],
      ['not permitted', signatureHeaders(Buffer.from(text), sessionKey()!, 'HmacSHA1')],
    ];
    for (const [what, headers] of sent) {
      for (const [method, path] of [
        ['POST', '/connectors/é b/tasks'],
        ['PUT', '/connectors/é b/fence'],
      ] as const) {
        const ask = async (url: string) => {
          const {
            status,
            headers: answered,
            text: told,
          } = await rawRequest(url, method, encodeURI(path), { 'content-type': 'application/json', ...headers }, text);
          return { status, type: answered['content-type'], body: JSON.parse(told) as unknown };
        };
        const answer = await ask(java.url);
        t.ok(answer.status === 400 || answer.status === 403, `${method}: ${what}`);
        t.strictSame(await ask(ours.url), answer, `${method}: ${what}`);
      }
    }
    t.strictSame(ours.asked, []);
  });
});

t.test('Java’s workers', { skip: await skipUnlessAvailable('java'), timeout: 120_000 }, async (t) => {
  const key = generateSessionKey(SETTINGS, Date.now());
  const leader = await internalWorker(t, {
    sessionKey: () => key,
    verificationAlgorithms: SETTINGS.verificationAlgorithms,
  });
  const ask = (method: string, path: string, algorithm: string, signedWith = key): Promise<string> =>
    javaRun({
      sourceFile: join(import.meta.dirname, 'InternalRequest.java'),
      args: [method, leader.url + path, signedWith.key.export().toString('base64'), key.algorithm, algorithm],
      ...(method === 'POST' && { stdin: JSON.stringify(CONFIGS) }),
    }).then((printed) => printed.trim().split('\n').at(-1)!);
  t.equal(await ask('POST', '/connectors/%C3%A9%20b/tasks', 'HmacSHA256'), 'accepted');
  t.equal(await ask('POST', '/connectors/c/tasks', 'HmacSHA512'), 'accepted');
  t.equal(await ask('PUT', '/connectors/c/fence', 'HmacSHA256'), 'accepted');
  t.strictSame(leader.asked, [
    ['é b', CONFIGS],
    ['c', CONFIGS],
    ['c', 'fence'],
  ]);
  const stranger = generateSessionKey(SETTINGS, Date.now());
  const refused = await ask('POST', '/connectors/c/tasks', 'HmacSHA256', stranger);
  t.equal(refused, '403 Internal request contained invalid signature.');
  t.match(await ask('POST', '/connectors/c/tasks', 'HmacSHA1'), /^400 .*does not support the 'HmacSHA1' key signing/);
  t.equal(leader.asked.length, 3);
});
