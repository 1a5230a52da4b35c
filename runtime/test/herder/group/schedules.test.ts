/**
 * The assignor under schedules made by chance: workers join, leave, come back with or without their work, miss their assignments;
 * connectors come, go and change their number of tasks; leaders change; time passes. TRIBUTARY_CASES sets how many schedules (default
 * 1000), TRIBUTARY_SEED the first: a number (default 1) or `random`. A failure names the seed of its schedule.
 */
import assert from 'node:assert/strict';
import t, { type Test } from 'tap';
import { assign } from '../../../src/herder/group/assignor.ts';
import { itemsOf } from '../../../src/herder/group/items.ts';
import type { WorkShare } from '../../../src/herder/group/work.ts';
import { type Chance, chance } from './chance.ts';
import { assertEven, Cluster, type Worker } from './cluster.ts';

const { TRIBUTARY_SEED: given = '1' } = process.env;
const firstSeed = given === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(given);
const cases = Number(process.env.TRIBUTARY_CASES ?? 1_000);

t.setTimeout(110_000);

const EVENTS = 25;
const CONNECTORS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const URLS = Array.from({ length: 7 }, (_, i) => `http://w${i}/`);

const keys = (share: WorkShare): ReadonlySet<string> => new Set(itemsOf(share).keys());

/** Runs `check` for many seeds; a failure says for which. */
function forSeeds(t: Test, count: number, check: (random: Chance) => void): void {
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    try {
      check(chance(seed));
    } catch (error) {
      throw new Error(`TRIBUTARY_SEED=${seed} TRIBUTARY_CASES=1: ${(error as Error).message}`, { cause: error });
    }
  }
  t.pass(`${count} from TRIBUTARY_SEED=${firstSeed} on`);
}

function anyTasks(random: Chance, most = 6): Record<string, number> {
  return Object.fromEntries(CONNECTORS.filter(() => random.percent(60)).map((name) => [name, random.below(most + 1)]));
}

/** One event, of which the group may need to hear. */
function happen(random: Chance, group: Cluster, away: Worker[]): void {
  const present = group.workers;
  const freeUrls = URLS.filter((url) => present.every((worker) => worker.url !== url));
  switch (random.below(8)) {
    case 0:
      if (freeUrls.length > 0) group.join(random.pick(freeUrls));
      return;
    case 1:
    case 2: {
      if (present.length === 1) return;
      const gone = random.pick(present);
      group.leave(gone);
      away.push(gone);
      return;
    }
    case 3:
    case 4: {
      const gone = away.splice(random.below(away.length + 1), 1)[0];
      // With a new member id; it may have stopped its work or, as a zombie, still run what it had.
      if (gone && freeUrls.includes(gone.url)) group.join(gone.url, random.percent(40) ? gone.runs : undefined);
      return;
    }
    case 5:
      group.configure(anyTasks(random));
      return;
    case 6: {
      const counts = Object.fromEntries(
        group.configured.connectors.map((name) => [
          name,
          group.configured.tasks.filter(({ connector }) => connector === name).length,
        ]),
      );
      const name = random.pick(CONNECTORS);
      group.configure({ ...counts, [name]: Math.max(0, (counts[name] ?? 0) + random.pick([-2, -1, 1, 2, 5])) });
      return;
    }
    case 7:
      group.changeLeader();
  }
}

t.test(`${cases} schedules from TRIBUTARY_SEED=${firstSeed} on: all work has one owner, and is even`, async (t) => {
  let mostRounds = 0;
  forSeeds(t, cases, (random) => {
    const group = new Cluster(random.pick([0, 1_000, 300_000]));
    group.configure(anyTasks(random));
    group.join(URLS[0]!);
    const away: Worker[] = [];
    for (let event = 0; event < EVENTS; event++) {
      for (let together = random.below(3); together >= 0; together--) happen(random, group, away);
      const missed = random.percent(20);
      const { rounds } = group.settle(missed ? () => random.percent(30) : undefined);
      if (!missed) mostRounds = Math.max(mostRounds, rounds);
      if (random.percent(40)) group.pass(random.pick([1, 500, 1_000, 100_000, 300_000]));
    }
    group.passAll();
    assert.equal(group.settle().rounds, 1, 'a quiet group stays as it is');
  });
  t.ok(mostRounds <= 2, `quiet after ${mostRounds} rounds at most`);
});

