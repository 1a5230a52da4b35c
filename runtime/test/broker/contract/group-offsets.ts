import type { Test } from 'tap';
import { BrokerError } from '../../../src/broker/errors.ts';
import { type Bench, numbered, record, values } from './support.ts';

export async function groupOffsets(t: Test, bench: Bench): Promise<void> {
  const { groups } = bench.broker;

  await t.test('an unknown group has no offsets', async (t) => {
    t.strictSame(await groups.committed(bench.name('group')), []);
  });

  await t.test('offsets can be altered while nobody is in the group', async (t) => {
    const topic = await bench.topic();
    const groupId = bench.name('group');
    await bench.send(numbered('v', 5).map((value) => record(topic, value)));
    await groups.alter(groupId, [{ topic, partition: 0, offset: 3 }]);
    t.strictSame(await groups.committed(groupId), [{ topic, partition: 0, offset: 3 }]);
    const consumer = bench.consumer(t, { groupId, topics: [topic] });
    t.strictSame(values(await bench.take(consumer, 2)), ['v3', 'v4']);
    await t.rejects(groups.alter(groupId, [{ topic, partition: 0, offset: 0 }]), {
      code: /^(UNKNOWN_MEMBER_ID|NON_EMPTY_GROUP)$/,
    });
    await consumer.close();
    await groups.alter(groupId, [{ topic, partition: 0, offset: 1 }]);
    t.strictSame(await groups.committed(groupId), [{ topic, partition: 0, offset: 1 }]);
  });

  await t.test('offsets of some partitions can be deleted', async (t) => {
    const topic = await bench.topic(2);
    const groupId = bench.name('group');
    await groups.alter(groupId, [
      { topic, partition: 0, offset: 3 },
      { topic, partition: 1, offset: 4 },
    ]);
    await groups.delete(groupId, [{ topic, partition: 0 }]);
    t.strictSame(await groups.committed(groupId), [{ topic, partition: 1, offset: 4 }]);
  });

  await t.test('a group is deleted once it is empty', async (t) => {
    const topic = await bench.topic();
    const groupId = bench.name('group');
    const consumer = bench.consumer(t, { groupId, topics: [topic] });
    await bench.join(consumer, 1);
    await consumer.commit([{ topic, partition: 0, offset: 0 }]);
    await t.rejects(groups.deleteGroup(groupId), { code: 'NON_EMPTY_GROUP' });
    await t.rejects(groups.deleteGroup(groupId), BrokerError);
    await consumer.close();
    await groups.deleteGroup(groupId);
    t.strictSame(await groups.committed(groupId), []);
  });

  await t.test('deleting an unknown group is no error', async (t) => {
    await groups.deleteGroup(bench.name('group'));
    t.pass();
  });
}
