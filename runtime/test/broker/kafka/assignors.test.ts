import t from 'tap';
import { range, roundrobin } from '../../../src/broker/kafka/assignors.ts';
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from '../../../src/broker/kafka/consumer-protocol.ts';
import { place } from '../contract/support.ts';

const member = (memberId: string, topics: string[], groupInstanceId: string | null = null) => ({
  memberId,
  topics,
  groupInstanceId,
});
const shown = (assignment: ReturnType<typeof range>) =>
  Object.fromEntries([...assignment].map(([memberId, list]) => [memberId, list.map(place)]));

t.test('range gives each member a run of every topic', async (t) => {
  const members = [member('b', ['x', 'y']), member('a', ['x', 'y']), member('c', ['y'])];
  t.strictSame(
    shown(
      range(
        members,
        new Map([
          ['x', 3],
          ['y', 4],
        ]),
      ),
    ),
    {
      b: ['x-2', 'y-2'],
      a: ['x-0', 'x-1', 'y-0', 'y-1'],
      c: ['y-3'],
    },
  );
});

t.test('roundrobin deals the partitions of all topics in turn', async (t) => {
  const members = [member('a', ['x', 'y']), member('b', ['y'])];
  t.strictSame(
    shown(
      roundrobin(
        members,
        new Map([
          ['x', 2],
          ['y', 3],
        ]),
      ),
    ),
    {
      a: ['x-0', 'x-1', 'y-1'],
      b: ['y-0', 'y-2'],
    },
  );
});

t.test('static members come first, by their instance ids', async (t) => {
  const members = [member('a', ['x']), member('z', ['x'], '2'), member('y', ['x'], '1')];
  t.strictSame(shown(range(members, new Map([['x', 4]]))), { a: ['x-3'], z: ['x-2'], y: ['x-0', 'x-1'] });
});

t.test('topics that are missing leave members without partitions', async (t) => {
  t.strictSame(shown(range([member('a', ['x'])], new Map())), { a: [] });
  t.strictSame(shown(roundrobin([member('a', ['x'])], new Map([['x', 0]]))), { a: [] });
});

t.test('subscriptions and assignments survive the wire', async (t) => {
  t.strictSame(decodeSubscription(encodeSubscription(['b', 'ä'])), ['b', 'ä']);
  const partitions = [
    { topic: 'a', partition: 0 },
    { topic: 'a', partition: 7 },
    { topic: 'b', partition: 1 },
  ];
  t.strictSame(decodeAssignment(encodeAssignment(partitions)), partitions);
  t.strictSame(decodeAssignment(Buffer.alloc(0)), []);
});
