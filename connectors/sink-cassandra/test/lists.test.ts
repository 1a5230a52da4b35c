import type { SinkRecordInput } from '@tributary/api/testing';
import { skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { testStore } from './support/store.ts';

const skip = await skipUnlessAvailable('cassandra');
const AT = 1_700_000_000_000;

const records = (...values: object[]): SinkRecordInput[] =>
  values.map((value, i) => ({ topic: 't', timestamp: AT + i, offset: i, value }));

t.test('lists have their items once, however often a record comes', { skip }, async (t) => {
  await using store = await testStore();
  await store.cql(
    'CREATE TABLE t (p int, c int, l list<int>, "M" list<frozen<map<text, int>>>, s list<text> static, f frozen<list<int>>, k set<int>, v int, PRIMARY KEY (p, c))',
  );
  const all = records(
    { p: 1, c: 1, l: [9, 9], f: [1], v: 0 },
    { p: 1, c: 1, l: [1, 2, 1], M: [{ a: 1 }], s: ['x', ''], k: [3] },
    { p: 1, c: 1, v: 1 },
    { p: 1, c: 2, l: [5] },
    { p: 1, c: 2, l: [] },
    { p: 1, c: 3, l: [7], M: [{ b: 2 }, { b: 2 }] },
    { p: 2, c: 1, l: null, s: ['y'] },
  );
  const expected = [
    { p: 1, c: 1, s: ['x', ''], M: [new Map([['a', 1]])], f: [1], k: new Set([3]), l: [1, 2, 1], v: 1 },
    { p: 1, c: 2, s: ['x', ''], M: null, f: null, k: null, l: null, v: null },
    { p: 1, c: 3, s: ['x', ''], M: [new Map([['b', 2]]), new Map([['b', 2]])], f: null, k: null, l: [7], v: null },
    { p: 2, c: 1, s: ['y'], M: null, f: null, k: null, l: null, v: null },
  ];
  for (const size of [all.length, 1, 3]) {
    const run = await store.run({ topics: 't' });
    for (let from = 0; from < all.length; from += size) await run.put(all.slice(from, from + size));
    await run.put(all.slice(2));
    await run.close();
    t.same(run.errant, []);
    t.same(await store.cql('SELECT * FROM t'), expected);
  }
});

t.test('a list that is shared by a partition has its items once', { skip }, async (t) => {
  await using store = await testStore();
  await store.cql('CREATE TABLE t (p int, c int, s list<text> static, PRIMARY KEY (p, c))');
  for (let times = 1; times <= 2; times++) {
    const run = await store.run({ topics: 't' });
    await run.put(records({ p: 1, c: 1, s: ['a', 'a'] }, { p: 1, c: 2 }));
    await run.close();
    t.same(run.errant, []);
  }
  t.same(await store.cql('SELECT * FROM t'), [
    { p: 1, c: 1, s: ['a', 'a'] },
    { p: 1, c: 2, s: ['a', 'a'] },
  ]);
});

t.test('a replay of old lists leaves a newer one as it is', { skip }, async (t) => {
  await using store = await testStore();
  await store.cql('CREATE TABLE t (p int PRIMARY KEY, l list<int>)');
  const all = records({ p: 1, l: [1, 2] }, { p: 1, l: [2, 3] });
  for (const some of [all, all.slice(0, 1), all]) {
    const run = await store.run({ topics: 't' });
    for (const record of some) await run.put([record]);
    await run.close();
    t.same(await store.cql('SELECT l FROM t'), [{ l: [2, 3] }]);
  }
});
