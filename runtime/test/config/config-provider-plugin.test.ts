import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type TestWorker, tempDir, testWorker, until } from '../support/worker.ts';

const PLUGINS = `
import { ConfigError, defineConfigProvider, defineSource, password, string } from '@tributary/api';
export const vault = defineConfigProvider({
  class: 'test.VaultConfigProvider',
  version: '1.0.0',
  config: { token: password({ doc: 'Opens the vault.' }) },
  create(config, { name, log }) {
    log.info('opening ' + name);
    let turn = 0;
    return {
      async get(path, keys, signal) {
        if (config.token.reveal() !== 'open-sesame') throw new ConfigError('the vault does not open');
        if (signal.aborted) throw new Error('late');
        turn++;
        return { data: Object.fromEntries(keys.map((key) => [key, path + '/' + key + '/' + turn])), ttlMs: path === 'lease' ? 1 : undefined };
      },
      close: () => globalThis.closed?.push(name),
    };
  },
});
export const source = defineSource({
  class: 'test.Source',
  version: '1.0.0',
  config: { password: password({ doc: 'The secret.' }) },
  async *run(config, { signal }) {
    globalThis.seen?.push(config.password.reveal());
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
  },
});
`;

interface Scene {
  readonly worker: TestWorker;
  readonly seen: readonly string[];
  readonly closed: readonly string[];
}

async function scene(t: Test, token = `\${env:TRIBUTARY_TEST_TOKEN}`): Promise<Scene> {
  process.env['TRIBUTARY_TEST_TOKEN'] = 'open-sesame';
  const dir = tempDir(t);
  writeFileSync(join(dir, 'plugins.ts'), PLUGINS);
  const [seen, closed]: [string[], string[]] = [[], []];
  Object.assign(globalThis, { seen, closed });
  const worker = await testWorker(t, {
    'plugin.path': dir,
    'config.providers': 'vault,env',
    'config.providers.vault.class': 'Vault',
    'config.providers.vault.param.token': token,
    'config.providers.env.class': 'EnvVarConfigProvider',
  });
  return { worker, seen, closed };
}

const config = (path: string, more: Record<string, string> = {}) => ({
  'connector.class': 'test.Source',
  password: `\${vault:${path}:key}`,
  ...more,
});

t.test("a provider of one's own is found by its alias, and its token may come from another provider", async (t) => {
  const { worker, seen, closed } = await scene(t);
  await worker.call('PUT', '/connectors/a/config', config('kv'));
  await worker.untilState('a', 'RUNNING', 1);
  t.match(seen[0], /^kv\/key\/\d+$/);
  const { json } = await worker.call('GET', '/connector-plugins?connectorsOnly=false');
  t.notOk(JSON.stringify(json).includes('ConfigProvider'), 'providers are not listed, as in Java');
  await worker.worker.stop();
  t.same(closed, ['vault']);
});

t.test('a provider that fails is told where the reference stands', async (t) => {
  const { worker } = await scene(t, 'wrong-token');
  const answer = await worker.call('PUT', '/connectors/a/config', config('kv'));
  t.match(answer, {
    status: 400,
    json: { message: `Invalid value \${vault:kv:key} for configuration password: the vault does not open` },
  });
});

t.test('when values expire the connector is restarted and its tasks get new ones', async (t) => {
  const { worker, seen } = await scene(t);
  await worker.call('PUT', '/connectors/a/config', config('lease'));
  await until(() => seen.length >= 3);
  t.equal(new Set(seen).size, seen.length, 'each start has a value of its own');
  t.ok(worker.log.some((line) => line.includes('Values of config providers that connector a uses have expired')));
  await worker.call('PUT', '/connectors/a/pause');
  await worker.untilState('a', 'PAUSED', 1);
  await worker.call('DELETE', '/connectors/a');
  t.match(await worker.call('GET', '/connectors/a'), { status: 404 });
});

t.test('config.action.reload=none keeps the values', async (t) => {
  const { worker, seen } = await scene(t);
  await worker.call('PUT', '/connectors/none/config', config('lease', { 'config.action.reload': 'none' }));
  await worker.untilState('none', 'RUNNING', 1);
  // One with the same lease is restarted in the meantime.
  await worker.call('PUT', '/connectors/other/config', config('lease'));
  await until(() => worker.log.filter((line) => line.includes('connector other uses have expired')).length >= 2);
  t.notOk(worker.log.some((line) => line.includes('connector none uses have expired')));
  t.ok(seen.length >= 3);
});
