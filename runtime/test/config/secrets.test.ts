import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type TestWorker, tempDir, testWorker, until } from '../support/worker.ts';

const PACKAGE = 'org.apache.kafka.common.config.provider.';
const SECRET = 'correct-horse-"battery"';

/** A source that has a password, passes values on to its tasks, and fails with them in its messages where it is told to. */
const PLUGIN = `
import { ConfigError, defineSource, password, string } from '@tributary/api';
export default defineSource({
  class: 'test.Vaulted',
  version: '1.0.0',
  config: {
    user: string({ default: 'nobody', doc: 'Who.' }),
    password: password({ default: null, doc: 'The secret.' }),
    port: string({ default: '1', doc: 'Where.', oneOf: ['1', '2'] }),
    mode: string({ default: 'run', doc: 'run, fail, log' }),
  },
  validate(config, report) {
    if (config.mode === 'report') report('user', 'no such user ' + config.user + ' with ' + config.password.reveal());
  },
  alterOffsets: (config) => {
    throw new ConfigError('cannot log in with ' + config.password.reveal());
  },
  taskConfigs: (config, max, { log }) => {
    if (config.mode === 'divide') throw new ConfigError('cannot log in with ' + config.password.reveal());
    if (config.mode === 'log') log.info('dividing with ' + config.password.reveal(), { password: config.password.reveal() });
    return [{ url: 'db://' + config.user + ':' + config.password?.reveal() + '@host' }];
  },
  async *run(config, { props, signal, log }) {
    globalThis.seen?.push({ ...props, password: config.password?.reveal() });
    if (config.mode === 'fail') throw new Error('login failed: ' + config.password.reveal(), { cause: new Error(props.url) });
    if (config.mode === 'log') log.warn('logging in with ' + props.url, { deep: { password: config.password.reveal() } });
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  },
});
`;

/** Parts of the secrets, without what JSON would write in another way. */
const LEAKS = ['correct-horse', 'alice-the-user', 'typed-in-plainly'];

/** Everything that the log on disk holds. */
function stored(dir: string): Buffer {
  const files = readdirSync(join(dir, 'log'), { recursive: true, withFileTypes: true });
  return Buffer.concat(
    files.filter((file) => file.isFile()).map((file) => readFileSync(join(file.parentPath, file.name))),
  );
}

interface Scene extends TestWorker {
  /** What the tasks were started with. */
  readonly seen: readonly Record<string, string>[];
  readonly file: string;
  secret(value: string): void;
}

async function scene(t: Test, props: Record<string, string> = {}): Promise<Scene> {
  const dir = tempDir(t);
  const file = join(dir, 'secrets.properties');
  const secret = (value: string): void => writeFileSync(file, `user=alice-the-user\npassword=${value}\nport=3\n`);
  secret(SECRET);
  writeFileSync(join(dir, 'vaulted.ts'), PLUGIN);
  const seen: Record<string, string>[] = [];
  Object.assign(globalThis, { seen });
  const worker = await testWorker(t, {
    'plugin.path': dir,
    'config.providers': 'file, env',
    'config.providers.file.class': `${PACKAGE}FileConfigProvider`,
    'config.providers.env.class': 'EnvVarConfigProvider',
    ...props,
  });
  return {
    ...worker,
    get url() {
      return worker.url;
    },
    seen,
    file,
    secret,
  };
}

const configOf = (file: string, more: Record<string, string> = {}): Record<string, string> => ({
  'connector.class': 'test.Vaulted',
  user: `\${file:${file}:user}`,
  password: `\${file:${file}:password}`,
  ...more,
});

t.test('tasks get what references stand for, and the REST API shows the references', async (t) => {
  const { call, untilState, seen, file } = await scene(t);
  const config = configOf(file);
  const made = await call('PUT', '/connectors/a/config', config);
  t.equal(made.status, 201);
  t.same(made.json.config, { ...config, name: 'a' });
  await untilState('a', 'RUNNING', 1);
  t.match(seen, [{ user: 'alice-the-user', password: SECRET, url: `db://alice-the-user:${SECRET}@host` }]);
  t.same((await call('GET', '/connectors/a/config')).json, { ...config, name: 'a' });
  const [task] = (await call('GET', '/connectors/a/tasks')).json;
  t.match(task.config, { ...config, url: `db://\${file:${file}:user}:\${file:${file}:password}@host` });
});

