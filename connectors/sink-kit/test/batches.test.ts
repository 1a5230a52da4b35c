import { chunksOf, concurrently, foldByKey, tableName } from '@tributary/sink-kit';
import t from 'tap';

t.test('of the rows of one key the last one is left, at its place', async (t) => {
  const rows = ['a1', 'b1', 'a2', 'c1', 'b2'];
  t.same(
    foldByKey(rows, (row) => row[0]),
    ['a2', 'c1', 'b2'],
  );
  t.same(
    foldByKey(
      rows,
      (row) => row[0],
      (older, newer) => older + newer,
    ),
    ['a1a2', 'c1', 'b1b2'],
  );
});

t.test('chunks keep both limits, and what is too large by itself is alone', async (t) => {
  t.same(chunksOf([1, 2, 3, 4, 5], { count: 2 }), [[1, 2], [3, 4], [5]]);
  t.same(chunksOf(['aa', 'bbb', 'c', 'dddddd', 'e'], { bytes: 4, sizeOf: (text) => text.length }), [
    ['aa'],
    ['bbb', 'c'],
    ['dddddd'],
    ['e'],
  ]);
  t.same(chunksOf([], { count: 2 }), []);
  const few = [1, 2];
  t.equal(chunksOf(few, { count: 2 })[0], few, 'a list that is a chunk as it is remains itself');
});

t.test('what is made as it is asked for is made when somebody is free to take it', async (t) => {
  const made: number[] = [];
  function* numbers(): Generator<number> {
    for (let n = 1; n <= 4; n++) {
      made.push(n);
      yield n;
    }
    throw new Error('no fifth');
  }
  const free: Array<() => void> = [];
  const all = concurrently(numbers(), { count: 2 }, () => new Promise((resolve) => free.push(resolve)));
  t.same(made, [1, 2]);
  free.shift()!();
  await new Promise((resolve) => setImmediate(resolve));
  t.same(made, [1, 2, 3]);
  const rest = t.rejects(all, { message: 'no fifth' }, 'what cannot be made is a failure');
  for (; made.length < 4 || free.length > 0; await new Promise((resolve) => setImmediate(resolve))) free.shift()?.();
  await rest;
});

t.test('no more run at once than may, and after a failure none is begun', async (t) => {
  let running = 0;
  let most = 0;
  const begun: number[] = [];
  const run = concurrently([1, 2, 3, 4, 5, 6], { count: 2 }, async (n) => {
    begun.push(n);
    most = Math.max(most, ++running);
    await new Promise((done) => setImmediate(done));
    running--;
    if (n === 3) throw new Error('three');
  });
  await t.rejects(run, { message: 'three' });
  t.equal(most, 2);
  t.equal(running, 0, 'those under way were waited for');
  t.same(begun, [1, 2, 3, 4]);
});

t.test('the topic stands for ${topic}, whatever characters it has', async (t) => {
  t.equal(tableName('raw_${topic}_v1', 'ticks'), 'raw_ticks_v1');
  t.equal(tableName('${topic}', '$&'), '$&');
});
