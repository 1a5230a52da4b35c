import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { testWorker, until } from '../support/worker.ts';

/** A source that takes its time to divide its work: until the test lets it go on. */
const SLOW = `
import { defineSource } from '@tributary/api';
export default defineSource({
  class: 'example.SlowSource',
  version: '1.0.0',
  config: {},
  async taskConfigs() {
    await new Promise((resolve) => { globalThis.letGo = resolve; });
    return [];
  },
  async *run() {},
});`;

t.test('a worker whose herder does not move on is not healthy', async (t) => {
  const plugins = join(t.testdir(), 'plugins');
  mkdirSync(plugins);
  writeFileSync(join(plugins, 'slow.js'), SLOW);
  const { call } = await testWorker(t, { 'plugin.path': plugins });
  t.match(await call('GET', '/health'), { status: 200, json: { status: 'healthy' } });
  await call('POST', '/connectors', { name: 'slow', config: { 'connector.class': 'SlowSource' } });
  const global = globalThis as { letGo?: () => void };
  await until(() => global.letGo !== undefined);
  t.match(await call('GET', '/health'), { status: 500, json: { status: 'unhealthy', message: /more than 10 s/ } });
  global.letGo!();
  await until(async () => (await call('GET', '/health')).status === 200);
});
