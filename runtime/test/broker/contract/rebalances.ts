import type { Test } from 'tap';
import { CommitFailedError } from '../../../src/broker/errors.ts';
import { type Bench, gate, Member, numbered, place, places, positionsAfter, record, text } from './support.ts';

export async function rebalances(t: Test, bench: Bench): Promise<void> {
  const { broker } = bench;
  const fill = async (topic: string, prefix: string, count: number, partitions: number): Promise<void> => {
    await bench.send(
      Array.from({ length: partitions }, (_, partition) =>
        numbered(prefix, count).map((n) => record(topic, `${partition}:${n}`, { partition })),
      ).flat(),
    );
  };

  await t.test('two members share the partitions of a topic', async (t) => {
    const topic = await bench.topic(4);
    const groupId = bench.name('group');
    const all = Array.from({ length: 4 }, (_, partition) => `${topic}-${partition}`);
    const one = new Member(bench, t, { groupId, topics: [topic] });
    await bench.until('the first member has all', () => one.held.length === 4);
    t.strictSame(one.held, all);
    const two = new Member(bench, t, { groupId, topics: [topic] });
    await bench.until('both have two', () => one.held.length === 2 && two.held.length === 2);
    t.strictSame([...one.held, ...two.held].sort(), all);
    t.equal(one.consumer.membership?.generation, two.consumer.membership?.generation);
    t.not(one.consumer.membership?.memberId, two.consumer.membership?.memberId);
    await fill(topic, 'v', 10, 4);
    await bench.until('every record has come', () => one.records.length + two.records.length === 40);
    t.strictSame([...new Set(one.records.map(place))].sort(), one.held);
    t.strictSame([...new Set(two.records.map(place))].sort(), two.held);
    one.check();
    two.check();
  });

  await t.test('a partition moves only after its revocation was seen through', async (t) => {
    const topic = await bench.topic(4);
    const groupId = bench.name('group');
    await fill(topic, 'v', 25, 4);
    const revoking = gate();
    const go = gate();
    let revocations = 0;
    const one = new Member(bench, t, {
      groupId,
      topics: [topic],
      onRevoked: async () => {
        if (revocations++ > 0) return;
        revoking.open();
        await go.opened;
        await one.consumer.commit(positionsAfter(one.records));
      },
    });
    await bench.until('the first member has read all', () => one.records.length === 100);
    const two = new Member(bench, t, { groupId, topics: [topic] });
    await revoking.opened;
    let polls = 0;
    await bench.until('the second member had time to take what is not its own', () => {
      t.strictSame(two.held, []);
      return ++polls > 50;
    });
    go.open();
    await bench.until('both have two', () => one.held.length === 2 && two.held.length === 2);
    await fill(topic, 'w', 25, 4);
    await bench.until('the rest has come', () => one.records.length + two.records.length >= 200);
    const seen = [...one.records, ...two.records].map((r) => `${place(r)}@${r.offset}`);
    t.equal(new Set(seen).size, 200, 'no record is lost');
    t.equal(seen.length, 200, 'no record comes twice, since all was committed on revocation');
    t.ok(
      two.records.every((r) => text(r.value)?.includes('w')),
      'the second member went on where the first had committed',
    );
  });

  await t.test('only new partitions are told as assigned, only lost ones as revoked', async (t) => {
    const topic = await bench.topic(2);
    const groupId = bench.name('group');
    const held = new Set<string>();
    const one = new Member(bench, t, {
      groupId,
      topics: [topic],
      onAssigned: (partitions) => {
        for (const at of places(partitions)) {
          t.notOk(held.has(at), `${at} was not held before`);
          held.add(at);
        }
      },
      onRevoked: (partitions) => {
        for (const at of places(partitions)) t.ok(held.delete(at), `${at} was held before`);
      },
    });
    await bench.until('the first member has all', () => one.held.length === 2);
    const two = new Member(bench, t, { groupId, topics: [topic] });
    await bench.until('both have one', () => one.held.length === 1 && two.held.length === 1);
    t.strictSame([...held], one.held);
    await two.leave();
    await bench.until('the first member has all again', () => one.held.length === 2);
    t.strictSame([...held].sort(), one.held);
  });

  await t.test('the partitions of a member that leaves go to the others, from its commit on', async (t) => {
    const topic = await bench.topic(2);
    const groupId = bench.name('group');
    const one = new Member(bench, t, { groupId, topics: [topic] });
    const two = new Member(bench, t, { groupId, topics: [topic] });
    await bench.until('both have one', () => one.held.length === 1 && two.held.length === 1);
    await fill(topic, 'v', 10, 2);
    await bench.until('all is read', () => one.records.length === 10 && two.records.length === 10);
    await two.stop();
    const { partition } = two.consumer.assignment[0]!;
    await two.consumer.commit([{ topic, partition, offset: 6 }]);
    await two.consumer.close();
    await bench.until('the first member has both', () => one.held.length === 2);
    // Its own partition may come again too, from the start: it never committed.
    const taken = () => one.records.filter((r) => r.partition === partition).map((r) => r.offset);
    await bench.until('what was not committed has come again', () => taken().length === 4);
    t.strictSame(taken(), [6, 7, 8, 9]);
  });

  await t.test('more members than partitions leave some idle, and these step in', async (t) => {
    const topic = await bench.topic(1);
    const groupId = bench.name('group');
    const one = new Member(bench, t, { groupId, topics: [topic] });
    await bench.until('it is assigned', () => one.held.length === 1);
    const two = new Member(bench, t, { groupId, topics: [topic] });
    await bench.until(
      'both are in one generation',
      () =>
        two.consumer.membership !== null &&
        one.consumer.membership?.generation === two.consumer.membership.generation &&
        one.held.length + two.held.length === 1,
    );
    const [busy, idle] = one.held.length === 1 ? [one, two] : [two, one];
    await busy.leave();
    await bench.until('the idle one steps in', () => idle.held.length === 1);
  });

  await t.test('a member that polls too rarely loses its partitions', async (t) => {
    const topic = await bench.topic(2);
    const groupId = bench.name('group');
    await fill(topic, 'v', 5, 2);
    const lost: string[] = [];
    const slow = bench.consumer(t, {
      groupId,
      topics: [topic],
      maxPollIntervalMs: 1000,
      onLost: (partitions) => void lost.push(...places(partitions)),
    });
    const records = await bench.take(slow, 10);
    t.equal(slow.assignment.length, 2);
    const other = new Member(bench, t, { groupId, topics: [topic] });
    await bench.until('the other member has all', () => other.held.length === 2 && other.records.length === 10);
    await t.rejects(slow.commit(positionsAfter(records)), CommitFailedError);
    await bench.until('the slow member is back', async () => {
      await slow.poll({ maxRecords: 10, timeoutMs: 50 });
      return slow.assignment.length === 1 && other.held.length === 1;
    });
    t.strictSame(lost.sort(), [`${topic}-0`, `${topic}-1`]);
  });

  await t.test('a regular expression takes in topics that come later', async (t) => {
    const prefix = bench.name('regex');
    const early = await bench.topic(1, {}, `${prefix}-early`);
    const near = await bench.topic(1, {}, `not-${prefix}-early`);
    await bench.send([record(early, 'early'), record(near, 'not mine')]);
    const member = new Member(bench, t, { topicsRegex: new RegExp(`${prefix}-.*`), metadataMaxAgeMs: 300 });
    await bench.until('the first topic is read', () => member.records.length === 1);
    t.strictSame(member.held, [`${early}-0`], 'the expression matches whole names');
    const late = await bench.topic(2, {}, `${prefix}-late`);
    await bench.send([record(late, 'late', { partition: 1 })]);
    await bench.until('the later topic is read', () => member.records.some((r) => text(r.value) === 'late'));
    t.strictSame(member.held, [`${early}-0`, `${late}-0`, `${late}-1`]);
    await broker.topics.delete([late]);
    await bench.until('the deleted topic is given up', () => member.held.length === 1);
    member.check();
  });

  await t.test('a topic that does not exist yet is read once it does', async (t) => {
    const name = bench.name('topic');
    const member = new Member(bench, t, { topics: [name], metadataMaxAgeMs: 300 });
    await bench.until('the member is in its group', () => member.consumer.membership !== null);
    await bench.topic(1, {}, name);
    await bench.send([record(name, 'x')]);
    await bench.until('its record has come', () => member.records.length === 1);
    member.check();
  });
}
