import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { testWorker, until } from '../support/worker.ts';

const SOURCE = { 'connector.class': 'FileStreamSource', topic: 'lines' };

t.test('the root tells version and cluster, health that it is healthy', async (t) => {
  const { call } = await testWorker(t);
  const root = await call('GET', '/');
  t.equal(root.status, 200);
  t.match(root.json, { version: '4.1.0', commit: String, kafka_cluster_id: /.{8,}/ });
  t.same((await call('GET', '/health')).json, {
    status: 'healthy',
    message: 'Worker has completed startup and is ready to handle requests.',
  });
});

t.test('a connector is created, shown, changed and deleted', async (t) => {
  const { call, url, dir, untilState } = await testWorker(t);
  const file = join(dir, 'in.txt');
  writeFileSync(file, '');
  const config = { ...SOURCE, file, 'tasks.max': 1 };
  const shown = { ...SOURCE, file, 'tasks.max': '1', name: 'src' };
  t.same((await call('GET', '/connectors/')).json, []);

  const made = await call('POST', '/connectors', { name: ' src ', config });
  t.equal(made.status, 201);
  t.equal(made.headers.get('location'), `${url}/connectors/src`);
  t.same(made.json, { name: 'src', config: shown, tasks: [], type: 'source' });
  await untilState('src', 'RUNNING', 1);

  const again = await call('POST', '/connectors', { name: 'src', config });
  t.match(again, { status: 409, json: { error_code: 409, message: 'Connector src already exists' } });

  t.same((await call('GET', '/connectors')).json, ['src']);
  t.same((await call('GET', '/connectors/src')).json, {
    name: 'src',
    config: shown,
    tasks: [{ connector: 'src', task: 0 }],
    type: 'source',
  });
  t.same((await call('GET', '/connectors/src/config')).json, shown);
  t.same((await call('GET', '/connectors/src/tasks')).json, [
    {
      id: { connector: 'src', task: 0 },
      config: { ...shown, 'task.class': 'org.apache.kafka.connect.file.FileStreamSourceTask' },
    },
  ]);
  const worker = url.replace('http://', '');
  const state = { state: 'RUNNING', worker_id: worker, version: '4.1.0' };
  const status = { name: 'src', connector: state, tasks: [{ id: 0, ...state }], type: 'source' };
  t.same((await call('GET', '/connectors/src/status')).json, status);
  t.same((await call('GET', '/connectors/src/tasks/0/status')).json, { id: 0, ...state });
  const expanded = await call('GET', '/connectors?expand=status&expand=info&expand=zz');
  t.same(expanded.json.src.status, status);
  t.equal(expanded.json.src.info.name, 'src');

  const changed = await call('PUT', '/connectors/src/config', { ...config, 'batch.size': '7' });
  t.match(changed, { status: 200, json: { config: { 'batch.size': '7' }, tasks: [{ connector: 'src', task: 0 }] } });
  const created = await call('PUT', '/connectors/other/config', {
    'connector.class': 'FileStreamSink',
    topics: 'lines',
    file: join(dir, 'out'),
  });
  t.match(created, { status: 201, json: { type: 'sink', tasks: [] } });

  t.match(await call('DELETE', '/connectors/src'), { status: 204, text: '' });
  t.match(await call('GET', '/connectors/src'), { status: 404, json: { message: 'Connector src not found' } });
  t.match(await call('GET', '/connectors/src/status'), {
    status: 404,
    json: { message: 'No status found for connector src' },
  });
});

t.test('pause, resume, stop and restart change what runs', async (t) => {
  const { call, dir, untilState } = await testWorker(t);
  const file = join(dir, 'in.txt');
  const out = join(dir, 'out.txt');
  writeFileSync(file, 'one\n');
  const text = (): string => {
    try {
      return readFileSync(out, 'utf8');
    } catch {
      return '';
    }
  };
  await call('POST', '/connectors', { name: 'src', config: { ...SOURCE, file } });
  await call('POST', '/connectors', {
    name: 'snk',
    config: { 'connector.class': 'FileStreamSink', topics: 'lines', file: out },
  });
  await until(() => text() === 'one\n');

  t.match(await call('PUT', '/connectors/src/pause'), { status: 202, text: '' });
  await untilState('src', 'PAUSED', 1);
  appendFileSync(file, 'two\n');
  t.match(await call('PUT', '/connectors/src/resume'), { status: 202 });
  await until(() => text() === 'one\ntwo\n');

  t.match(await call('PUT', '/connectors/src/stop'), { status: 204 });
  await untilState('src', 'STOPPED');
  t.same((await call('GET', '/connectors/src/tasks')).json, []);
  t.same((await call('GET', '/connectors/src/status')).json.tasks, []);
  appendFileSync(file, 'three\n');
  await call('PUT', '/connectors/src/resume');
  await until(() => text() === 'one\ntwo\nthree\n');

  t.match(await call('POST', '/connectors/src/restart'), { status: 204 });
  const planned = await call('POST', '/connectors/src/restart?includeTasks=true');
  t.match(planned, {
    status: 202,
    json: { connector: { state: 'RESTARTING' }, tasks: [{ id: 0, state: 'RESTARTING' }] },
  });
  await untilState('src', 'RUNNING', 1);
  const nothing = await call('POST', '/connectors/src/restart?includeTasks=true&onlyFailed=true');
  t.match(nothing, { status: 202, json: { connector: { state: 'RUNNING' }, tasks: [{ state: 'RUNNING' }] } });
  t.match(await call('POST', '/connectors/src/tasks/0/restart'), { status: 204 });
  appendFileSync(file, 'four\n');
  await until(() => text() === 'one\ntwo\nthree\nfour\n');
});

