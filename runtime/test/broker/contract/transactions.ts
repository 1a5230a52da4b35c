import type { Test } from 'tap';
import { BrokerError, CommitFailedError, ProducerFencedError } from '../../../src/broker/errors.ts';
import type { Producer } from '../../../src/broker/port.ts';
import { type Bench, Member, numbered, record, type Tap, values } from './support.ts';

export async function transactions(t: Test, bench: Bench): Promise<void> {
  const { broker } = bench;
  const transactional = (t: Tap, transactionalId = bench.name('tx')): Promise<Producer> =>
    bench.producer(t, { transactionalId });
  const sendAll = (producer: Producer, topic: string, list: readonly string[]) =>
    producer.send(list.map((value) => record(topic, value)));

  await t.test('a transaction is visible as a whole after its commit', async (t) => {
    const [one, two] = [await bench.topic(), await bench.topic()];
    const producer = await transactional(t);
    const member = new Member(bench, t, { topics: [one, two] });
    await bench.until('the member reads', () => member.held.length === 2);
    await producer.begin();
    await sendAll(producer, one, ['a', 'b']);
    await sendAll(producer, two, ['c']);
    t.equal((await broker.topics.endOffsets(one, 'read_committed'))[0]?.offset, 0);
    t.strictSame(member.records, []);
    await producer.commit();
    await bench.until('all has come', () => member.records.length === 3);
    t.strictSame(values(await bench.settled(one, 2)), ['a', 'b']);
    t.strictSame(values(await bench.settled(two, 1)), ['c']);
  });

  await t.test('an aborted transaction is never seen', async (t) => {
    const topic = await bench.topic();
    const producer = await transactional(t);
    await producer.begin();
    await sendAll(producer, topic, ['aborted']);
    await producer.abort();
    await producer.begin();
    await sendAll(producer, topic, ['committed']);
    await producer.commit();
    t.strictSame(values(await bench.settled(topic, 1)), ['committed']);
    t.strictSame(values(await bench.take(bench.consumer(t, { topics: [topic] }), 1)), ['committed']);
  });

  await t.test('an aborted transaction far longer than a fetch is never seen', async (t) => {
    const topic = await bench.topic();
    const producer = await transactional(t);
    const filler = 'x'.repeat(2000);
    await producer.begin();
    for (let batch = 0; batch < 10; batch++) {
      await sendAll(
        producer,
        topic,
        numbered('', 50).map(() => filler),
      );
    }
    await producer.abort();
    await bench.send([record(topic, 'end')]);
    const consumer = bench.consumer(t, { topics: [topic], maxPartitionFetchBytes: 32_768, maxBufferedBytes: 65_536 });
    t.strictSame(values(await bench.take(consumer, 1)), ['end']);
    t.strictSame(values(await bench.settled(topic, 1)), ['end']);
  });

  await t.test('two aborts of one producer around commits hide just their own records', async (t) => {
    const topic = await bench.topic();
    const producer = await transactional(t);
    for (const [name, end] of [
      ['one', 'commit'],
      ['two', 'abort'],
      ['three', 'commit'],
      ['four', 'abort'],
      ['five', 'commit'],
    ] as const) {
      await producer.begin();
      await sendAll(producer, topic, numbered(name, 20));
      await producer[end]();
    }
    const expected = [...numbered('one', 20), ...numbered('three', 20), ...numbered('five', 20)];
    t.strictSame(values(await bench.settled(topic, expected.length)), expected);
    const consumer = bench.consumer(t, { topics: [topic], maxPartitionFetchBytes: 200 });
    t.strictSame(values(await bench.take(consumer, 60)), expected);
  });

  await t.test('transactions of two producers on one partition are told apart', async (t) => {
    const topic = await bench.topic();
    const [one, two] = [await transactional(t), await transactional(t)];
    await one.begin();
    await two.begin();
    for (let round = 0; round < 5; round++) {
      await sendAll(one, topic, [`one${round}`]);
      await sendAll(two, topic, [`two${round}`]);
    }
    await one.abort();
    await two.commit();
    t.strictSame(values(await bench.settled(topic, 5)), numbered('two', 5));
  });

  await t.test('an empty transaction commits and aborts', async (t) => {
    const producer = await transactional(t);
    await producer.begin();
    await producer.commit();
    await producer.begin();
    await producer.abort();
    await producer.begin();
    await t.rejects(producer.begin(), BrokerError, 'one at a time');
    await producer.abort();
    t.pass();
  });

  await t.test('the last stable offset waits for the open transaction', async (t) => {
    const topic = await bench.topic();
    await bench.send([record(topic, 'before')]);
    const producer = await transactional(t);
    await producer.begin();
    const [place] = await sendAll(producer, topic, ['open']);
    t.equal(place?.offset, 1);
    await bench.send([record(topic, 'after')]);
    t.equal((await broker.topics.endOffsets(topic, 'read_committed'))[0]?.offset, 1);
    t.ok((await broker.topics.endOffsets(topic, 'read_uncommitted'))[0]!.offset >= 1);
    const { reader, seen } = bench.reader(t, { topic });
    await bench.until('the reader reads', () => seen.length > 0);
    t.strictSame(values(seen), ['before'], 'what follows has to wait as well');
    await producer.commit();
    await bench.until('the transaction has ended', async () => {
      const [end] = await broker.topics.endOffsets(topic, 'read_committed');
      return end!.offset >= 3;
    });
    await reader.readToEnd();
    t.strictSame(values(seen), ['before', 'open', 'after']);
  });

  await t.test('a reader that reads to the end waits for what was open then', async (t) => {
    const topic = await bench.topic();
    const producer = await bench.producer(t, { transactionalId: bench.name('tx') });
    const { reader, seen } = bench.reader(t, { topic });
    await reader.readToEnd();
    await producer.begin();
    await producer.send([record(topic, 'open')]);
    await bench.send([record(topic, 'after')]);
    const reading = reader.readToEnd();
    await producer.commit();
    await reading;
    t.strictSame(values(seen), ['open', 'after']);
  });

  await t.test('a reader that reads to the end sees what was committed before', async (t) => {
    const topic = await bench.topic();
    const producer = await bench.producer(t, { transactionalId: bench.name('tx') });
    const { reader, seen } = bench.reader(t, { topic });
    for (let n = 0; n < 30; n++) {
      await producer.begin();
      await producer.send([record(topic, `${n}`)]);
      await producer.commit();
      await reader.readToEnd();
      t.equal(seen.length, n + 1);
    }
  });

  await t.test('close aborts the open transaction', async (t) => {
    const topic = await bench.topic();
    const producer = await transactional(t);
    await producer.begin();
    await sendAll(producer, topic, ['open']);
    await producer.close();
    await bench.send([record(topic, 'after')]);
    await bench.until('the record after it is seen', async () => (await bench.contents(topic)).length > 0);
    t.strictSame(values(await bench.settled(topic, 1)), ['after']);
  });

  await t.test('a second producer of the same transactional id fences the first', async (t) => {
    const topic = await bench.topic();
    const id = bench.name('tx');
    const zombie = await transactional(t, id);
    await zombie.begin();
    await sendAll(zombie, topic, ['of the zombie']);
    const heir = await transactional(t, id);
    await heir.begin();
    await sendAll(heir, topic, ['of the heir']);
    await heir.commit();
    await t.rejects(zombie.commit(), ProducerFencedError);
    await zombie.close();
    t.strictSame(values(await bench.settled(topic, 1)), ['of the heir']);
  });

  await t.test('a fenced producer cannot send either', async (t) => {
    const topic = await bench.topic();
    const id = bench.name('tx');
    const zombie = await transactional(t, id);
    await zombie.begin();
    await sendAll(zombie, topic, ['of the zombie']);
    await transactional(t, id);
    await t.rejects(sendAll(zombie, topic, ['too late']), ProducerFencedError);
    t.strictSame(values(await bench.contents(topic)), []);
  });

  await t.test('an idle producer learns of its fencing at its next transaction', async (t) => {
    const topic = await bench.topic();
    const id = bench.name('tx');
    const zombie = await transactional(t, id);
    await transactional(t, id);
    await t.rejects(async () => {
      await zombie.begin();
      await sendAll(zombie, topic, ['too late']);
      await zombie.commit();
    }, ProducerFencedError);
    t.strictSame(values(await bench.contents(topic)), []);
  });

  await t.test('a producer that recovers takes back what it had open, and goes on', async (t) => {
    const topic = await bench.topic();
    const producer = await transactional(t, bench.name('tx'));
    await producer.begin();
    await sendAll(producer, topic, ['before']);
    await producer.recover();
    await producer.begin();
    await sendAll(producer, topic, ['after']);
    await producer.commit();
    await producer.recover();
    await producer.begin();
    await sendAll(producer, topic, ['again']);
    await producer.commit();
    t.strictSame(values(await bench.settled(topic, 2)), ['after', 'again']);
  });

  await t.test('a fenced producer cannot recover, whether it was idle or not', async (t) => {
    for (const busy of [false, true]) {
      const topic = await bench.topic();
      const id = bench.name('tx');
      const zombie = await transactional(t, id);
      if (busy) {
        await zombie.begin();
        await sendAll(zombie, topic, ['of the zombie']);
      }
      const heir = await transactional(t, id);
      await t.rejects(zombie.recover(), ProducerFencedError);
      await heir.begin();
      await sendAll(heir, topic, ['of the heir']);
      await t.rejects(zombie.recover(), ProducerFencedError);
      await heir.commit();
      t.strictSame(values(await bench.settled(topic, 1)), ['of the heir']);
    }
  });

  await t.test(
    'a transaction that lasts too long is aborted by the broker, and its producer can recover',
    async (t) => {
      const topic = await bench.topic();
      const producer = await bench.producer(t, { transactionalId: bench.name('tx'), transactionTimeoutMs: 1_000 });
      await producer.begin();
      await t.rejects(
        bench.until('the broker has ended it', async () => {
          await sendAll(producer, topic, ['too slow']);
          return false;
        }),
        ProducerFencedError,
      );
      await producer.recover();
      await producer.begin();
      await sendAll(producer, topic, ['in time']);
      await producer.commit();
      t.strictSame(values(await bench.settled(topic, 1)), ['in time']);
    },
  );

  await t.test('consumer offsets are committed with the transaction, or not at all', async (t) => {
    const [input, output] = [await bench.topic(), await bench.topic()];
    const groupId = bench.name('group');
    await bench.send(numbered('in', 10).map((value) => record(input, value)));
    const consumer = bench.consumer(t, { groupId, topics: [input] });
    await bench.take(consumer, 10);
    const producer = await transactional(t);
    await producer.begin();
    await sendAll(producer, output, ['lost']);
    await producer.sendOffsets([{ topic: input, partition: 0, offset: 3 }], consumer.membership!);
    await producer.abort();
    t.strictSame(await broker.groups.committed(groupId), []);
    await producer.begin();
    await sendAll(producer, output, ['kept']);
    const committed = { topic: input, partition: 0, offset: 7, metadata: 'clock 7' };
    await producer.sendOffsets([committed], consumer.membership!);
    await producer.commit();
    t.strictSame(values(await bench.settled(output, 1)), ['kept']);
    await bench.until('the offsets are committed', async () => (await broker.groups.committed(groupId)).length > 0);
    t.strictSame(await broker.groups.committed(groupId), [committed]);
  });

  await t.test('consumer offsets of an earlier generation are refused', async (t) => {
    const input = await bench.topic();
    const groupId = bench.name('group');
    const consumer = bench.consumer(t, { groupId, topics: [input] });
    await bench.join(consumer, 1);
    const membership = consumer.membership!;
    const producer = await transactional(t);
    await producer.begin();
    const stale = { ...membership, generation: membership.generation - 1 };
    await t.rejects(producer.sendOffsets([{ topic: input, partition: 0, offset: 3 }], stale), CommitFailedError);
  });
}
