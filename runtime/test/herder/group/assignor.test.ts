import t from 'tap';
import { assign } from '../../../src/herder/group/assignor.ts';
import { EMPTY_MEMORY } from '../../../src/herder/group/assignor-memory.ts';
import { itemsOf } from '../../../src/herder/group/items.ts';
import { NO_WORK, type WorkShare } from '../../../src/herder/group/work.ts';
import { Cluster, type Settled, type Worker } from './cluster.ts';

const DELAY = 300_000;

const task = (connector: string, task: number) => ({ connector, task });
const keys = (share: WorkShare) => new Set(itemsOf(share).keys());
const sizes = (worker: Worker) => [worker.runs.connectors.length, worker.runs.tasks.length];
const extra = (of: ReadonlySet<string>, beyond: ReadonlySet<string>) => [...of].filter((key) => !beyond.has(key));
const nothingMoved = { revoked: new Set<string>(), assigned: new Set<string>() };
const moves = ({ revoked, assigned }: Settled) => ({ revoked, assigned });

/** A quiet group of workers `http://w0/` and so on. */
function cluster(workers: number, tasks: Readonly<Record<string, number>>, delay = DELAY): Cluster {
  const cluster = new Cluster(delay);
  cluster.configure(tasks);
  for (let i = 0; i < workers; i++) cluster.join(`http://w${i}/`);
  cluster.settle();
  return cluster;
}

const NINE = { a: 3, b: 3, c: 3 };

t.test('what is new is shared out evenly in one round, each connector over all members', async (t) => {
  const group = cluster(3, NINE);
  t.strictSame(group.workers.map(sizes), [
    [1, 3],
    [1, 3],
    [1, 3],
  ]);
  for (const { runs } of group.workers) t.strictSame(new Set(runs.tasks.map(({ connector }) => connector)).size, 3);
});

t.test('a new connector goes to those who have least', async (t) => {
  const group = cluster(3, { a: 2 });
  group.configure({ a: 2, b: 4 });
  const { rounds, revoked } = group.settle();
  t.strictSame({ rounds, revoked }, { rounds: 1, revoked: new Set() });
  t.strictSame(
    group.workers.map(({ runs }) => runs.tasks.length),
    [2, 2, 2],
  );
});

t.test('what was deleted is revoked, also by a leader that never knew of it', async (t) => {
  const group = cluster(2, NINE);
  group.changeLeader();
  group.configure({ a: 3, b: 3 });
  group.settle();
  t.ok(group.workers.every(({ runs }) => !runs.connectors.includes('c')));
});

t.test('fewer tasks: those that are gone stop, and nothing moves', async (t) => {
  const group = cluster(3, NINE);
  group.configure({ a: 2, b: 2, c: 2 });
  t.strictSame(moves(group.settle()), { revoked: new Set(['2 a', '2 b', '2 c']), assigned: new Set() });
});

t.test(
  'a member joins: the fewest that even it out are revoked in one round and given to it in the next',
  async (t) => {
    const group = cluster(3, { a: 4, b: 4, c: 4, d: 4 });
    const before = group.workers.map(({ runs }) => keys(runs));
    const joined = group.join('http://w3/');
    const first = group.round();
    t.equal(keys(first.result.assignments.get(joined.id)!.assigned).size, 0);
    const second = group.round();
    t.strictSame(sizes(joined), [1, 4]);
    t.ok(!second.again);
    // Nobody else was given anything.
    group.workers.slice(0, 3).forEach(({ runs }, i) => {
      t.strictSame(extra(keys(runs), before[i]!), []);
    });
  },
);

t.test('the one who joins gets tasks of different connectors', async (t) => {
  const tasks = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`c${i}`, 6]));
  const group = cluster(3, tasks);
  const joined = group.join('http://w3/');
  group.settle();
  t.equal(joined.runs.tasks.length, 18);
  t.ok(new Set(joined.runs.tasks.map(({ connector }) => connector)).size >= 9);
});

t.test('a connector with many tasks gives up more of them than one with few', async (t) => {
  const group = cluster(1, { a: 6, b: 2 });
  const joined = group.join('http://w1/');
  group.settle();
  t.strictSame(
    joined.runs.tasks.map(({ connector }) => connector),
    ['a', 'a', 'a', 'b'],
  );
});

