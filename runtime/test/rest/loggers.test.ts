import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { tempDir, testWorker, until } from '../support/worker.ts';

t.test('the levels of all loggers, and of one', async (t) => {
  const { call } = await testWorker(t);
  const all = await call('GET', '/admin/loggers/');
  t.equal(all.status, 200);
  t.match(all.json, {
    'org.apache.kafka.connect.runtime.WorkerSinkTask': { level: 'INFO', last_modified: null },
    root: { level: 'INFO', last_modified: null },
    'tributary.herder': { level: 'INFO', last_modified: null },
  });
  t.strictSame((await call('GET', '/admin/loggers/Root')).json, { level: 'INFO', last_modified: null });
  const unknown = await call('GET', '/admin/loggers/nope');
  t.strictSame([unknown.status, unknown.json], [404, { error_code: 404, message: 'Logger nope not found.' }]);
});

t.test('a level that is set', async (t) => {
  const { call } = await testWorker(t);
  const before = Date.now();
  const set = await call('PUT', '/admin/loggers/tributary.tasks', { level: 'debug' });
  t.strictSame([set.status, set.json], [200, ['tributary.tasks', 'tributary.tasks.sink', 'tributary.tasks.source']]);
  const { level, last_modified } = (await call('GET', '/admin/loggers/tributary.tasks.sink')).json;
  t.equal(level, 'DEBUG');
  t.ok(last_modified >= before && last_modified <= Date.now());
  t.equal((await call('GET', '/admin/loggers/org.apache.kafka.connect.runtime.WorkerSinkTask')).json.level, 'DEBUG');
});

t.test('levels that make no sense', async (t) => {
  const { call } = await testWorker(t);
  const missing = { error_code: 400, message: "Desired 'level' parameter was not specified in request." };
  for (const body of ['{}', '', 'null', '[]', '{"level":null}'])
    t.strictSame((await call('PUT', '/admin/loggers/root', body)).json, missing, body);
  const bad = await call('PUT', '/admin/loggers/root', { level: 'loud' });
  t.strictSame([bad.status, bad.json], [404, { error_code: 404, message: "invalid log level 'loud'." }]);
});

t.test('a level for the whole cluster comes by the config topic, and not again after a restart', async (t) => {
  const worker = await testWorker(t);
  const set = await worker.call('PUT', '/admin/loggers/tributary.rest?scope=cluster', { level: 'error' });
  t.strictSame([set.status, set.text], [204, '']);
  t.equal((await worker.call('GET', '/admin/loggers/tributary.rest')).json.level, 'ERROR');
  await worker.restart();
  t.equal((await worker.call('GET', '/admin/loggers/tributary.rest')).json.level, 'INFO');
});

const TALKER = `
import { setTimeout as sleep } from 'node:timers/promises';
import { defineSource } from '@tributary/api';
export default defineSource({
  class: 'example.TalkerSource',
  version: '1.0.0',
  config: {},
  async *run(config, { log, signal }) {
    for (let n = 0; !signal.aborted; n++) {
      log.debug('I count', { n });
      await sleep(10);
    }
  },
});`;

for (const isolation of ['shared', 'thread']) {
  t.test(`a task with task.isolation=${isolation} follows its level`, async (t) => {
    const folder = join(tempDir(t), 'plugins');
    mkdirSync(folder);
    writeFileSync(join(folder, 'talker.js'), TALKER);
    const { call, untilState, log } = await testWorker(t, { 'plugin.path': folder, 'task.isolation': isolation });
    await call('POST', '/connectors', { name: 'talker', config: { 'connector.class': 'example.TalkerSource' } });
    await untilState('talker', 'RUNNING', 1);
    const counted = (): number => log.filter((line) => line.startsWith('debug I count')).length;
    t.equal(counted(), 0);
    t.strictSame((await call('PUT', '/admin/loggers/tributary.connector.talker', { level: 'DEBUG' })).json, [
      'tributary.connector.talker',
    ]);
    await until(() => counted() > 0);
  });
}
