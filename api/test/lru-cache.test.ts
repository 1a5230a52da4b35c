import t from 'tap';
import { LruCache } from '../src/index.ts';

t.test('a cache forgets what was used longest ago', async (t) => {
  const cache = new LruCache<string, number>(2);
  cache.set('a', 1);
  cache.set('b', 2);
  t.equal(cache.get('a'), 1);
  cache.set('c', 3);
  t.equal(cache.get('b'), undefined);
  t.equal(cache.get('a'), 1);
  t.equal(cache.get('c'), 3);
});

t.test('a value that is set again is as good as used', async (t) => {
  const cache = new LruCache<string, number>(2);
  cache.set('a', 1);
  cache.set('b', 2);
  cache.set('a', 10);
  cache.set('c', 3);
  t.equal(cache.get('a'), 10);
  t.equal(cache.get('b'), undefined);
});

t.test('drop forgets a key only while it has the value that is meant', async (t) => {
  const cache = new LruCache<string, number>(2);
  cache.set('a', 1);
  cache.drop('a', 2);
  t.equal(cache.get('a'), 1);
  cache.drop('a', 1);
  t.equal(cache.get('a'), undefined);
});