t.test('a member that is gone is waited for, and what it had is then shared out; nothing else moves', async (t) => {
  const group = cluster(3, NINE);
  const [gone, ...others] = group.workers as [Worker, ...Worker[]];
  group.leave(gone);
  t.strictSame(moves(group.settle()), nothingMoved);
  const { result } = group.round();
  t.ok(result.delayMs > DELAY - 1_000 && result.delayMs < DELAY, 'the same deadline in a later round');
  t.strictSame(moves(group.settle()), nothingMoved);
  group.pass(DELAY - 1_000);
  t.strictSame(others.map(sizes), [
    [1, 3],
    [1, 3],
  ]);
  group.pass(1_000);
  t.notOk(group.waits);
  t.strictSame(others.map(({ runs }) => runs.tasks.length).sort(), [4, 5]);
});

t.test('without a delay its work is shared out at once', async (t) => {
  const group = cluster(3, NINE, 0);
  const [gone] = group.workers as [Worker];
  group.leave(gone);
  const { rounds, revoked, assigned } = group.settle();
  t.strictSame({ rounds, revoked, assigned }, { rounds: 1, revoked: new Set(), assigned: keys(gone.runs) });
});

t.test('a worker that comes back has exactly its own work again at once, and nothing else moves', async (t) => {
  const group = cluster(3, NINE);
  const [gone] = group.workers as [Worker];
  group.leave(gone);
  group.settle();
  group.pass(10_000);
  const back = group.join(gone.url);
  const { rounds, revoked } = group.settle();
  t.strictSame({ rounds, revoked }, { rounds: 1, revoked: new Set() });
  t.strictSame(back.runs, gone.runs);
  t.notOk(group.waits);
});

t.test('a worker that was away and back between two rounds has its work again too', async (t) => {
  const group = cluster(3, NINE);
  const [gone] = group.workers as [Worker];
  group.leave(gone);
  const back = group.join(gone.url);
  group.settle();
  t.strictSame(back.runs, gone.runs);
});

t.test('a worker that comes back still running its work keeps it', async (t) => {
  const group = cluster(3, NINE);
  const [gone] = group.workers as [Worker];
  group.leave(gone);
  group.settle();
  const back = group.join(gone.url, gone.runs);
  t.strictSame(moves(group.settle()), nothingMoved);
  t.strictSame(back.runs, gone.runs);
});

t.test('one that comes back to find its work given to others gives it up, and gets its share anew', async (t) => {
  const group = cluster(3, NINE);
  const [gone, ...others] = group.workers as [Worker, ...Worker[]];
  group.leave(gone);
  group.settle();
  group.passAll();
  const zombie = group.join(gone.url, gone.runs);
  const { result } = group.round();
  t.strictSame(result.assignments.get(zombie.id)!.revoked, gone.runs);
  for (const { id } of others) {
    const { revoked } = result.assignments.get(id)!;
    t.ok(keys(revoked).size <= 2, 'and the others give it its share');
  }
  group.settle();
  t.strictSame(group.counts()[1], [3, 3, 3]);
});

t.test('two that run the same, and a leader that knows of neither: one of them stops', async (t) => {
  const group = new Cluster(DELAY);
  group.configure({ a: 1 });
  const both = { connectors: ['a'], tasks: [task('a', 0)] };
  group.join('http://w0/', both);
  group.join('http://w1/', both);
  const { assigned, revoked } = group.settle();
  t.strictSame({ assigned: assigned.size, revoked: revoked.size }, { assigned: 0, revoked: 2 });
});

t.test('of two that run the same, the one that runs more stops it', async (t) => {
  const group = new Cluster(DELAY);
  group.configure({ a: 4 });
  const busy = group.join('http://w0/', { connectors: ['a'], tasks: [0, 1, 2].map((n) => task('a', n)) });
  const idle = group.join('http://w1/', { connectors: [], tasks: [task('a', 0)] });
  group.settle();
  t.strictSame(busy.runs.tasks, [task('a', 1), task('a', 2)]);
  t.strictSame(idle.runs.tasks, [task('a', 0), task('a', 3)]);
});

t.test('what a member has given up is not waited for when it then leaves', async (t) => {
  const group = cluster(1, { a: 4 });
  const [gone] = group.workers as [Worker];
  const joined = group.join('http://w1/');
  const { result } = group.round();
  const { revoked } = result.assignments.get(gone.id)!;
  t.equal(revoked.tasks.length, 2);
  group.leave(gone);
  group.settle();
  t.strictSame(joined.runs.tasks, revoked.tasks);
  t.ok(group.waits, 'unlike what it still had');
});

t.test('a new leader takes what nobody runs for new', async (t) => {
  const group = cluster(3, NINE);
  const [gone] = group.workers as [Worker];
  group.leave(gone);
  group.changeLeader();
  const { rounds, assigned, revoked } = group.settle();
  t.strictSame({ rounds, assigned, revoked }, { rounds: 1, assigned: keys(gone.runs), revoked: new Set() });
});

