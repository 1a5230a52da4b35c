/** Workers of one group on a real Kafka, in one process: who runs what, who may write, and what becomes of it when one goes. */
import { sharedKafka } from '@tributary/services';
import t from 'tap';
import { groupOf, type TestWorker, testWorker, until } from '../../support/worker.ts';

const bootstrap = await sharedKafka();
let groups = 0;

interface TaskState {
  readonly id: number;
  readonly state: string;
  readonly worker_id: string;
}

function clusterOf(t: Parameters<typeof testWorker>[0], props: Record<string, string> = {}) {
  const group = groupOf(`cluster-${process.pid}-${++groups}`);
  return (): Promise<TestWorker> =>
    testWorker(t, {
      'bootstrap.servers': bootstrap,
      ...group,
      'heartbeat.interval.ms': '200',
      'session.timeout.ms': '6000',
      'config.storage.replication.factor': '1',
      'offset.storage.replication.factor': '1',
      'status.storage.replication.factor': '1',
      ...props,
    });
}

const simulator = (name: string, tasks: number) => ({
  'connector.class': 'MarketSimulatorSource',
  topic: `${name}-ticks`,
  streams: String(tasks),
  'tasks.max': String(tasks),
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
