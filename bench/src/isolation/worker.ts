import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts, type Properties } from '@tributary/services';
import type { Stage } from '../side-by-side/run.ts';
import { WORKERS, type WorkerProcess } from '../side-by-side/workers.ts';

export const PLACES = ['shared', 'thread', 'process'] as const;
export type Place = (typeof PLACES)[number];

/** Where the plugins of this benchmark are. */
export const PLUGINS = join(import.meta.dirname, 'plugin');

export interface BenchWorker extends Omit<WorkerProcess, 'pid'> {
  readonly pid: number;
  readonly folder: string;
  readonly name: string;
  create(name: string, config: Properties): Promise<void>;
  states(name: string): Promise<readonly string[]>;
}

/** A worker of ours, with one connector that does nothing. */
export async function benchWorker(stage: Stage, workerProps: Properties): Promise<BenchWorker> {
  const name = `bench-isolation-${randomBytes(6).toString('hex')}`;
  const folder = join(stage.folder, name);
  mkdirSync(folder);
  const [port] = await freePorts(1);
  const job = {
    bootstrap: stage.kafka.bootstrap,
    name,
    folder,
    port: port!,
    config: { 'connector.class': 'bench.IdleSource' },
  };
  const worker = WORKERS.tributary(job, {
    ...stage.workerOptions,
    workerProps: { 'plugin.path': PLUGINS, 'log.level': 'warn', ...workerProps },
  });
  const healthy = async (): Promise<void> => {
    while (!(await fetch(`${worker.url}/health`).catch(() => null))?.ok) await sleep(10);
  };
  await Promise.race([healthy(), worker.failure]);
  return {
    ...worker,
    pid: worker.pid()!,
    folder,
    name,
    async create(connector, config) {
      const answer = await fetch(`${worker.url}/connectors/${connector}/config`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(config),
      });
      if (!answer.ok) throw new Error(`${connector}: ${await answer.text()}`);
    },
    async states(connector) {
      const answer = await fetch(`${worker.url}/connectors/${connector}/status`);
      if (!answer.ok) return [];
      return ((await answer.json()) as { tasks: { state: string }[] }).tasks.map(({ state }) => state);
    },
  };
}