t.test('a reference that cannot be looked up is an error when the config is checked', async (t) => {
  const { call, file } = await scene(t);
  for (const [reference, why] of [
    [`\${file:${file}:none}`, "the config provider 'file' has no value for it"],
    [`\${file:/no/such/file:password}`, 'Could not read properties from file /no/such/file'],
    [`\${env:/path:HOME}`, 'Path is not supported for EnvVarConfigProvider'],
  ] as const) {
    const answer = await call('PUT', '/connectors/a/config', configOf(file, { password: reference, stray: reference }));
    t.equal(answer.status, 400);
    t.match(answer.json.message, 'contains the following 2 error(s)');
    t.match(answer.json.message, `Invalid value ${reference} for configuration password: ${why}`);
    t.match(answer.json.message, `Invalid value ${reference} for configuration stray: ${why}`);
  }
});

t.test('a reference to an unknown provider is left as it is, with a warning', async (t) => {
  const { call, untilState, seen, log } = await scene(t);
  const password = `\${vault:kv/db:password}`;
  await call('PUT', '/connectors/a/config', { 'connector.class': 'test.Vaulted', password });
  await untilState('a', 'RUNNING', 1);
  t.match(seen, [{ password }]);
  t.ok(log.some((line) => line.startsWith(`warn ${password} in 'password' is taken as it stands`)));
});

t.test('validation shows references, never what they stand for', async (t) => {
  const { call, file } = await scene(t);
  const port = `\${file:${file}:port}`;
  const { status, text, json } = await call('PUT', '/connector-plugins/test.Vaulted/config/validate', {
    name: 'a',
    ...configOf(file, { port, 'tasks.max': `\${file:${file}:user}` }),
  });
  t.equal(status, 200);
  const value = (name: string) =>
    json.configs.find((info: { value: { name: string } }) => info.value.name === name).value;
  t.match(value('user'), { value: `\${file:${file}:user}`, errors: [] });
  t.match(value('password'), { value: '[hidden]', errors: [] });
  t.same(value('port').errors, [`Invalid value ${port} for configuration port: String must be one of: 1, 2`]);
  t.match(value('tasks.max').errors, [/^Invalid value \$\{file:.*:user\} for configuration tasks.max: Not a number/]);
  t.equal(json.error_count, 2);
  t.notMatch(text, /alice|horse/);
  const own = await call('PUT', '/connectors/a/config', configOf(file, { mode: 'report' }));
  t.match(own.json.message, `no such user \${file:${file}:user} with \${file:${file}:password}`);
});

for (const isolation of ['shared', 'thread']) {
  t.test(`nothing that a task in a ${isolation} thread says or fails with shows a secret`, async (t) => {
    const { call, untilState, file, log, dir } = await scene(t, { 'task.isolation': isolation });
    await call('PUT', '/connectors/fails/config', configOf(file, { mode: 'fail' }));
    await call('PUT', '/connectors/divides/config', configOf(file, { mode: 'divide' }));
    await call('PUT', '/connectors/plain/config', configOf(file, { password: 'typed-in-plainly', mode: 'fail' }));
    await call('PUT', '/connectors/logs/config', configOf(file, { mode: 'log' }));
    await untilState('logs', 'RUNNING', 1);
    const answers: string[] = [];
    const ask = async (path: string) => {
      const { text, json } = await call('GET', path);
      answers.push(text);
      return json;
    };
    await until(async () => (await ask('/connectors/fails/status')).tasks[0]?.state === 'FAILED');
    await until(async () => (await ask('/connectors/plain/status')).tasks[0]?.state === 'FAILED');
    await until(async () => (await ask('/connectors/divides/status')).connector.state === 'FAILED');
    await until(() => log.some((line) => line.includes('logging in with')));
    const trace = (await ask('/connectors/fails/tasks/0/status')).trace;
    t.match(trace, `login failed: \${file:${file}:password}`);
    t.match(trace, `Caused by: db://\${file:${file}:user}:\${file:${file}:password}@host`);
    t.match((await ask('/connectors/divides/status')).connector.trace, `cannot log in with \${file:${file}:password}`);
    t.match((await ask('/connectors/plain/status')).tasks[0].trace, 'login failed: [hidden]');
    await ask('/connectors?expand=info&expand=status');
    for (const name of ['fails', 'divides', 'plain', 'logs']) await ask(`/connectors/${name}/tasks`);
    t.ok(log.some((line) => /logging in with db:\/\/\$\{file:.*:user\}:\$\{file:.*:password\}@host/.test(line)));
    const everything = [...answers, ...log].join('\n');
    t.ok(
      LEAKS.every((leak) => !everything.includes(leak)),
      'no secret in any answer or log line',
    );
    const bytes = stored(dir);
    t.ok(bytes.includes('typed-in-plainly'), 'the config topic holds what was typed in plainly, as in Java');
    t.ok(
      LEAKS.slice(0, 2).every((leak) => !bytes.includes(leak)),
      'and nothing that a reference stands for',
    );
  });
}

