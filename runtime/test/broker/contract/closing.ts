import type { Test } from 'tap';
import { type Bench, record } from './support.ts';

/** How many handles of each kind keep the process alive. */
function handles(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

export async function closing(t: Test, bench: Bench): Promise<void> {
  await t.test('close lets go of everything that was made with the broker', async (t) => {
    const before = handles();
    const broker = await bench.makeBroker();
    const topic = bench.name('topic');
    await broker.topics.create({ name: topic, partitions: 1, replicationFactor: 1, configs: {} });
    const producer = await broker.producer({ clientId: 'contract' });
    await producer.send([record(topic, 'x')]);
    const transactional = await broker.producer({ clientId: 'contract', transactionalId: bench.name('tx') });
    await transactional.begin();
    await transactional.send([record(topic, 'y')]);
    const consumer = broker.consumer({ clientId: 'contract', groupId: bench.name('group'), topics: [topic] });
    await bench.take(consumer, 1);
    const waiting = consumer.poll({ maxRecords: 1, timeoutMs: 10 * bench.patienceMs }).catch(() => {});
    const reader = broker.reader({ clientId: 'contract', topic, onRecords: () => {}, onError: () => {} });
    await broker.close();
    await waiting;
    await t.rejects(producer.send([record(topic, 'x')]));
    await t.rejects(consumer.poll({ maxRecords: 1, timeoutMs: 10 }));
    await t.rejects(reader.readToEnd());
    await broker.close();
    await bench.until('no handle is left', () => [...handles()].every(([kind, n]) => n <= (before.get(kind) ?? 0)));
    t.pass();
  });
}
