/** Workers of one group on a real Kafka, in one process: who runs what, who may write, and what becomes of it when one goes. */
import { freePorts, sharedKafka } from '@tributary/services';
import t from 'tap';
import { workerProcess } from '../../support/process.ts';
import { type Answer, groupOf, type TestWorker, tempDir, testWorker, until } from '../../support/worker.ts';

const bootstrap = await sharedKafka();
let groups = 0;

interface TaskState {
  readonly id: number;
  readonly state: string;
  readonly worker_id: string;
}

/** Of a worker in a group of its own. */
function clusterProps(own: Record<string, string>): Record<string, string> {
  return {
    'bootstrap.servers': bootstrap,
    ...groupOf(`cluster-${process.pid}-${++groups}`),
    'heartbeat.interval.ms': '200',
    'session.timeout.ms': '6000',
    'config.storage.replication.factor': '1',
    'offset.storage.replication.factor': '1',
    'status.storage.replication.factor': '1',
    ...own,
  };
}

function clusterOf(t: Parameters<typeof testWorker>[0], props: Record<string, string> = {}) {
  const shared = clusterProps(props);
  return (own: Record<string, string> = {}): Promise<TestWorker> => testWorker(t, { ...shared, ...own });
}

const simulator = (name: string, tasks: number) => ({
  'connector.class': 'MarketSimulatorSource',
  topic: `${name}-ticks`,
  streams: String(tasks),
  'tasks.max': String(tasks),
  'topic.creation.default.partitions': '1',
  'topic.creation.default.replication.factor': '1',
  'rate.per.second': '10',
});

async function tasksOf({ call }: TestWorker, name: string): Promise<readonly TaskState[]> {
  return (await call('GET', `/connectors/${name}/status`)).json?.tasks ?? [];
}

/** How many tasks each worker has, of those that run. */
async function loads(worker: TestWorker, names: readonly string[]): Promise<Record<string, number>> {
  const tasks = (await Promise.all(names.map((name) => tasksOf(worker, name)))).flat();
  const counts: Record<string, number> = {};
  for (const { state, worker_id } of tasks) if (state === 'RUNNING') counts[worker_id] = (counts[worker_id] ?? 0) + 1;
  return counts;
}

t.test('workers of one group share the tasks out, and take requests for each other', async (t) => {
  const start = clusterOf(t);
  const [a, b, c] = [await start(), await start(), await start()];
  for (const name of ['one', 'two', 'three']) {
    const { status, json } = await a.call('PUT', `/connectors/${name}/config`, simulator(name, 3));
    t.equal(status, 201, json?.message);
  }
  await Promise.all(['one', 'two', 'three'].map((name) => b.untilState(name, 'RUNNING', 3)));
  await until(async () => Object.values(await loads(c, ['one', 'two', 'three'])).join() === '3,3,3');
  t.same(
    (await Promise.all([a, b, c].map(({ call }) => call('GET', '/connectors?expand=status')))).map(
      ({ json }) => json,
    )[0],
    (await c.call('GET', '/connectors?expand=status')).json,
  );
});

/** Records written by each task of a worker since it started there. */
const written = ({ worker }: TestWorker): Map<string, number> =>
  new Map(
    worker
      .report()
      .map(({ connector, task, metrics }) => [
        `${connector}-${task}`,
        metrics?.counters['source-record-write-total'] ?? 0,
      ]),
  );

t.test('a worker that joins takes over no more than its share, and what stays runs on', async (t) => {
  const start = clusterOf(t);
  const [a, b] = [await start(), await start()];
  const names = ['one', 'two', 'three'];
  for (const name of names) await a.call('PUT', `/connectors/${name}/config`, simulator(name, 4));
  await until(async () => Object.values(await loads(a, names)).join() === '6,6');
  await until(() => [a, b].every((worker) => [...written(worker).values()].every((count) => count > 0)));
  const before = [written(a), written(b)];
  const c = await start();
  await until(async () => Object.values(await loads(c, names)).join() === '4,4,4');
  [written(a), written(b)].forEach((now, i) => {
    t.equal(now.size, 4, 'two of six have moved');
    for (const [task, count] of now)
      t.ok(count >= (before[i]!.get(task) ?? Number.POSITIVE_INFINITY), `${task} was not started anew`);
  });
});

t.test('what a worker leaves behind waits for it, and goes to the others if it does not come back', async (t) => {
  const start = clusterOf(t, { 'scheduled.rebalance.max.delay.ms': '3000' });
  const [a, b] = [await start(), await start()];
  await a.call('PUT', '/connectors/one/config', simulator('one', 4));
  await until(async () => Object.values(await loads(a, ['one'])).join() === '2,2');
  const [mine, theirs] = [[...written(a).keys()], [...written(b).keys()]];
  await b.worker.stop();
  await until(async () => (await tasksOf(a, 'one')).filter(({ state }) => state === 'UNASSIGNED').length === 2);
  t.same([...written(a).keys()], mine, 'they wait');
  await until(async () => Object.values(await loads(a, ['one'])).join() === '4');
  t.same([...written(a).keys()].sort(), [...mine, ...theirs].sort());
});