t.test('after a restart tasks get the values of now, and the references are still there', async (t) => {
  const { call, untilState, seen, file, secret, restart } = await scene(t);
  await call('PUT', '/connectors/a/config', configOf(file));
  await untilState('a', 'RUNNING', 1);
  secret('another-one');
  await restart();
  await untilState('a', 'RUNNING', 1);
  t.equal(seen.at(-1)!['password'], 'another-one');
  t.equal(seen.at(-1)!['url'], 'db://alice-the-user:another-one@host');
  t.match((await call('GET', '/connectors/a/config')).json, configOf(file));
});

t.test('a stopped connector that is asked about its offsets gets the values, and its message shows none', async (t) => {
  const { call, untilState, file, restart } = await scene(t);
  await call('PUT', '/connectors/a/config', configOf(file));
  await untilState('a', 'RUNNING', 1);
  await call('PUT', '/connectors/a/stop');
  await untilState('a', 'STOPPED');
  await restart();
  const { status, json } = await call('PATCH', '/connectors/a/offsets', {
    offsets: [{ partition: { x: 1 }, offset: { y: 1 } }],
  });
  t.equal(status, 400);
  t.match(json.message, `cannot log in with \${file:${file}:password}`);
});

t.test('restarting a connector starts its tasks with new values; without new values they run on', async (t) => {
  const { call, untilState, seen, file, secret } = await scene(t);
  await call('PUT', '/connectors/a/config', configOf(file));
  await untilState('a', 'RUNNING', 1);
  await call('POST', '/connectors/a/restart');
  await untilState('a', 'RUNNING', 1);
  t.equal(seen.length, 1);
  secret('another-one');
  await call('POST', '/connectors/a/restart');
  await until(() => seen.length === 2);
  t.equal(seen[1]!['password'], 'another-one');
});

t.test('a value that is gone when a task starts fails the task, and a restart mends it', async (t) => {
  const { call, untilState, seen, file, secret, restart } = await scene(t);
  await call('PUT', '/connectors/a/config', configOf(file));
  await untilState('a', 'RUNNING', 1);
  writeFileSync(file, '');
  await restart();
  await untilState('a', 'FAILED', 1);
  const { json } = await call('GET', '/connectors/a/status');
  t.match(json.tasks[0].trace, `Invalid value \${file:${file}:password} for configuration password`);
  secret('back-again');
  await call('POST', '/connectors/a/restart?includeTasks=true');
  await untilState('a', 'RUNNING', 1);
  t.equal(seen.at(-1)!['password'], 'back-again');
});

t.test(
  "the worker's own config and the parameters of its providers are resolved, and errors in it show references",
  async (t) => {
    process.env['TRIBUTARY_TEST_ALLOWED'] = '/no-such-folder-at-all';
    t.teardown(() => delete process.env['TRIBUTARY_TEST_ALLOWED']);
    const reference = `\${env:TRIBUTARY_TEST_ALLOWED}`;
    await t.rejects(scene(t, { 'offset.flush.interval.ms': reference }), {
      message: `Invalid value ${reference} for configuration offset.flush.interval.ms`,
    });
    await t.rejects(scene(t, { 'config.providers.file.param.allowed.paths': reference }), {
      message: /The config provider 'file': allowed.paths: Path .* does not exist/,
    });
  },
);

t.test('a provider that there is not, or that has no class, stops the worker at its start', async (t) => {
  await t.rejects(scene(t, { 'config.providers.env.class': 'NoSuch' }), {
    message: /Invalid value NoSuch for configuration config.providers.env.class: Class NoSuch could not be found/,
  });
  await t.rejects(scene(t, { 'config.providers': 'vault' }), {
    message: /Missing required configuration "config.providers.vault.class"/,
  });
});
