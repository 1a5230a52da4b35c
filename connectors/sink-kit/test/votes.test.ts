import { Votes } from '@tributary/sink-kit';
import t from 'tap';

t.test('what was seen most has the last word, of the same number what came first', async (t) => {
  const votes = new Votes<string>();
  for (const [name, seen] of [
    ['b', 'text'],
    ['a', 'number'],
    ['b', 'number'],
    ['b', 'number'],
    ['a', 'text'],
  ] as const)
    votes.add(name, seen);
  t.same(
    [...votes.result()],
    [
      ['b', 'number'],
      ['a', 'number'],
    ],
  );
});
