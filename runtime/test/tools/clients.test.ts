/** What other clients of Kafka Connect send, in their order, and what they read out of the answers. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { type Answer, type TestWorker, testWorker, until } from '../support/worker.ts';

const JSON_TYPE = 'application/json';

interface Client extends TestWorker {
  readonly config: Readonly<Record<string, string>>;
  /** Sends a request that must be answered with this status. @returns the body */
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared with literals
  send(status: number, method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<any>;
}

async function client(t: Test): Promise<Client> {
  const worker = await testWorker(t);
  const file = join(worker.dir, 'in.txt');
  writeFileSync(file, 'one\n');
  return {
    ...worker,
    config: { 'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector', topic: 'lines', file },
    async send(status, method, path, body, headers = {}) {
      const answer: Answer = await worker.call(method, path, body, { accept: JSON_TYPE, ...headers });
      t.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
      if (answer.text !== '') t.equal(answer.headers.get('content-type'), JSON_TYPE, `${method} ${path}`);
      return answer.json;
    },
  };
}

t.test('kcctl', async (t) => {
  const { send, config, untilState } = await client(t);
  t.match(await send(200, 'GET', '/'), { version: String, commit: String, kafka_cluster_id: String });
  const plugins = await send(200, 'GET', '/connector-plugins?connectorsOnly=false');
  t.ok(plugins.every((p: object) => ['class', 'type', 'version'].every((field) => field in p)));
  for (const key of await send(200, 'GET', `/connector-plugins/${config['connector.class']}/config`))
    t.match(key, { name: String, type: String, required: Boolean, importance: String, documentation: String });

  // apply
  t.match(await send(404, 'GET', '/connectors/src'), { error_code: 404, message: String });
  await send(200, 'PUT', `/connector-plugins/${config['connector.class']}/config/validate`, { ...config, name: 'src' });
  t.match(await send(201, 'POST', '/connectors/', { name: 'src', config }), { name: 'src', tasks: [], type: 'source' });
  await untilState('src', 'RUNNING', 1);
  // patch: reads, changes and writes
  const stored = await send(200, 'GET', '/connectors/src/config');
  t.match(await send(200, 'PUT', '/connectors/src/config', { ...stored, 'batch.size': '5' }), {
    config: { 'batch.size': '5' },
  });
  await untilState('src', 'RUNNING', 1);
  // get, describe
  t.match(await send(200, 'GET', '/connectors/?expand=info&expand=status'), {
    src: { info: { name: 'src', type: 'source' }, status: { connector: { state: 'RUNNING', worker_id: /:\d+$/ } } },
  });
  await send(200, 'GET', '/connectors/src');
  t.match(await send(200, 'GET', '/connectors/src/status'), {
    tasks: [{ id: 0, state: 'RUNNING', worker_id: String }],
  });
  t.match(await send(200, 'GET', '/connectors/src/tasks'), [{ id: { connector: 'src', task: 0 }, config: Object }]);
  t.match(await send(200, 'GET', '/connectors/src/topics'), { src: { topics: Array } });
  await until(async () => (await send(200, 'GET', '/connectors/src/offsets')).offsets.length > 0);
  // states
  await send(202, 'PUT', '/connectors/src/pause');
  await send(202, 'PUT', '/connectors/src/resume');
  await send(204, 'POST', '/connectors/src/restart');
  t.match(await send(202, 'POST', '/connectors/src/restart?includeTasks=true&onlyFailed=false'), {
    connector: { state: 'RESTARTING' },
  });
  await untilState('src', 'RUNNING', 1);
  await send(204, 'POST', '/connectors/src/tasks/0/restart');
  await send(204, 'PUT', '/connectors/src/stop');
  await untilState('src', 'STOPPED');
  const offsets = [{ partition: { filename: config['file'] }, offset: { position: 0 } }];
  t.match(await send(200, 'PATCH', '/connectors/src/offsets', { offsets }), { message: /successfully$/ });
  t.match(await send(200, 'DELETE', '/connectors/src/offsets'), { message: /successfully$/ });
  // loggers
  t.match(await send(200, 'GET', '/admin/loggers'), { root: { level: 'INFO' } });
  t.match(await send(200, 'GET', '/admin/loggers/root'), { level: 'INFO' });
  t.type(await send(200, 'PUT', '/admin/loggers/root?scope=worker', { level: 'WARN' }), Array);
  await send(204, 'DELETE', '/connectors/src');
});

