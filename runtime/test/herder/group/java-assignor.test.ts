/** What moves with our assignor and with Java's, for the same events in a group with 100 connectors of 10 tasks each. */
import { join } from 'node:path';
import { javaRun, skipUnlessAvailable } from '@tributary/services';
import t from 'tap';
import { Cluster } from './cluster.ts';

const CONNECTORS = 100;
const TASKS = 10;
const DELAY = 300_000;

/** Ids of workers that join or leave together, or ms that pass. A worker comes back under the same URL as another member: `w0`, `w0~`. */
type Event = { readonly join: readonly string[] } | { readonly leave: readonly string[] } | { readonly pass: number };

interface Moved {
  /** Rebalances. */
  readonly rounds: number;
  /** Tasks that workers in the group had to stop. */
  readonly stopped: number;
  readonly started: number;
  /** Whether some work waits for a worker to come back, or for a time when it may be moved. */
  readonly waits: boolean;
}

/** For each schedule, in one run of Java, what moved at each event. */
async function java(schedules: ReadonlyArray<readonly Event[]>): Promise<Moved[][]> {
  const lines = schedules.flatMap((events) => [{ begin: true }, ...events]);
  const printed = await javaRun({
    sourceFile: join(import.meta.dirname, 'AssignorOracle.java'),
    args: [CONNECTORS, TASKS, DELAY].map(String),
    stdin: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  });
  const answers: Moved[] = printed
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  return schedules.map((events) => answers.splice(0, events.length));
}

function ours(events: readonly Event[]): Moved[] {
  const group = new Cluster(DELAY);
  group.configure(Object.fromEntries(Array.from({ length: CONNECTORS }, (_, i) => [`connector-${i}`, TASKS])));
  const urlOf = (id: string) => `http://${id.replace('~', '')}/`;
  return events.map((event) => {
    if ('join' in event) for (const id of event.join) group.join(urlOf(id));
    if ('leave' in event) {
      for (const worker of group.workers) if (event.leave.some((id) => worker.url === urlOf(id))) group.leave(worker);
    }
    const settled = 'pass' in event ? group.pass(event.pass) : [group.settle()];
    const tasks = (of: 'revoked' | 'assigned') =>
      settled.reduce((sum, each) => sum + [...each[of]].filter((key) => !key.startsWith('-1 ')).length, 0);
    return {
      rounds: settled.reduce((sum, { rounds }) => sum + rounds, 0),
      stopped: tasks('revoked'),
      started: tasks('assigned'),
      waits: group.waits,
    };
  });
}

const THREE: Event = { join: ['w0', 'w1', 'w2'] };
const SCHEDULES: Readonly<Record<string, readonly Event[]>> = {
  'a fourth worker joins': [THREE, { join: ['w3'] }],
  'workers join one after the other': [
    { join: ['w0'] },
    { join: ['w1'] },
    { join: ['w2'] },
    { join: ['w3'] },
    { join: ['w4'] },
    { pass: 600_000 },
  ],
  'one of three leaves for good': [THREE, { leave: ['w0'] }, { pass: DELAY }],
  'one of three leaves and is back after 10 s': [
    THREE,
    { leave: ['w0'] },
    { pass: 10_000 },
    { join: ['w0~'] },
    { pass: DELAY },
  ],
  'one leaves for good and another joins after 10 s': [
    THREE,
    { leave: ['w0'] },
    { pass: 10_000 },
    { join: ['w3'] },
    { pass: 600_000 },
  ],
  'one leaves, and another 100 s later, which comes back': [
    THREE,
    { leave: ['w0'] },
    { pass: 100_000 },
    { leave: ['w1'] },
    { pass: 150_000 },
    { join: ['w1~'] },
    { pass: 600_000 },
  ],
};

t.test('no more moves than with Java', { skip: await skipUnlessAvailable('java'), timeout: 110_000 }, async (t) => {
  const all = await java(Object.values(SCHEDULES));
  Object.entries(SCHEDULES).forEach(([name, events], index) => {
    const [mine, javas] = [ours(events), all[index]!];
    t.equal(javas.length, events.length, name);
    events.forEach((event, i) => {
      const told = (moved: Moved) =>
        `${moved.stopped} stopped, ${moved.started} started, ${moved.rounds} rounds${moved.waits ? ', waits' : ''}`;
      t.comment(`${name}: ${JSON.stringify(event)}: ${told(mine[i]!)}; Java: ${told(javas[i]!)}`);
    });
    const sum = (moved: readonly Moved[]) => moved.reduce((sum, { stopped }) => sum + stopped, 0);
    t.ok(sum(mine) <= sum(javas), `${name}: ${sum(mine)} tasks stopped, with Java ${sum(javas)}`);
    t.notOk(mine.at(-1)!.waits);
  });
});
