/** States that several workers write to one topic, on the embedded log. */
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { openEmbedded } from '../../src/broker/embedded/index.ts';
import type { Broker } from '../../src/broker/port.ts';
import { ensureInternalTopic } from '../../src/store/internal-topic.ts';
import { mayReplace, type State, type Status } from '../../src/store/status.ts';
import { StatusStore } from '../../src/store/status-store.ts';
import { testLogger } from '../support/logger.ts';
import { tempDir, until } from '../support/worker.ts';

async function openLog(t: Test): Promise<Broker> {
  const folder = join(tempDir(t), 'log');
  const broker = await openEmbedded({ configs: { 'bootstrap.servers': `embedded:${folder}` }, clientId: 'test' });
  t.teardown(() => broker.close());
  return broker;
}

const createTopic = (broker: Broker, name: string): Promise<void> =>
  ensureInternalTopic(broker, { name, partitions: 3, replicationFactor: 1, configs: {} }, 'key', false);

async function openStore(broker: Broker, topic: string): Promise<StatusStore> {
  const store = new StatusStore(broker, topic, 'test', testLogger);
  await store.refresh();
  return store;
}

/** A topic, and a store for each worker that has started on it. */
async function openStores(t: Test, workers: number): Promise<readonly StatusStore[]> {
  const broker = await openLog(t);
  await createTopic(broker, 'status');
  return Promise.all(Array.from({ length: workers }, () => openStore(broker, 'status')));
}

const status = (state: State, worker: string, generation: number): Status => ({
  state,
  trace: null,
  worker_id: worker,
  generation,
  version: null,
});

t.test('what a worker says as it gives something up does not replace what another says in a later generation', (t) => {
  const known = status('RUNNING', 'b', 7);
  t.notOk(mayReplace(known, status('FAILED', 'a', 6)));
  t.notOk(mayReplace(known, status('UNASSIGNED', 'a', 6)));
  t.ok(mayReplace(known, status('FAILED', 'a', 7)));
  t.ok(mayReplace(known, status('FAILED', 'b', 6)), 'its own it may replace');
  t.ok(mayReplace(known, status('RUNNING', 'a', 6)), 'whoever has it says that it runs');
  t.end();
});

t.test('a worker knows at once what it has said, and others soon', async (t) => {
  const [a, b] = await openStores(t, 2);
  a!.putTask('c', 0, status('RUNNING', 'a', 1));
  t.match(a!.task('c', 0), { state: 'RUNNING' });
  await until(() => b!.task('c', 0)?.worker_id === 'a');
});

t.test(
  'a late word of a worker that has lost a task does not cover its successor, even if it does not know of it',
  async (t) => {
    const [late, successor] = await openStores(t, 2);
    late!.putTask('c', 0, status('RUNNING', 'late', 5));
    await until(() => successor!.task('c', 0)?.generation === 5);
    successor!.putTask('c', 0, status('RUNNING', 'successor', 6));
    late!.putTask('c', 0, status('FAILED', 'late', 5));
    t.match(late!.task('c', 0), { state: 'FAILED' }, 'it has not read of the successor yet');
    await Promise.all([late!.flush(), successor!.flush()]);
    await until(() => late!.task('c', 0)?.worker_id === 'successor');
    late!.putTask('c', 0, status('UNASSIGNED', 'late', 5));
    await late!.flush();
    await late!.refresh();
    await successor!.refresh();
    for (const store of [late, successor]) t.match(store!.task('c', 0), status('RUNNING', 'successor', 6));
  },
);

t.test(
  'a worker whose task is covered by a late word of another, such as one of Java, says again what holds',
  async (t) => {
    const broker = await openLog(t);
    await createTopic(broker, 'status');
    const [owner, other] = [await openStore(broker, 'status'), await openStore(broker, 'status')];
    owner.putTask('c', 0, status('RUNNING', 'owner', 6));
    await until(() => other.task('c', 0)?.worker_id === 'owner');
    const java = await broker.producer({ clientId: 'java' });
    const record = { topic: 'status', partition: null, timestamp: null, headers: [] };
    const [key, value] = ['status-task-c-0', JSON.stringify(status('FAILED', 'java', 5))].map((text) =>
      Buffer.from(text),
    );
    await java.send([{ ...record, key: key!, value: value! }]);
    await until(() => other.task('c', 0)?.worker_id === 'java');
    await until(() => other.task('c', 0)?.worker_id === 'owner');
    t.match(owner.task('c', 0), status('RUNNING', 'owner', 6));
  },
);

t.test('generations of a group that is gone keep nobody from saying that its task has failed', async (t) => {
  const broker = await openLog(t);
  await createTopic(broker, 'status');
  const before = await openStore(broker, 'status');
  before.putTask('c', 0, status('RUNNING', 'a', 50));
  await before.close();
  const store = await openStore(broker, 'status');
  store.putTask('c', 0, status('FAILED', 'b', 1));
  await store.flush();
  const after = await openStore(broker, 'status');
  t.match(after.task('c', 0), status('FAILED', 'b', 1));
});

t.test('however the writes of several workers come together, all of them show what the topic ends with', async (t) => {
  const broker = await openLog(t);
  const WORKERS = 3;
  const step = fc.record({
    worker: fc.nat(WORKERS - 1),
    task: fc.nat(2),
    state: fc.constantFrom<State | null>('RUNNING', 'PAUSED', 'FAILED', 'UNASSIGNED', 'RESTARTING', null),
    /** By how much the worker's generation has grown. */
    grown: fc.nat(2),
    turns: fc.nat(3),
  });
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const topic = `status-${runs++}`;
      await createTopic(broker, topic);
      const stores = await Promise.all(Array.from({ length: WORKERS }, () => openStore(broker, topic)));
      const generations = Array.from({ length: WORKERS }, () => 0);
      for (const { worker, task, state, grown, turns } of steps) {
        generations[worker]! += grown;
        stores[worker]!.putTask('c', task, state && status(state, String(worker), generations[worker]!));
        for (let i = 0; i < turns; i++) await turn();
      }
      let end = -1;
      for (let now = await recordsOf(broker, topic); now !== end; now = await recordsOf(broker, topic)) {
        end = now;
        await Promise.all(stores.map((store) => store.flush()));
        await Promise.all(stores.map((store) => store.refresh()));
        await Promise.all(stores.map((store) => store.flush()));
      }
      const fresh = await openStore(broker, topic);
      for (const store of stores) t.same(store.tasks('c'), fresh.tasks('c'));
      await Promise.all([...stores, fresh].map((store) => store.close()));
    }),
    { numRuns: 150, seed: 20_240_601 },
  );
});

const recordsOf = async (broker: Broker, topic: string): Promise<number> =>
  (await broker.topics.endOffsets(topic)).reduce((sum, { offset }) => sum + offset, 0);
