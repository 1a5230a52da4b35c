import { Schema } from '@tributary/api';
import { sinkRecords } from '@tributary/api/testing';
import t from 'tap';
import { usualFirst } from '../../src/point/usual-first.ts';

const pointsOf = (...values: readonly unknown[]) =>
  values.map((value, n) => ({ n, records: sinkRecords([{ topic: 't', value }]) }));
const order = (points: ReadonlyArray<{ readonly n: number }>): readonly number[] => points.map(({ n }) => n);

t.test('points stay in their order while fields hold what they held before', async (t) => {
  const points = pointsOf(
    { a: 1, b: 'x', c: true, d: null, e: { a: 'y' }, f: [1] },
    { a: 2n, f: 'text' },
    { a: 0.5, d: 1 },
    5,
  );
  t.equal(usualFirst(points), points);
});

t.test('points with a value that is not of the kind of most come last', async (t) => {
  t.same(order(usualFirst(pointsOf({ a: 'odd' }, { a: 1 }, { a: true }, { a: 2 }, { b: 'x' }))), [1, 3, 4, 0, 2]);
  t.same(order(usualFirst(pointsOf({ in: { a: false } }, { in: { a: 1 } }, { in: { a: 2 }, a: 'x' }))), [1, 2, 0]);
});

t.test('records that look as the one before are told from those that only begin so', async (t) => {
  const usual = { a: 1, b: 'x', c: null };
  t.same(
    order(usualFirst(pointsOf(usual, { a: 2, b: 3, c: 1 }, usual, { a: null, b: 'y', c: 'z' }, usual, { a: 2 }))),
    [0, 2, 4, 5, 1, 3],
  );
  t.same(
    order(usualFirst(pointsOf(usual, usual, { a: 1, b: { in: 1 } }, { a: 1, b: { in: 'x' } }, { b: { in: 2 } }))),
    [0, 1, 2, 4, 3],
  );
});

t.test('what schemas say is not questioned', async (t) => {
  const text = Schema.struct({ a: Schema.string() });
  const points = [
    { n: 0, records: sinkRecords([{ topic: 't', value: { a: 'x' }, valueSchema: text }]) },
    { n: 1, records: sinkRecords([{ topic: 't', value: { a: 1 } }]) },
    { n: 2, records: sinkRecords([{ topic: 't', value: { a: 2 } }]) },
  ];
  t.equal(usualFirst(points), points);
});
