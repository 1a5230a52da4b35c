import { randomInt } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import type { EmbeddedBroker } from '../../../src/broker/embedded/broker.ts';
import type { Producer, RecordRead } from '../../../src/broker/port.ts';
import { newFolder, openFolder } from './support.ts';

const STEPS = 400;
const RESTARTS = 3;

/** A generator of numbers that a seed repeats (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

interface Open {
  readonly producer: Producer;
  records: Array<[offset: number, value: string]>;
  inside: boolean;
}

const valuesByOffset = (records: readonly RecordRead[]): Array<[number, string]> =>
  records.map((r) => [r.offset, Buffer.from(r.value!).toString()]);

t.test(
  'any interleaving of sends, commits, aborts and restarts reads as the committed records in offset order',
  async (t) => {
    const seed = randomInt(2 ** 31);
    t.comment(`seed ${seed}`);
    const pick = random(seed);
    const folder = newFolder(t.testdir());
    const committed = new Map<number, string>();
    let serial = 0;
    const send = async (producer: Producer): Promise<Array<[number, string]>> => {
      const values = Array.from({ length: 1 + pick(5) }, () => `${serial++}`.padEnd(pick(3000), '.'));
      const places = await producer.send(
        values.map((value) => ({
          topic: 'topic',
          partition: 0,
          key: null,
          value: Buffer.from(value),
          timestamp: null,
          headers: [],
        })),
      );
      return places.map(({ offset }, index) => [offset, values[index]!]);
    };
    const step = async (plain: Producer, open: readonly Open[]): Promise<void> => {
      const one = open[pick(open.length)]!;
      const what = pick(6);
      if (what < 2) for (const [offset, value] of await send(plain)) committed.set(offset, value);
      else if (!one.inside) {
        await one.producer.begin();
        Object.assign(one, { inside: true, records: [] });
      } else if (what < 4) one.records.push(...(await send(one.producer)));
      else {
        if (what === 4) {
          await one.producer.commit();
          for (const [offset, value] of one.records) committed.set(offset, value);
        } else await one.producer.abort();
        one.inside = false;
      }
    };
    const model = (): Array<[number, string]> => [...committed].sort(([a], [b]) => a - b);
    for (let restart = 0; restart < RESTARTS; restart++) {
      const broker: EmbeddedBroker = await openFolder(folder);
      await broker.topics.create({ name: 'topic', partitions: 1, replicationFactor: 1, configs: {} });
      const plain = await broker.producer({ clientId: 'test' });
      const open: Open[] = [];
      for (const id of ['x', 'y', 'z']) {
        const producer = await broker.producer({ clientId: 'test', transactionalId: id });
        open.push({ producer, records: [], inside: false });
      }
      const followed: RecordRead[] = [];
      const follower = broker.reader({
        clientId: 'test',
        topic: 'topic',
        onRecords: (records) => void followed.push(...records),
        onError: (error) => t.error(error),
      });
      const consumer = broker.consumer({ clientId: 'test', groupId: `group${restart}`, topics: ['topic'] });
      const consumed: RecordRead[] = [];
      for (let n = 0; n < STEPS; n++) {
        await step(plain, open);
        if (pick(4) === 0) consumed.push(...(await consumer.poll({ maxRecords: 1 + pick(20), timeoutMs: 0 })));
        if (pick(50) === 0) {
          const [stable] = await broker.topics.endOffsets('topic', 'read_committed');
          const below = model().filter(([offset]) => offset < stable!.offset);
          while (followed.length < below.length) await turn();
          t.strictSame(valuesByOffset(followed), below, `what is stable after ${n} steps`);
        }
      }
      for (const { producer, inside } of open) if (inside) await producer.abort();
      await follower.readToEnd();
      t.strictSame(valuesByOffset(followed), model(), 'the follower');
      for (let more = 1; more > 0; ) {
        const records = await consumer.poll({ maxRecords: 100, timeoutMs: 0 });
        more = records.length;
        consumed.push(...records);
      }
      t.strictSame(valuesByOffset(consumed), model(), 'the consumer');
      await broker.close();
    }
  },
);
