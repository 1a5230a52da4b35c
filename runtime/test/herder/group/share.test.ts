import t from 'tap';
import { asAssignment, isEmpty, Owners, shareAfter } from '../../../src/herder/group/share.ts';
import { NO_WORK } from '../../../src/herder/group/work.ts';

const [one, two, three] = [
  { connector: 'a', task: 0 },
  { connector: 'a', task: 1 },
  { connector: 'b', task: 0 },
];
const MADE = { error: 0, leader: 'l', leaderUrl: 'http://l/', offset: 4, delayMs: 0, token: null };

t.test('a worker has what it had, without what is taken from it, with what is new', async (t) => {
  const before = { connectors: ['a'], tasks: [one, two] };
  const after = shareAfter(before, {
    ...MADE,
    assigned: { connectors: ['b'], tasks: [three, two] },
    revoked: { connectors: ['a'], tasks: [one] },
  });
  t.same(after, { connectors: ['b'], tasks: [two, three] });
  t.same(shareAfter(before, { ...MADE, assigned: NO_WORK, revoked: before }), NO_WORK);
  t.equal(isEmpty(NO_WORK), true);
  t.equal(isEmpty({ connectors: [], tasks: [one] }), false);
});

t.test('a share tells connectors from tasks, and whose names run together', async (t) => {
  const mine = asAssignment({ connectors: ['a'], tasks: [{ connector: 'a-1', task: 1 }] }, 9);
  t.equal(mine.offset, 9);
  t.equal(mine.hasConnector('a'), true);
  t.equal(mine.hasConnector('a-1'), false);
  t.equal(mine.hasTask('a-1', 1), true);
  t.equal(mine.hasTask('a', 11), false);
  const owners = new Owners([
    ['http://x/', { connectors: ['a'], tasks: [] }],
    ['http://y/', { connectors: [], tasks: [one] }],
  ]);
  t.same(
    [owners.connector('a'), owners.connector('b'), owners.task(one), owners.task(two)],
    ['http://x/', null, 'http://y/', null],
  );
});
