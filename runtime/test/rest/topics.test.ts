import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { testWorker, until } from '../support/worker.ts';

t.test('the topics of a connector are forgotten on demand', async (t) => {
  const { call, dir } = await testWorker(t);
  writeFileSync(join(dir, 'in.txt'), 'one\n');
  await call('PUT', '/connectors/src/config', {
    'connector.class': 'FileStreamSource',
    topic: 'lines',
    file: join(dir, 'in.txt'),
  });
  const topics = async (): Promise<readonly string[]> => (await call('GET', '/connectors/src/topics')).json.src.topics;
  await until(async () => (await topics()).length > 0);
  t.strictSame(await topics(), ['lines']);
  t.match(await call('PUT', '/connectors/src/topics/reset'), { status: 202, text: '' });
  t.strictSame(await topics(), []);
  t.match(await call('PUT', '/connectors/nope/topics/reset'), { status: 202 });
  t.strictSame((await call('GET', '/connectors/nope/topics')).json, { nope: { topics: [] } });
});

t.test('a worker that keeps no topics says so', async (t) => {
  const { call } = await testWorker(t, { 'topic.tracking.enable': 'false' });
  const disabled = { status: 403, json: { error_code: 403, message: 'Topic tracking is disabled.' } };
  t.match(await call('GET', '/connectors/src/topics'), disabled);
  t.match(await call('PUT', '/connectors/src/topics/reset'), disabled);
});

t.test('so does one that lets nobody reset them', async (t) => {
  const { call } = await testWorker(t, { 'topic.tracking.allow.reset': 'false' });
  t.equal((await call('GET', '/connectors/src/topics')).status, 200);
  t.match(await call('PUT', '/connectors/src/topics/reset'), {
    status: 403,
    json: { message: 'Topic tracking reset is disabled.' },
  });
});
