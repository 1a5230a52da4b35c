import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { testWorker, until } from '../support/worker.ts';

/** A source that takes its time to divide its work and to take other offsets: until the test lets it go on. */
const SLOW = `
import { defineSource } from '@tributary/api';
const wait = (name) => new Promise((resolve) => { globalThis[name] = resolve; });
export default defineSource({
  class: 'example.SlowSource',
  version: '1.0.0',
  config: {},
  async taskConfigs() {
    await wait('goOnDividing');
    return [{}];
  },
  async alterOffsets() {
    await wait('goOnAltering');
    return true;
  },
  async *run(_config, { signal }) {
    while (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  },
});`;

const global = globalThis as { goOnDividing?: () => void; goOnAltering?: () => void };

async function workerWithSlowSource(t: Parameters<typeof testWorker>[0]) {
  const plugins = join(t.testdir(), 'plugins');
  mkdirSync(plugins);
  writeFileSync(join(plugins, 'slow.js'), SLOW);
  return testWorker(t, { 'plugin.path': plugins });
}

t.test('a connector that hangs while it starts holds nobody else up', async (t) => {
  const { call, untilState } = await workerWithSlowSource(t);
  const config = { 'connector.class': 'MarketSimulatorSource', topic: 'ticks' };
  await call('POST', '/connectors', { name: 'slow', config: { 'connector.class': 'SlowSource' } });
  await until(() => global.goOnDividing !== undefined);
  await call('POST', '/connectors', { name: 'quick', config });
  await untilState('quick', 'RUNNING', 1);
  t.match(await call('GET', '/health'), { status: 200, json: { status: 'healthy' } });
  t.equal((await call('GET', '/connectors/slow/tasks')).json.length, 0);
  global.goOnDividing!();
  await untilState('slow', 'RUNNING', 1);
});

t.test('a worker whose herder does not move on is not healthy', async (t) => {
  const { call } = await workerWithSlowSource(t);
  await call('POST', '/connectors', {
    name: 'slow',
    config: { 'connector.class': 'SlowSource' },
    initial_state: 'STOPPED',
  });
  t.match(await call('GET', '/health'), { status: 200, json: { status: 'healthy' } });
  const altered = call('PATCH', '/connectors/slow/offsets', { offsets: [{ partition: { a: 1 }, offset: { b: 2 } }] });
  await until(() => global.goOnAltering !== undefined);
  t.match(await call('GET', '/health'), { status: 500, json: { status: 'unhealthy', message: /more than 10 s/ } });
  global.goOnAltering!();
  t.equal((await altered).status, 200);
  await until(async () => (await call('GET', '/health')).status === 200);
});
