import t from 'tap';
import { rangeAssign } from '../../../src/broker/embedded/assignor.ts';

const assigned = (members: Record<string, string[]>, partitions: Record<string, number>): Record<string, string[]> =>
  Object.fromEntries(
    [
      ...rangeAssign(
        Object.entries(members).map(([id, topics]) => ({ id, topics: new Set(topics) })),
        new Map(Object.entries(partitions)),
      ),
    ].map(([id, list]) => [id, list.map(({ topic, partition }) => `${topic}${partition}`)]),
  );

t.test('each topic is divided into neighbouring partitions, the first members get one more', (t) => {
  t.strictSame(assigned({ x: ['a'], y: ['a'], z: ['a'] }, { a: 7 }), {
    x: ['a0', 'a1', 'a2'],
    y: ['a3', 'a4'],
    z: ['a5', 'a6'],
  });
  t.strictSame(assigned({ x: ['a', 'b'], y: ['a', 'b'] }, { a: 3, b: 3 }), {
    x: ['a0', 'a1', 'b0', 'b1'],
    y: ['a2', 'b2'],
  });
  t.end();
});

t.test('members get topics that they read only', (t) => {
  t.strictSame(assigned({ x: ['a'], y: ['b'], z: ['a', 'b'] }, { a: 2, b: 2, c: 5 }), {
    x: ['a0'],
    y: ['b0'],
    z: ['a1', 'b1'],
  });
  t.end();
});

t.test('members beyond the number of partitions get none', (t) => {
  t.strictSame(assigned({ x: ['a'], y: ['a'] }, { a: 1 }), { x: ['a0'], y: [] });
  t.strictSame(assigned({}, { a: 1 }), {});
  t.end();
});
