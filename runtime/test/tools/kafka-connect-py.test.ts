/** The command line of kafka-connect-py, as its users run it, on our REST API. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pythonPackage } from '@tributary/services';
import t from 'tap';
import { testWorker, until } from '../support/worker.ts';

const tool = await pythonPackage('kafka-connect-py==1.0.0');
const COMMAND = 'from kafka_connect.cli import cli; cli()';
const VALIDATE = `
import json, sys
from kafka_connect import KafkaConnect
print(json.dumps(KafkaConnect(sys.argv[1]).validate_connector_config('FileStreamSource', json.loads(sys.argv[2]))))`;

t.test('kafka-connect-py', { skip: tool.ok ? false : tool.reason, timeout: 120_000 }, async (t) => {
  if (!tool.ok) return;
  const { url, dir, call, untilState } = await testWorker(t);
  const kc = (...args: readonly string[]): Promise<string> => tool.run(COMMAND, ['--url', url, ...args]);
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared with literals
  const json = async (...args: readonly string[]): Promise<any> => JSON.parse(await kc(...args));
  const state = async (): Promise<string> => (await json('status', 'src')).connector.state;
  writeFileSync(join(dir, 'in.txt'), 'one\n');
  const config = { 'connector.class': 'FileStreamSource', topic: 'lines', file: join(dir, 'in.txt') };

  t.match(await json('info'), { version: '4.1.0', commit: String, kafka_cluster_id: String });
  t.ok((await json('list-plugins')).some((plugin: { class: string }) => /FileStreamSource/.test(plugin.class)));
  const valid = await tool.run(VALIDATE, [url, JSON.stringify({ name: 'src', ...config })]);
  t.match(JSON.parse(valid), { name: 'FileStreamSource', error_count: 0 });
  const twice = await kc('validate-config', 'FileStreamSource', '-d', JSON.stringify(config));
  t.match(twice, /400/, 'the command encodes the config twice; Java answers 500');
  t.match(await json('create', '-d', JSON.stringify({ name: 'src', config })), { name: 'src', type: 'source' });
  t.match(await kc('create', '-d', JSON.stringify({ name: 'src', config })), /409/, 'it exists');
  await untilState('src', 'RUNNING', 1);

  t.strictSame(await json('list'), ['src']);
  t.match(await json('list', '--expand', 'status'), { src: { status: { connector: { state: 'RUNNING' } } } });
  t.match(await json('list', '--pattern', 's.c', '--state', 'RUNNING'), ['src']);
  t.match(await json('get', 'src'), { name: 'src', tasks: [{ connector: 'src', task: 0 }] });
  t.strictSame(await json('config', 'src'), { ...config, name: 'src' });
  t.match(await json('list-tasks', 'src'), [{ id: { connector: 'src', task: 0 } }]);
  t.match(await json('task-status', 'src', '0'), { id: 0, state: 'RUNNING' });
  await until(async () => (await json('list-topics', 'src')).src.topics.length > 0);
  await kc('reset-topics', 'src');
  t.strictSame(await json('list-topics', 'src'), { src: { topics: [] } });

  t.match(await json('update', 'src', '-d', JSON.stringify({ ...config, 'batch.size': 7 })), {
    config: { 'batch.size': '7' },
  });
  await untilState('src', 'RUNNING', 1);
  await kc('pause', 'src');
  await until(async () => (await state()) === 'PAUSED');
  await kc('resume', 'src');
  await until(async () => (await state()) === 'RUNNING');
  t.notMatch(await kc('restart', 'src'), /error/i);
  t.match(await json('restart', 'src', '--include-tasks'), { name: 'src', connector: { state: String } });
  await untilState('src', 'RUNNING', 1);
  await kc('restart-task', 'src', '0');
  await kc('restart', '--all', '--include-tasks', '--pattern', '.*');
  await untilState('src', 'RUNNING', 1);

  t.match(await kc('status', 'nope'), /No status found for connector nope|404/);
  await kc('delete', 'src');
  t.strictSame((await call('GET', '/connectors')).json, []);
});
