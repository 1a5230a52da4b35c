import { setTimeout as sleep } from 'node:timers/promises';
import { agreement, type Places, placesOf } from './agreement.ts';
import type { Connectors } from './connectors.ts';
import type { Lab } from './lab.ts';
import { ask } from './rest.ts';

/** How long a change of the group may take until everything runs again, ms. */
const SETTLED_MS = 120_000;
const POLL_MS = 100;

/** What one change of the group brought about. */
export interface GroupFact {
  readonly what: string;
  readonly tasks: number;
  /** Tasks of workers that stayed that were given to another worker all the same. */
  readonly movedNeedlessly: number;
  /** Tasks that run elsewhere than before. */
  readonly moved: number;
  /** The fewest that must move so that each worker has as many as the others, or one fewer. */
  readonly least: number;
  /** From the change until every task ran on a living worker, ms. */
  readonly settledMs: number;
}

async function places(lab: Lab): Promise<Places> {
  return placesOf(await lab.rest.must('GET', '/connectors?expand=status'));
}

/** Waits until all `tasks` run on workers that are awake, as the states tell. @returns when, ms since 1970 */
async function untilTakenOver(lab: Lab, tasks: number): Promise<number> {
  const deadline = Date.now() + SETTLED_MS;
  while (Date.now() < deadline) {
    const awake = new Set(lab.workers.filter((worker) => worker.awake).map(({ workerId }) => workerId));
    const now = await places(lab);
    if (now.size === tasks && [...now.values()].every((workerId) => awake.has(workerId))) return Date.now();
    await sleep(POLL_MS);
  }
  lab.violation(`not all tasks ran within ${SETTLED_MS / 1000} s of a change of the group`);
  return Date.now();
}

async function measured(
  lab: Lab,
  what: string,
  gone: readonly string[],
  change: () => Promise<void>,
): Promise<GroupFact> {
  const before = await places(lab);
  const startedMs = Date.now();
  await change();
  const takenOverMs = await untilTakenOver(lab, before.size);
  for (const problem of await agreement(lab, SETTLED_MS)) lab.violation(`after '${what}': ${problem}`);
  const after = await places(lab);
  const changed = [...before].filter(([task, workerId]) => after.get(task) !== workerId);
  const joined = [...new Set(after.values())].filter((workerId) => ![...before.values()].includes(workerId));
  const needless = changed.filter(([task, workerId]) => !gone.includes(workerId) && !joined.includes(after.get(task)!));
  const ofTheGone = [...before.values()].filter((workerId) => gone.includes(workerId)).length;
  const workers = lab.workers.filter((worker) => worker.awake).length;
  const fact = {
    what,
    tasks: before.size,
    moved: changed.length,
    movedNeedlessly: needless.length,
    least: gone.length > 0 ? ofTheGone : Math.floor(before.size / workers),
    settledMs: takenOverMs - startedMs,
  };
  lab.note(
    `${what}: ${fact.moved} of ${fact.tasks} tasks moved (least possible: ${fact.least}), ${fact.movedNeedlessly} needlessly; all ran after ${(fact.settledMs / 1000).toFixed(1)} s`,
  );
  return fact;
}

/** Changes a config and waits until every worker tells the new one. @returns how long that took, ms */
export async function untilAllTell(lab: Lab, connectors: Connectors): Promise<number> {
  const note = `seen ${Date.now()}`;
  const [name] = lab.topics as [string];
  await connectors.change(name, { note });
  const changedMs = Date.now();
  const awake = lab.workers.filter((worker) => worker.awake);
  for (const worker of awake) {
    const tells = async (): Promise<boolean> =>
      (await ask(worker, 'GET', `/connectors/${name}/config`)).json.note === note;
    while (!(await tells().catch(() => false))) {
      if (Date.now() - changedMs > SETTLED_MS) {
        lab.violation(`worker ${worker.number} does not tell a config that was changed ${SETTLED_MS / 1000} s ago`);
        break;
      }
      await sleep(5);
    }
  }
  const tookMs = Date.now() - changedMs;
  lab.note(`a changed config shows on all ${awake.length} workers ${tookMs} ms after the answer to the request`);
  return tookMs;
}

/** What it costs that a worker joins, leaves in order, or is killed, while nothing else happens. */
export async function groupFacts(lab: Lab): Promise<readonly GroupFact[]> {
  const further = lab.workers.at(-1)!;
  const victim = lab.workers[0]!;
  const facts: GroupFact[] = [];
  const add = async (what: string, gone: readonly string[], change: () => Promise<void>): Promise<void> => {
    facts.push(await measured(lab, what, gone, change));
  };
  await add('a worker joins', [], async () => {
    further.start();
    await further.untilReady(SETTLED_MS);
  });
  await add('a worker leaves in order', [further.workerId], () => further.stop());
  await add('a worker is killed', [victim.workerId], () => victim.kill());
  await add('the killed worker is back', [], async () => {
    victim.start();
    await victim.untilReady(SETTLED_MS);
  });
  return facts;
}
