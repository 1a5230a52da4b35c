import type { Test } from 'tap';
import { BrokerError } from '../../../src/broker/errors.ts';
import { type Bench, numbered, places, positionsAfter, record, values } from './support.ts';

export async function consumers(t: Test, bench: Bench): Promise<void> {
  const { broker } = bench;
  const filled = async (count: number, partitions = 1): Promise<string> => {
    const topic = await bench.topic(partitions);
    for (let partition = 0; partition < partitions; partition++) {
      await bench.send(numbered(`p${partition}.`, count).map((value) => record(topic, value, { partition })));
    }
    return topic;
  };

  await t.test('a new group starts at the earliest record', async (t) => {
    const topic = await filled(5);
    const consumer = bench.consumer(t, { topics: [topic] });
    t.equal(consumer.membership, null);
    t.strictSame(consumer.assignment, []);
    const records = await bench.take(consumer, 5);
    t.strictSame(values(records), numbered('p0.', 5));
    t.match(records[4], { topic, partition: 0, offset: 4, timestampType: 'CreateTime' });
    t.strictSame(places(consumer.assignment), [`${topic}-0`]);
    t.match(consumer.membership, { groupInstanceId: null, memberId: /./ });
  });

  await t.test('who asks whether there are records joins the group, and takes none of them', async (t) => {
    const topic = await filled(3);
    const consumer = bench.consumer(t, { topics: [topic] });
    await bench.until('there are records', () => consumer.ready({ timeoutMs: 1_000 }));
    t.strictSame(places(consumer.assignment), [`${topic}-0`]);
    t.equal(await consumer.ready({ timeoutMs: 0 }), true, 'they are still there');
    t.strictSame(values(await bench.take(consumer, 3)), numbered('p0.', 3));
    t.equal(await consumer.ready({ timeoutMs: 0 }), false);
    const waiting = consumer.ready({ timeoutMs: 30_000 });
    await bench.send([record(topic, 'later')]);
    t.equal(await waiting, true);
  });

  await t.test('there are no records in partitions that are paused', async (t) => {
    const topic = await filled(1);
    const consumer = bench.consumer(t, { topics: [topic] });
    await bench.until('there are records', () => consumer.ready({ timeoutMs: 1_000 }));
    consumer.pause(consumer.assignment);
    t.equal(await consumer.ready({ timeoutMs: 0 }), false);
    consumer.resume(consumer.assignment);
    t.equal(await consumer.ready({ timeoutMs: 10_000 }), true);
  });

  await t.test('who waits for records can be told to stop', async (t) => {
    const topic = await bench.topic(1);
    const consumer = bench.consumer(t, { topics: [topic] });
    await bench.join(consumer, 1);
    const stop = new AbortController();
    const waiting = consumer.ready({ timeoutMs: 60_000, signal: stop.signal });
    stop.abort();
    t.equal(await waiting, false);
  });

  await t.test('a new group may start at the latest record', async (t) => {
    const topic = await filled(5);
    const consumer = bench.consumer(t, { topics: [topic], autoOffsetReset: 'latest' });
    await bench.join(consumer, 1);
    const first = await bench.until('a later record comes', async () => {
      await bench.send([record(topic, 'later')]);
      return (await consumer.poll({ maxRecords: 1, timeoutMs: 200 }))[0];
    });
    t.equal(values([first])[0], 'later');
  });

  await t.test('a new group may refuse to start without an offset', async (t) => {
    const topic = await filled(1);
    const consumer = bench.consumer(t, { topics: [topic], autoOffsetReset: 'none' });
    await t.rejects(
      bench.until('poll fails', () => consumer.poll({ maxRecords: 1, timeoutMs: 100 }).then(() => false)),
      BrokerError,
    );
  });

  await t.test('a group goes on at its committed offset', async (t) => {
    const topic = await filled(10);
    const groupId = bench.name('group');
    const first = bench.consumer(t, { groupId, topics: [topic] });
    await bench.take(first, 10);
    await first.commit([{ topic, partition: 0, offset: 4 }]);
    t.strictSame(await broker.groups.committed(groupId), [{ topic, partition: 0, offset: 4 }]);
    await first.close();
    const second = bench.consumer(t, { groupId, topics: [topic], autoOffsetReset: 'none' });
    t.strictSame(values(await bench.take(second, 6)), numbered('p0.', 10).slice(4));
  });

  await t.test('groups read independently of each other', async (t) => {
    const topic = await filled(3);
    const [one, two] = [bench.consumer(t, { topics: [topic] }), bench.consumer(t, { topics: [topic] })];
    t.strictSame(values(await bench.take(one, 3)), numbered('p0.', 3));
    t.strictSame(values(await bench.take(two, 3)), numbered('p0.', 3));
  });

  await t.test('poll returns no more than asked for and loses nothing between calls', async (t) => {
    const topic = await filled(25);
    const consumer = bench.consumer(t, { topics: [topic] });
    const seen: Array<string | null> = [];
    await bench.until('all have come', async () => {
      const records = await consumer.poll({ maxRecords: 7, timeoutMs: 200 });
      t.ok(records.length <= 7);
      seen.push(...values(records));
      return seen.length >= 25;
    });
    t.strictSame(seen, numbered('p0.', 25));
  });

  await t.test('poll returns none when time is up, and wakes for a record that comes', async (t) => {
    const topic = await bench.topic();
    const consumer = bench.consumer(t, { topics: [topic] });
    t.strictSame(await bench.join(consumer, 1), []);
    t.strictSame(await consumer.poll({ maxRecords: 1, timeoutMs: 20 }), []);
    const waiting = consumer.poll({ maxRecords: 1, timeoutMs: bench.patienceMs });
    await bench.send([record(topic, 'here')]);
    t.strictSame(values(await waiting), ['here']);
  });

  await t.test('an aborted signal ends a waiting poll without records', async (t) => {
    const topic = await bench.topic();
    const consumer = bench.consumer(t, { topics: [topic] });
    await bench.join(consumer, 1);
    const abort = new AbortController();
    const waiting = consumer.poll({ maxRecords: 1, timeoutMs: 10 * bench.patienceMs, signal: abort.signal });
    abort.abort();
    t.strictSame(await waiting, []);
    await bench.send([record(topic, 'x')]);
    t.strictSame(values(await bench.take(consumer, 1)), ['x'], 'the consumer lives on');
  });

  await t.test('several topics and partitions are read, each in its order', async (t) => {
    const [one, two] = [await filled(20, 3), await filled(20)];
    const consumer = bench.consumer(t, { topics: [one, two] });
    const records = await bench.take(consumer, 80);
    for (const topic of [one, two]) {
      for (let partition = 0; partition < (topic === one ? 3 : 1); partition++) {
        const mine = records.filter((r) => r.topic === topic && r.partition === partition);
        t.strictSame(values(mine), numbered(`p${partition}.`, 20));
      }
    }
  });

  await t.test('seek goes back and forth', async (t) => {
    const topic = await filled(10);
    const consumer = bench.consumer(t, { topics: [topic] });
    await bench.take(consumer, 5);
    consumer.seek([{ topic, partition: 0, offset: 2 }]);
    t.strictSame(values(await bench.take(consumer, 2)), ['p0.2', 'p0.3']);
    consumer.seek([{ topic, partition: 0, offset: 8 }]);
    t.strictSame(values(await bench.take(consumer, 2)), ['p0.8', 'p0.9']);
  });

  await t.test('a seek within onAssigned decides where reading starts', async (t) => {
    const topic = await filled(10);
    const consumer = bench.consumer(t, {
      topics: [topic],
      onAssigned: () => consumer.seek([{ topic, partition: 0, offset: 7 }]),
    });
    t.strictSame(values(await bench.take(consumer, 3)), ['p0.7', 'p0.8', 'p0.9']);
  });

  await t.test('a paused partition keeps still until it is resumed, and loses nothing', async (t) => {
    const topic = await filled(10, 2);
    const consumer = bench.consumer(t, { topics: [topic] });
    const first = await bench.take(consumer, 1);
    consumer.pause([{ topic, partition: 0 }]);
    const rest = [...first];
    await bench.until('the other partition has been read', async () => {
      const records = await consumer.poll({ maxRecords: 3, timeoutMs: 100 });
      t.ok(records.every((r) => r.partition === 1));
      rest.push(...records);
      return rest.filter((r) => r.partition === 1).length === 10;
    });
    t.strictSame(await consumer.poll({ maxRecords: 10, timeoutMs: 50 }), []);
    t.equal(consumer.assignment.length, 2, 'it is still assigned');
    consumer.resume([{ topic, partition: 0 }]);
    rest.push(...(await bench.take(consumer, 20 - rest.length)));
    t.strictSame(values(rest.filter((r) => r.partition === 0)), numbered('p0.', 10));
    t.strictSame(values(rest.filter((r) => r.partition === 1)), numbered('p1.', 10));
  });

  await t.test('more than the buffers hold comes through', async (t) => {
    const topic = await bench.topic();
    const value = 'x'.repeat(10_000);
    for (let batch = 0; batch < 4; batch++) {
      await bench.send(numbered('', 50).map((n) => record(topic, value, { key: `${batch * 50 + Number(n)}` })));
    }
    const consumer = bench.consumer(t, { topics: [topic], maxBufferedBytes: 100_000, maxPartitionFetchBytes: 30_000 });
    const records = await bench.take(consumer, 200);
    t.strictSame(
      records.map((r) => r.offset),
      Array.from({ length: 200 }, (_, index) => index),
    );
  });

  await t.test('lag counts the records that poll has not returned yet', async (t) => {
    const topic = await filled(10);
    const consumer = bench.consumer(t, { topics: [topic] });
    await bench.take(consumer, 4);
    await bench.until('the lag is known', () => consumer.lag().some((at) => at.lag === 6));
    t.strictSame(consumer.lag(), [{ topic, partition: 0, lag: 6 }]);
    await bench.take(consumer, 6);
    t.strictSame(consumer.lag(), [{ topic, partition: 0, lag: 0 }]);
  });

  await t.test('a partition whose committed offset is out of range starts anew', async (t) => {
    const topic = await filled(5);
    const groupId = bench.name('group');
    await broker.groups.alter(groupId, [{ topic, partition: 0, offset: 1000 }]);
    const consumer = bench.consumer(t, { groupId, topics: [topic] });
    t.strictSame(values(await bench.take(consumer, 5)), numbered('p0.', 5));
  });

  await t.test('commits of one partition leave the others alone', async (t) => {
    const topic = await filled(5, 2);
    const groupId = bench.name('group');
    const consumer = bench.consumer(t, { groupId, topics: [topic] });
    const records = await bench.take(consumer, 10);
    await consumer.commit(positionsAfter(records.filter((r) => r.partition === 0)));
    await consumer.commit([{ topic, partition: 1, offset: 2 }]);
    const committed = await broker.groups.committed(groupId);
    t.strictSame(
      committed.toSorted((a, b) => a.partition - b.partition),
      [
        { topic, partition: 0, offset: 5 },
        { topic, partition: 1, offset: 2 },
      ],
    );
  });

  await t.test('a closed consumer refuses to poll', async (t) => {
    const topic = await filled(1);
    const consumer = bench.consumer(t, { topics: [topic] });
    await bench.take(consumer, 1);
    await consumer.close();
    await t.rejects(consumer.poll({ maxRecords: 1, timeoutMs: 10 }));
    await consumer.close();
  });
}