t.test('a worker that comes back has what it had', async (t) => {
  const start = clusterOf(t, { 'scheduled.rebalance.max.delay.ms': '300000' });
  const [port] = await freePorts(1);
  const [a, b] = [await start(), await start({ listeners: `http://127.0.0.1:${port}` })];
  await a.call('PUT', '/connectors/one/config', simulator('one', 5));
  await until(
    async () =>
      Object.values(await loads(a, ['one']))
        .sort()
        .join() === '2,3',
  );
  const had = [...written(b).keys()].sort();
  await b.restart();
  await until(
    async () =>
      Object.values(await loads(a, ['one']))
        .sort()
        .join() === '2,3',
  );
  t.same([...written(b).keys()].sort(), had);
});

t.test('each worker takes each command', async (t) => {
  const start = clusterOf(t);
  const workers = [await start(), await start(), await start()];
  const [a, b, c] = workers as [TestWorker, TestWorker, TestWorker];
  const settle = (state: string) => Promise.all(workers.map(({ untilState }) => untilState('x', state, 2)));
  t.equal((await a.call('POST', '/connectors', { name: 'x', config: simulator('x', 2) })).status, 201);
  t.equal((await b.call('POST', '/connectors', { name: 'x', config: simulator('x', 2) })).status, 409, 'there is one');
  await settle('RUNNING');
  for (const [i, { call }] of workers.entries()) {
    const others = workers[(i + 1) % workers.length]!;
    t.equal((await call('PUT', '/connectors/x/pause')).status, 202);
    await settle('PAUSED');
    t.equal((await others.call('PUT', '/connectors/x/resume')).status, 202);
    await settle('RUNNING');
    t.equal((await call('POST', '/connectors/x/restart')).status, 204);
    t.equal((await call('POST', '/connectors/x/restart?includeTasks=true')).json.tasks[1].state, 'RESTARTING');
    await settle('RUNNING');
    t.equal((await call('POST', '/connectors/x/tasks/1/restart')).status, 204);
    await settle('RUNNING');
    t.equal((await call('POST', '/connectors/x/tasks/7/restart')).status, 404);
    t.equal((await call('POST', '/connectors/none/restart')).status, 404);
    const patched = await call('PATCH', '/connectors/x/config', { 'rate.per.second': String(20 + i) });
    t.equal(patched.json.config['rate.per.second'], String(20 + i));
    t.equal(
      (await call('GET', '/connectors/x/config')).json['rate.per.second'],
      String(20 + i),
      'it reads what it wrote',
    );
    await settle('RUNNING');
  }
  t.equal((await c.call('PUT', '/connectors/x/stop')).status, 204);
  await until(async () => (await a.call('GET', '/connectors/x/status')).json.tasks.length === 0);
  t.ok((await b.call('GET', '/connectors/x/offsets')).json.offsets.length > 0);
  for (const { call } of workers) t.equal((await call('DELETE', '/connectors/x/offsets')).status, 200);
  t.same((await b.call('GET', '/connectors/x/offsets')).json.offsets, []);
  t.equal((await b.call('DELETE', '/connectors/x')).status, 204);
  for (const { call } of workers)
    await until(async () => {
      const gone = await Promise.all(['', '/status'].map((path) => call('GET', `/connectors/x${path}`)));
      return gone.every(({ status }) => status === 404);
    });
});

t.test('a connector has as many tasks as it is told to have, and they are in balance', async (t) => {
  const start = clusterOf(t);
  const [a, b] = [await start(), await start()];
  await a.call('PUT', '/connectors/x/config', simulator('x', 1));
  for (const tasks of [6, 2, 5, 4]) {
    await b.call('PUT', '/connectors/x/config', simulator('x', tasks));
    const halves = [Math.floor(tasks / 2), Math.ceil(tasks / 2)].join();
    await until(async () => {
      const states = await tasksOf(a, 'x');
      return (
        states.length === tasks &&
        Object.values(await loads(a, ['x']))
          .sort()
          .join() === halves
      );
    });
  }
  t.equal(written(a).size + written(b).size, 4);
});

t.test('a worker in the place of another one is told so, and so is the other', async (t) => {
  const start = clusterOf(t, { 'group.instance.id': `same-${process.pid}` });
  const a = await start();
  const b = await start();
  await until(() =>
    a.log.some((line) => /error Another worker has taken this one's place .*group\.instance\.id/.test(line)),
  );
  t.equal((await b.call('GET', '/connectors')).status, 200);
});

t.test('while a rebalance does not come to its end, changes are refused with 409, and reading goes on', async (t) => {
  const props = clusterProps({ 'session.timeout.ms': '30000' });
  const a = await testWorker(t, props);
  const [port] = await freePorts(1);
  const b = await workerProcess(t, tempDir(t), port!, props);
  const put = (name: string): Promise<Answer> => a.call('PUT', `/connectors/${name}/config`, simulator(name, 2));
  t.equal((await put('x')).status, 201);
  await until(async () => Object.keys(await loads(a, ['x'])).length === 2);
  b.child.kill('SIGSTOP');
  t.equal((await put('y')).status, 201, 'the leader knows nothing yet of the worker that stands still');
  t.match(await put('z'), {
    status: 409,
    json: { message: /^Cannot complete request momentarily due to stale configuration/ },
  });
  t.equal((await a.call('GET', '/connectors/y/config')).json.topic, 'y-ticks');
  t.ok((await tasksOf(a, 'x')).every(({ state }) => state === 'RUNNING'));
  b.child.kill('SIGCONT');
  await until(async () => (await put('z')).status === 201);
  await Promise.all(['x', 'y', 'z'].map((name) => a.untilState(name, 'RUNNING', 2)));
});
