import type { OffsetAndMetadata } from '@tributary/api';
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

  await t.test('metadata is kept with an offset until the next one', async (t) => {
    const topic = await bench.topic(2);
    const groupId = bench.name('group');
    const consumer = bench.consumer(t, { groupId, topics: [topic] });
    await bench.join(consumer, 2);
    const metadata = '{"clock": 1758548723123456, "Währung": "€"}';
    await consumer.commit([
      { topic, partition: 0, offset: 3, metadata },
      { topic, partition: 1, offset: 4, metadata: 'x'.repeat(4_096) },
    ]);
    const [first, second] = (await groups.committed(groupId)).toSorted((a, b) => a.partition - b.partition);
    t.strictSame(first, { topic, partition: 0, offset: 3, metadata });
    t.match(second, { offset: 4, metadata: /^x{4096}$/ });
    await t.rejects(consumer.commit([{ topic, partition: 0, offset: 5, metadata: 'x'.repeat(4_097) }]), {
      code: 'OFFSET_METADATA_TOO_LARGE',
    });
    await consumer.commit([{ topic, partition: 0, offset: 6 }]);
    await consumer.close();
    t.match(await groups.committed(groupId), [{ offset: 6, metadata: undefined }, {}]);
    await groups.alter(groupId, [{ topic, partition: 1, offset: 0 }]);
    t.match(await groups.committed(groupId), [{ metadata: undefined }, { offset: 0, metadata: undefined }]);
  });

  await t.test('who is given partitions is told what the group has of them', async (t) => {
    const topic = await bench.topic(3);
    const groupId = bench.name('group');
    await groups.alter(groupId, [
      { topic, partition: 0, offset: 0, metadata: 'since 9:00' },
      { topic, partition: 2, offset: 0 },
    ]);
    const told: OffsetAndMetadata[] = [];
    const consumer = bench.consumer(t, {
      groupId,
      topics: [topic],
      onAssigned: (_partitions, committed) => void told.push(...committed),
    });
    await bench.join(consumer, 3);
    t.strictSame(
      told.toSorted((a, b) => a.partition - b.partition),
      [
        { topic, partition: 0, offset: 0, metadata: 'since 9:00' },
        { topic, partition: 2, offset: 0 },
      ],
    );
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
    // A leave that gets lost is not said again: then the group is empty once the session has timed out.
    const lost = (error: BrokerError): boolean =>
      bench.options.answersGetLost === true && error.code === 'NON_EMPTY_GROUP';
    await bench.until('the group is empty', () =>
      groups.deleteGroup(groupId).then(
        () => true,
        (error: BrokerError) => {
          if (!lost(error)) throw error;
          return false;
        },
      ),
    );
    t.strictSame(await groups.committed(groupId), []);
  });

  await t.test('deleting an unknown group is no error', async (t) => {
    await groups.deleteGroup(bench.name('group'));
    t.pass();
  });
}