t.test('Kafbat UI and Redpanda Console', async (t) => {
  const { send, config, untilState } = await client(t);
  await send(200, 'GET', '/');
  t.strictSame(await send(200, 'GET', '/connectors?expand=info&expand=status'), {});
  t.match(
    await send(200, 'PUT', '/connector-plugins/FileStreamSource/config/validate', {
      'connector.class': 'FileStreamSource',
    }),
    {
      name: 'FileStreamSource',
      error_count: 2,
      groups: Array,
      configs: [{ definition: { name: String, display_name: String }, value: { errors: Array, visible: true } }],
    },
  );
  await send(201, 'POST', '/connectors', { name: 'a b/c', config });
  const path = '/connectors/a%20b%2Fc';
  await untilState('a b/c', 'RUNNING', 1);
  t.match(await send(409, 'POST', '/connectors', { name: 'a b/c', config }), { error_code: 409, message: String });
  t.match(await send(200, 'GET', `${path}/status`), { name: 'a b/c', type: 'source', tasks: [{ id: 0 }] });
  t.match(await send(200, 'GET', `${path}/tasks/0/status`), { id: 0, state: 'RUNNING' });
  await send(202, 'POST', `${path}/restart?includeTasks=true&onlyFailed=true`);
  await send(204, 'POST', `${path}/tasks/0/restart`);
  await untilState('a b/c', 'RUNNING', 1);
  await send(200, 'GET', `${path}/topics`);
  await send(202, 'PUT', `${path}/topics/reset`);
  await send(200, 'GET', `${path}/config`);
  await send(200, 'PUT', `${path}/config`, { ...config, 'tasks.max': 1 });
  await send(202, 'PUT', `${path}/pause`);
  await send(202, 'PUT', `${path}/resume`);
  await send(204, 'PUT', `${path}/stop`);
  await untilState('a b/c', 'STOPPED');
  t.type((await send(200, 'GET', `${path}/offsets`)).offsets, Array);
  await send(200, 'DELETE', `${path}/offsets`);
  await send(204, 'DELETE', path);
  t.match(await send(404, 'GET', path), { error_code: 404, message: String });
});

t.test('kafka-connect-ui', async (t) => {
  const { send, config, untilState } = await client(t);
  t.match(await send(200, 'GET', '/connector-plugins/'), [{ class: String }]);
  await send(201, 'POST', '/connectors', { name: 'ui', config });
  await untilState('ui', 'RUNNING', 1);
  t.strictSame(await send(200, 'GET', '/connectors'), ['ui']);
  t.match(await send(200, 'GET', '/connectors/ui'), { config, tasks: [{ connector: 'ui', task: 0 }] });
  await send(200, 'GET', '/connectors/ui/tasks');
  await send(200, 'PUT', '/connectors/ui/config', { ...config, name: 'ui' });
  await send(204, 'POST', '/connectors/ui/restart');
  await send(204, 'DELETE', '/connectors/ui');
});

t.test('Strimzi', async (t) => {
  const { send, config, untilState, dir } = await client(t);
  const connector = '/connectors/my-connector';
  t.match(await send(200, 'GET', '/connector-plugins'), [{ class: String, type: String, version: String }]);
  await send(404, 'GET', `${connector}/config`);
  await send(201, 'PUT', `${connector}/config`, config);
  await untilState('my-connector', 'RUNNING', 1);
  t.strictSame(await send(200, 'GET', `${connector}/config`), { ...config, name: 'my-connector' });
  t.match(await send(200, 'GET', `${connector}/status`), {
    name: 'my-connector',
    connector: { state: 'RUNNING', worker_id: String },
    tasks: [{ id: 0, state: 'RUNNING', worker_id: String }],
    type: 'source',
  });
  await send(202, 'PUT', `${connector}/pause`);
  await send(202, 'PUT', `${connector}/resume`);
  t.match(await send(200, 'GET', `${connector}/topics`), { 'my-connector': { topics: Array } });

  // Its automatic restart: only what has failed.
  await send(200, 'PUT', `${connector}/config`, { ...config, file: dir });
  await untilFailed();
  t.match(await send(202, 'POST', `${connector}/restart?includeTasks=true&onlyFailed=true`), {
    connector: { state: 'RUNNING' },
    tasks: [{ id: 0, state: 'RESTARTING', trace: String }],
  });
  await untilFailed();
  await send(204, 'POST', `${connector}/tasks/0/restart`);

  // Its way to set offsets.
  await send(204, 'PUT', `${connector}/stop`);
  await untilState('my-connector', 'STOPPED');
  t.type((await send(200, 'GET', `${connector}/offsets`)).offsets, Array);
  await send(200, 'PATCH', `${connector}/offsets`, {
    offsets: [{ partition: { filename: dir }, offset: { position: 1 } }],
  });
  await send(200, 'DELETE', `${connector}/offsets`);

  const loggers = Object.keys(await send(200, 'GET', '/admin/loggers/'));
  t.ok(loggers.includes('root'));
  await send(204, 'PUT', '/admin/loggers/root?scope=cluster', { level: 'WARN' });
  t.match(await send(200, 'GET', '/admin/loggers/'), { root: { level: 'WARN', last_modified: Number } });
  await send(200, 'PUT', '/admin/loggers/org.apache.kafka.connect.runtime.WorkerSourceTask', { level: 'TRACE' });
  await send(204, 'DELETE', connector);

  function untilFailed(): Promise<void> {
    return until(async () => (await send(200, 'GET', `${connector}/status`)).tasks[0]?.state === 'FAILED');
  }
});

t.test('the Terraform provider', async (t) => {
  const { send, config, untilState } = await client(t);
  await send(404, 'GET', '/connectors/tf');
  t.match(await send(201, 'POST', '/connectors', { name: 'tf', config }), { name: 'tf', config });
  await untilState('tf', 'RUNNING', 1);
  t.match(await send(200, 'GET', '/connectors/tf'), { config: { ...config, name: 'tf' } });
  await send(200, 'PUT', '/connectors/tf/config', { ...config, name: 'tf', 'batch.size': '9' });
  await send(204, 'DELETE', '/connectors/tf');
  t.match(await send(404, 'DELETE', '/connectors/tf'), { error_code: 404 });
});
