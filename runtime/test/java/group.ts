/** Workers of Java and ours, each in a process of its own, one after the other or together in one group. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Props } from '@tributary/api';
import { freePorts } from '@tributary/services';
import type { Test } from 'tap';
import { workerProcess } from '../support/process.ts';
import { type Answer, answerOf, until } from '../support/worker.ts';
import { javaWorker } from './pair.ts';

const POLL_MS = 100;

/** A worker of either kind. */
export interface GroupWorker {
  readonly kind: 'java' | 'ours';
  readonly url: string;
  /** As the states name it. */
  readonly id: string;
  /** Sends a request, once more while the workers come to terms. */
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** SIGTERM. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts it again after its end, at the same address. */
  start(): Promise<void>;
}

/** What both answer while there is a rebalance, or no leader yet. */
const passing = ({ status }: Answer): boolean => status === 409 || status === 503;

async function call(url: string, method: string, path: string, body?: unknown): Promise<Answer> {
  for (;;) {
    const init =
      body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const answer = await answerOf(await fetch(url + path, { method, ...init }));
    if (!passing(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

const common = (kind: GroupWorker['kind'], url: string) => ({
  kind,
  url,
  id: url.replace('http://', ''),
  call: (method: string, path: string, body?: unknown) => call(url, method, path, body),
});

/** A worker of Java; it stops when the test ends. */
export async function startJava(t: Test, dir: string, props: Props): Promise<GroupWorker> {
  const handle = await javaWorker(props, join(dir, `java-${(await freePorts(1))[0]}`));
  t.teardown(() => handle.stop());
  return {
    ...common('java', handle.url),
    stop: () => handle.stop(),
    kill: () => handle.kill(),
    start: () => handle.restart(),
  };
}

/** One of ours, as `tributary worker` starts it; it ends with the test. */
export async function startOurs(t: Test, dir: string, props: Props): Promise<GroupWorker> {
  const [port] = (await freePorts(1)) as [number];
  const own = join(dir, `ours-${port}`);
  mkdirSync(own);
  let running = await workerProcess(t, own, port, props);
  return {
    ...common('ours', running.url),
    async stop() {
      await running.stop();
    },
    kill: () => running.kill(),
    async start() {
      running = await workerProcess(t, own, port, props);
    },
  };
}

/** The state of a connector and of its tasks as a worker tells them. */
export interface States {
  readonly connector: { readonly state: string; readonly worker_id: string };
  readonly tasks: ReadonlyArray<{ readonly id: number; readonly state: string; readonly worker_id: string }>;
}

export async function statesOf(worker: GroupWorker, name: string): Promise<States | null> {
  const { status, json } = await worker.call('GET', `/connectors/${encodeURIComponent(name)}/status`);
  return status === 200 ? json : null;
}

/** Waits until a connector and its tasks are in a state, on these workers. */
export async function untilOn(
  workers: readonly GroupWorker[],
  name: string,
  state: string,
  tasks: number,
): Promise<void> {
  const ids = workers.map(({ id }) => id);
  await until(async () => {
    const states = await statesOf(workers[0]!, name);
    const all = states && [states.connector, ...states.tasks];
    return all?.length === tasks + 1 && all.every((one) => one.state === state && ids.includes(one.worker_id));
  }, POLL_MS);
}