t.test('a leader that has missed generations is a new leader', async (t) => {
  const group = cluster(2, NINE);
  const [stays] = group.workers as [Worker];
  const members = new Map([[stays.id, { url: stays.url, assignment: stays.runs }]]);
  const input = { now: group.now, maxDelayMs: DELAY, members, configured: group.configured, memory: group.memory };
  const { generation } = group.memory;
  t.equal(assign({ ...input, generation: generation + 1 }).delayMs, DELAY);
  const anew = assign({ ...input, generation: generation + 2 });
  t.equal(anew.delayMs, 0);
  t.equal(keys(anew.assignments.get(stays.id)!.assigned).size, 12 - keys(stays.runs).size);
});

t.test('while work waits for a member, new work starts and nothing is moved to one that joins', async (t) => {
  const group = cluster(3, NINE);
  group.leave(group.workers[0]!);
  group.settle();
  const joined = group.join('http://w9/');
  t.strictSame(moves(group.settle()), nothingMoved);
  group.configure({ ...NINE, d: 2 });
  const { revoked, assigned } = group.settle();
  t.strictSame({ revoked, assigned }, { revoked: new Set(), assigned: new Set(['-1 d', '0 d', '1 d']) });
  group.passAll();
  t.strictSame(sizes(joined)[1], 4, 'what waited has gone to it');
});

t.test('two leave one after the other: each is waited for as long', async (t) => {
  const group = cluster(3, NINE);
  const [first, second, last] = group.workers as [Worker, Worker, Worker];
  group.leave(first);
  group.settle();
  group.pass(100_000);
  group.leave(second);
  group.settle();
  group.pass(DELAY - 100_000);
  t.equal(last.runs.tasks.length, 6);
  t.ok(group.waits);
  const back = group.join(second.url);
  group.settle();
  t.strictSame(sizes(back)[1]! + sizes(last)[1]!, 9);
});

t.test('a member that missed its assignment gets it in the next round', async (t) => {
  const group = new Cluster(DELAY);
  group.configure(NINE);
  const [first, second] = [group.join('http://w0/'), group.join('http://w1/')];
  const { result } = group.round((worker) => worker === second);
  t.strictSame(sizes(second), [0, 0]);
  t.strictSame(moves(group.settle()).revoked, new Set());
  t.strictSame(second.runs, result.assignments.get(second.id)!.assigned);
  t.strictSame(first.runs, result.assignments.get(first.id)!.assigned);
});

t.test('a member that does not give up what it should is asked again ever more seldom', async (t) => {
  const group = cluster(1, NINE);
  const stubborn = group.workers[0]!;
  const refuses = (worker: Worker) => worker === stubborn;
  group.join('http://w1/');
  const pauses: number[] = [];
  for (let asked = 0; asked < 9; ) {
    const { result } = group.round(refuses);
    if (keys(result.assignments.get(stubborn.id)!.revoked).size > 0) asked++;
    else pauses.push(Math.round(result.delayMs / 1_000));
    group.now += result.delayMs;
  }
  t.strictSame(pauses, [1, 2, 4, 8, 16, 32, 60]);
  group.settle();
  group.passAll();
  t.strictSame(group.counts()[1].sort(), [4, 5]);
});

t.test('what is given back is cut to a fair share, so that nothing starts only to stop again', async (t) => {
  const group = cluster(2, { a: 6 });
  const [gone] = group.workers as [Worker];
  group.leave(gone);
  const back = group.join(gone.url);
  const joined = group.join('http://w9/');
  const { result } = group.round();
  t.equal(result.assignments.get(back.id)!.assigned.tasks.length, 2);
  t.strictSame(extra(keys(result.assignments.get(back.id)!.assigned), keys(gone.runs)), []);
  t.equal(result.assignments.get(joined.id)!.assigned.tasks.length, 1);
});

t.test(
  'where one must have more than the others, it is rather one that runs its work than one that comes back for it',
  async (t) => {
    const group = cluster(2, { a: 4 });
    const [gone, running] = group.workers as [Worker, Worker];
    group.leave(gone);
    group.join(gone.url);
    group.join('http://w9/');
    const { result } = group.round();
    t.equal(result.assignments.get(running.id)!.revoked.tasks.length, 0);
  },
);

t.test('a group without members is refused', async (t) => {
  const input = { now: 0, maxDelayMs: 0, generation: 1, members: new Map(), configured: NO_WORK, memory: EMPTY_MEMORY };
  t.throws(() => assign(input), RangeError);
});