t.test('a restart of the worker brings back what was there', async (t) => {
  const tested = await testWorker(t);
  const { call, dir, untilState } = tested;
  const file = join(dir, 'in.txt');
  const out = join(dir, 'out.txt');
  writeFileSync(file, 'one\n');
  await call('POST', '/connectors', { name: 'src', config: { ...SOURCE, file } });
  await call('POST', '/connectors', {
    name: 'snk',
    config: { 'connector.class': 'FileStreamSink', topics: 'lines', file: out },
  });
  await call('POST', '/connectors', { name: 'idle', config: { ...SOURCE, file }, initial_state: 'stopped' });
  await until(() => {
    try {
      return readFileSync(out, 'utf8') === 'one\n';
    } catch {
      return false;
    }
  });
  await call('PUT', '/connectors/src/pause');
  await untilState('src', 'PAUSED', 1);
  await tested.restart();
  t.same((await call('GET', '/connectors')).json.sort(), ['idle', 'snk', 'src']);
  await untilState('src', 'PAUSED', 1);
  await untilState('idle', 'STOPPED');
  appendFileSync(file, 'two\n');
  await call('PUT', '/connectors/src/resume');
  await until(() => readFileSync(out, 'utf8') === 'one\ntwo\n');
});

t.test('a failed task shows the root cause on the first line of its trace', async (t) => {
  const { call, dir, untilState } = await testWorker(t);
  const file = join(dir, 'in.txt');
  writeFileSync(file, 'this is not JSON\n');
  const string = 'org.apache.kafka.connect.storage.StringConverter';
  await call('POST', '/connectors', { name: 'src', config: { ...SOURCE, file, 'value.converter': string } });
  await call('POST', '/connectors', {
    name: 'bad',
    config: { 'connector.class': 'FileStreamSink', topics: 'lines', file: join(dir, 'out') },
  });
  await until(async () => (await call('GET', '/connectors/bad/status')).json?.tasks?.[0]?.state === 'FAILED');
  const [task] = (await call('GET', '/connectors/bad/status')).json.tasks;
  t.match(
    task.trace.split('\n')[0],
    /connector bad, task 0, stage VALUE_CONVERTER .*topic lines, partition 0, offset 0/,
  );
  const planned = await call('POST', '/connectors/bad/restart?includeTasks=true&onlyFailed=true');
  t.match(planned, { status: 202, json: { connector: { state: 'RUNNING' }, tasks: [{ id: 0, state: 'RESTARTING' }] } });
  await call('PUT', '/connectors/bad/config', {
    'connector.class': 'FileStreamSink',
    topics: 'lines',
    file: join(dir, 'out'),
    'value.converter': string,
  });
  await untilState('bad', 'RUNNING', 1);
  await until(() => {
    try {
      return readFileSync(join(dir, 'out'), 'utf8') === 'this is not JSON\n';
    } catch {
      return false;
    }
  });
});

t.test('a slip in tasks.max fails the connector with the remedy, and not the worker', async (t) => {
  const { call, dir } = await testWorker(t);
  const config = {
    'connector.class': 'FileStreamSink',
    topics: 'lines',
    file: join(dir, 'out'),
    'tasks.max': 2147483647,
  };
  t.equal((await call('POST', '/connectors', { name: 'snk', config })).status, 201);
  await until(async () => (await call('GET', '/connectors/snk/status')).json?.connector.state === 'FAILED');
  const { connector } = (await call('GET', '/connectors/snk/status')).json;
  t.match(connector.trace, /^The connector snk would have 2147483647 tasks; 10000 are the most/);
});
