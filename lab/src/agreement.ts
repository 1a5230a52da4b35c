import { setTimeout as sleep } from 'node:timers/promises';
import { APPEND, EXACT, type Lab } from './lab.ts';
import { ask, type Json } from './rest.ts';

const POLL_MS = 250;

/** The worker of each task that runs, by `connector-task`. */
export type Places = ReadonlyMap<string, string>;

export function placesOf(all: Json): Places {
  const places = new Map<string, string>();
  for (const [name, { status }] of Object.entries<Json>(all))
    for (const task of status?.tasks ?? [])
      if (task.state === 'RUNNING') places.set(`${name}-${task.id}`, task.worker_id);
  return places;
}

/** What keeps the answers of a cluster from being what they should: everything runs, once each, and all workers say the same. */
async function problems(lab: Lab): Promise<readonly string[]> {
  const awake = lab.workers.filter((worker) => worker.awake);
  const answers = await Promise.all(
    awake.map(async (worker) => (await ask(worker, 'GET', '/connectors?expand=status&expand=info')).json),
  );
  const [first] = answers;
  const found: string[] = [];
  awake.forEach((worker, i) => {
    if (JSON.stringify(sorted(answers[i])) !== JSON.stringify(sorted(first)))
      found.push(`worker ${worker.number} answers otherwise than worker ${awake[0]!.number}`);
  });
  for (const name of [...lab.topics, APPEND, EXACT])
    if (!first[name]?.status) found.push(`connector ${name} is not there`);
  for (const [name, { status, info }] of Object.entries<Json>(first)) {
    if (!status || !info) continue;
    if (info.tasks.length === 0) found.push(`${name} has no tasks`);
    if (status.connector.state !== 'RUNNING') found.push(`connector ${name} is ${status.connector.state}`);
    if (status.tasks.length !== info.tasks.length)
      found.push(`${name} has ${info.tasks.length} tasks and ${status.tasks.length} states`);
    for (const { id, state, trace } of status.tasks)
      if (state !== 'RUNNING') found.push(`task ${name}-${id} is ${state}${trace ? `: ${trace.split('\n')[0]}` : ''}`);
  }
  const places = placesOf(first);
  const running = await Promise.all(awake.map(async (worker) => [worker.workerId, await tasksOf(worker.url)] as const));
  for (const task of new Set([...places.keys(), ...running.flatMap(([, tasks]) => tasks)])) {
    const where = running.filter(([, tasks]) => tasks.includes(task)).map(([workerId]) => workerId);
    const told = places.get(task);
    if (where.length !== 1 || where[0] !== told)
      found.push(`task ${task} runs on ${where.join(' and ') || 'no worker'}, its state says ${told ?? 'nowhere'}`);
  }
  return found;
}

/** The tasks that a worker runs, by its metrics. */
async function tasksOf(url: string): Promise<readonly string[]> {
  const text = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) })).text();
  const lines = text.matchAll(/^kafka_connect_connector_task_metrics_status\{([^}]*)\}/gm);
  return [...lines].map(([, labels]) => {
    const label = (name: string): string => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels!)![1]!;
    return `${label('connector')}-${label('task')}`;
  });
}

function sorted(all: Json): Json {
  const entries = Object.entries<Json>(all).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([name, { status, info }]) => {
    const { tasks, ...rest } = status ?? { tasks: [] };
    return [name, rest, tasks.toSorted((a: Json, b: Json) => a.id - b.id), info];
  });
}

/**
 * Waits until everything runs, each task on the one worker that its state names, and all workers say the same.
 * @returns what is still wrong after `timeoutMs`
 */
export async function agreement(lab: Lab, timeoutMs: number): Promise<readonly string[]> {
  const deadline = Date.now() + timeoutMs;
  while (true) {
    const found = await problems(lab).catch((error: unknown) => [String(error)]);
    if (found.length === 0 || Date.now() > deadline) return found;
    await sleep(POLL_MS);
  }
}