/** A quiet group of 1 to 7 workers, and the keys of what each runs. */
function quiet(random: Chance, least: number): Cluster {
  const group = new Cluster(300_000);
  group.configure(anyTasks(random, 12));
  const workers = least + random.below(URLS.length - least);
  for (const url of URLS.slice(0, workers)) {
    group.join(url);
    if (random.percent(50)) group.settle();
  }
  group.settle();
  return group;
}

const runsOf = (workers: readonly Worker[]): string => JSON.stringify(workers.map(({ runs }) => runs));
const sizeOf = ({ connectors, tasks }: WorkShare): number => connectors.length + tasks.length;

t.test('who joins moves the fewest that can be: of each kind an even share, rounded down', async (t) => {
  forSeeds(t, cases, (random) => {
    const group = quiet(random, 1);
    const others = group.workers;
    const joined = group.join('http://new/');
    const { rounds, revoked, assigned } = group.settle();
    assert(rounds <= 2, `${rounds} rounds`);
    const members = others.length + 1;
    const { connectors, tasks } = group.configured;
    const fewest = Math.floor(connectors.length / members) + Math.floor(tasks.length / members);
    assert.deepEqual([revoked.size, assigned.size], [fewest, fewest]);
    assert.deepEqual(keys(joined.runs), assigned);
  });
});

t.test('who leaves and comes back in time has its own again, and nothing else moves', async (t) => {
  forSeeds(t, cases, (random) => {
    const group = quiet(random, 2);
    const gone = random.pick(group.workers);
    group.leave(gone);
    const others = group.workers;
    const before = runsOf(others);
    group.settle();
    group.pass(random.below(299_000));
    const stillRuns = random.percent(30);
    const back = group.join(gone.url, stillRuns ? gone.runs : undefined);
    const { rounds, revoked, assigned } = group.settle();
    assert.deepEqual([rounds, revoked.size, assigned.size], [1, 0, stillRuns ? 0 : sizeOf(gone.runs)]);
    assert.deepEqual(back.runs, gone.runs);
    assert.equal(runsOf(others), before);
    assert(!group.waits);
  });
});

t.test('who leaves for good moves its own work alone', async (t) => {
  forSeeds(t, cases, (random) => {
    const group = quiet(random, 2);
    const gone = random.pick(group.workers);
    group.leave(gone);
    const before = group.workers.map(({ runs }) => keys(runs));
    group.settle();
    group.passAll();
    group.workers.forEach(({ runs }, i) => {
      const now = keys(runs);
      for (const key of before[i]!) assert(now.has(key), `${key} was moved`);
    });
    for (const counts of group.counts()) assertEven(counts);
  });
});

t.test(
  'the order in which members, work and memory are listed does not matter, and the memory stays as it was',
  async (t) => {
    const reversed = ({ connectors, tasks }: WorkShare): WorkShare => {
      return { connectors: connectors.toReversed(), tasks: tasks.toReversed() };
    };
    forSeeds(t, Math.ceil(cases / 10), (random) => {
      const group = quiet(random, 3);
      for (let gone = 0; gone < 2; gone++) group.leave(random.pick(group.workers));
      group.join('http://new/', group.workers[0]!.runs);
      const { memory, maxDelayMs } = group;
      const configured = { ...group.configured, connectors: ['new', ...group.configured.connectors] };
      const members = group.workers.map(({ id, url, runs }) => [id, { url, assignment: runs }] as const);
      const rest = { now: random.below(1_000_000), maxDelayMs, generation: memory.generation + 1 };
      const before = structuredClone(memory);
      const one = assign({ ...rest, members: new Map(members), configured, memory });
      assert.deepEqual(memory, before);
      const other = assign({
        ...rest,
        members: new Map(
          members
            .map(([id, { url, assignment }]) => [id, { url, assignment: reversed(assignment) }] as const)
            .reverse(),
        ),
        configured: reversed(configured),
        memory: {
          ...memory,
          places: memory.places.map((place) => ({ ...place, share: reversed(place.share) })).reverse(),
        },
      });
      assert.deepEqual(one, other);
    });
  },
);
