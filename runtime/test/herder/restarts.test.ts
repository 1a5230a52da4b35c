import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openEmbedded } from '../../src/broker/embedded/index.ts';
import { contents } from '../broker/embedded/support.ts';
import { testWorker, until } from '../support/worker.ts';

const QUICK = { 'tasks.restart.backoff.ms': '50', 'tasks.restart.backoff.max.ms': '100' };

/** A source that fails until a file is there, or (`where` is start) whose connector cannot start until then. */
const WAITING = `
import { existsSync } from 'node:fs';
import { defineSource, string } from '@tributary/api';
export default defineSource({
  class: 'example.WaitingSource',
  version: '1.0.0',
  config: { file: string({ doc: 'What must be there.' }), where: string({ doc: 'Where it fails.' }) },
  taskConfigs({ file, where }) {
    if (where === 'start' && !existsSync(file)) throw new Error('there is no ' + file);
    return [{}];
  },
  async *run({ file }, { signal }) {
    if (!existsSync(file)) throw new Error('there is no ' + file);
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    yield [];
  },
});`;

t.test('a failed task comes back by itself when the cause is gone', async (t) => {
  const { call, dir, untilState, worker, log } = await testWorker(t, {
    'tasks.restart.policy': 'on-failure',
    ...QUICK,
  });
  const [input, folder] = [join(dir, 'in.txt'), join(dir, 'missing')];
  writeFileSync(input, 'one\n');
  await call('POST', '/connectors', {
    name: 'src',
    config: { 'connector.class': 'FileStreamSource', file: input, topic: 'lines' },
  });
  await call('POST', '/connectors', {
    name: 'snk',
    config: { 'connector.class': 'FileStreamSink', file: join(folder, 'out.txt'), topics: 'lines' },
  });
  const attempts = async (): Promise<number> => {
    const { text } = await call('GET', '/metrics');
    const name = 'kafka_connect_connector_task_metrics_restart_attempts_total';
    return Number(text.match(new RegExp(`^${name}\\{connector="snk",task="0"\\} (\\d+)$`, 'm'))?.[1] ?? 0);
  };
  await until(async () => (await attempts()) >= 3);
  t.match(log.join('\n'), /warn Task snk-0 is started again in 0\.\d s \(attempt 1\)/);
  mkdirSync(folder);
  await untilState('snk', 'RUNNING', 1);
  await until(() => existsSync(join(folder, 'out.txt')) && readFileSync(join(folder, 'out.txt'), 'utf8') === 'one\n');
  t.equal((await call('GET', '/connectors/snk/status')).json.tasks[0].trace, undefined);
  await worker.stop();

  const broker = await openEmbedded({
    configs: { 'bootstrap.servers': `embedded:${join(dir, 'log')}` },
    clientId: 'test',
  });
  t.teardown(() => broker.close());
  const states = (await contents(broker, 'connect-status')).flatMap(({ key, value }) =>
    Buffer.from(key!).toString() === 'status-task-snk-0' && value ? [JSON.parse(Buffer.from(value).toString())] : [],
  );
  t.match(states.map(({ state }) => state).join(' '), /^(FAILED RESTARTING ){3,}RUNNING UNASSIGNED$/);
  t.match(states[0].trace, /ENOENT.*missing/);
});

t.test('a task that fails for good is started as often as its connector allows', async (t) => {
  const plugins = t.testdir({ 'waiting.js': WAITING });
  const { call, untilState, log } = await testWorker(t, { 'plugin.path': plugins, ...QUICK });
  const config = {
    'connector.class': 'WaitingSource',
    file: join(plugins, 'never'),
    where: 'run',
    'tasks.restart.policy': 'on-failure',
    'tasks.restart.max.attempts': '2',
  };
  await call('POST', '/connectors', { name: 'src', config });
  const end =
    'error Task src-0 stays failed until it is restarted: it was started again 2 times (tasks.restart.max.attempts)';
  await until(() => log.some((line) => line.startsWith(end)));
  t.match((await call('GET', '/connectors/src/status')).json.tasks[0], { state: 'FAILED', trace: /there is no/ });
  t.equal(log.filter((line) => line.startsWith('warn Task src-0 is started again in')).length, 2);

  await call('POST', '/connectors/src/tasks/0/restart');
  await until(() => log.filter((line) => line.startsWith(end)).length === 2);
  t.pass('after a restart by hand the attempts start over');

  await call('PUT', '/connectors/src/config', { ...config, 'tasks.restart.policy': 'none' });
  await until(() =>
    log.some((line) => line.includes('stays failed until it is restarted (tasks.restart.policy=none)')),
  );
  writeFileSync(join(plugins, 'never'), '');
  await call('POST', '/connectors/src/tasks/0/restart');
  await untilState('src', 'RUNNING', 1);
});

t.test('a connector that cannot start is started again, too', async (t) => {
  const plugins = t.testdir({ 'waiting.js': WAITING });
  const { call, untilState } = await testWorker(t, { 'plugin.path': plugins, ...QUICK });
  const file = join(plugins, 'late');
  await call('POST', '/connectors', {
    name: 'src',
    config: { 'connector.class': 'WaitingSource', file, where: 'start', 'tasks.restart.policy': 'on-failure' },
  });
  await untilState('src', 'FAILED');
  writeFileSync(file, '');
  await untilState('src', 'RUNNING', 1);
  t.pass('it runs, with its task');
});

t.test('the keys of a connector are checked as any other', async (t) => {
  const { call } = await testWorker(t);
  const { json } = await call('PUT', '/connector-plugins/FileStreamSource/config/validate', {
    name: 'x',
    'connector.class': 'FileStreamSource',
    topic: 'lines',
    'tasks.restart.policy': 'always',
    'tasks.restart.backoff.ms': '0',
    'task.memory.max.bytes': '100000000',
  });
  const ours = json.configs.filter(
    (item: { value: { name: string } }) =>
      item.value.name.startsWith('task.') || item.value.name.startsWith('tasks.restart.'),
  );
  t.same(
    ours.map(({ value }: { value: { name: string; errors: string[] } }) => [value.name, value.errors]),
    [
      [
        'task.memory.max.bytes',
        [
          "task.memory.max.bytes means nothing to tasks in the worker's own thread: set task.isolation=process or thread, too",
        ],
      ],
      [
        'tasks.restart.policy',
        ['Invalid value always for configuration tasks.restart.policy: String must be one of: none, on-failure'],
      ],
      [
        'tasks.restart.backoff.ms',
        ['Invalid value 0 for configuration tasks.restart.backoff.ms: Value must be at least 1'],
      ],
    ],
  );
});
